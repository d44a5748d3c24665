//! Labels, annotations, pod conditions, ports and paths, from the constants of `names.rs` and their
//! documentation.

use super::source::{Constant, constants, plain};
use super::table::{code, table};

/// The sections, or `None` if the source has no constants.
pub(super) fn section(source: &str) -> Option<String> {
    let all = constants(source);
    let of = |wanted: fn(&Constant) -> bool| {
        let rows = all.iter().filter(|constant| wanted(constant));
        rows.map(|constant| [code(&constant.value), plain(&constant.doc, &all)])
            .collect::<Vec<_>>()
    };
    let (keys, ports, paths) = (of(is_key), of(is_port), of(is_path));
    if keys.is_empty() || ports.is_empty() || paths.is_empty() {
        return None;
    }
    Some(format!(
        "\n## Labels, annotations and pod conditions\n{}\n## Ports\n{}\n## Paths\n{}",
        table(["name", "meaning"], keys),
        table(["port", "meaning"], ports),
        table(["path", "meaning"], paths),
    ))
}

/// `domain/name`, as Kubernetes writes keys.
fn is_key(constant: &Constant) -> bool {
    constant
        .value
        .split_once('/')
        .is_some_and(|(domain, _)| domain.contains('.'))
}

fn is_port(constant: &Constant) -> bool {
    constant.kind == "u16" && constant.name.ends_with("_PORT")
}

fn is_path(constant: &Constant) -> bool {
    constant.name.starts_with("PATH_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_sorted_into_keys_ports_and_paths() {
        let source = "/// Label of [`KIND`].\npub const A: &str = \"a.dev/b\";\n\
                      /// Kind.\npub const KIND: &str = \"K\";\n\
                      /// A port.\npub const X_PORT: u16 = 1;\n/// A path.\npub const PATH_X: &str = \"/x\";\n";
        let text = section(source).expect("constants");
        for row in [
            "| `a.dev/b` | Label of `K`. |",
            "| `1` | A port. |",
            "| `/x` | A path. |",
        ] {
            assert!(text.contains(row), "{row} is not in {text}");
        }
        assert!(!text.contains("Kind."));
        assert_eq!(section(""), None);
    }
}

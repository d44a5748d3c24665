//! Every bound of the proxy with its unit and its reason, from its constants.

use super::source::{Constant, constants, plain};
use super::table::{code, table};

/// What the bounds are about, and the files and folders that have them.
pub(super) const PLACES: &[(&str, &[&str])] = &[
    ("Sessions, calls, visits", &["proxy/bridge/src/limits.rs"]),
    (
        "Messages and streams",
        &[
            "proxy/bridge/src/line.rs",
            "proxy/bridge/src/replay.rs",
            "proxy/bridge/src/sse_decoder/fields.rs",
            "proxy/src/driver",
        ],
    ),
    ("Doors", &["proxy/src/http", "proxy/src/drain.rs"]),
    (
        "Several pods, pools",
        &[
            "proxy/src/fleet",
            "proxy/bridge/src/refusal",
            // The ports and names in it are no bounds.
            "controller/api/src/names.rs",
        ],
    ),
    (
        "Attach",
        &[
            "proxy/bridge/src/recover",
            "proxy/src/backend/attach",
            "proxy/src/backend/pod",
            "proxy/src/backend/revive.rs",
        ],
    ),
    ("Servers over HTTP", &["proxy/src/backend/http"]),
    (
        "Local processes",
        &[
            "proxy/src/backend/process.rs",
            "proxy/src/backend/process",
            "proxy/src/backend/output.rs",
        ],
    ),
    (
        "Recordings",
        &["proxy/src/record/queue.rs", "proxy/src/record/writer.rs"],
    ),
    ("Egress gateway", &["proxy/src/egress"]),
];

/// Opens the section.
const HEAD: &str = "\n## Bounds of the proxy\n\nEvery line, wait, table and buffer of the proxy has one. None is a setting, but for the numbers of pods. What \
     happens past one is an error that says so, and is counted in `hivewright_proxy_overflow_total` where something is turned away or left out.\n";

/// The section, of the sources of each of [`PLACES`]; `None` if one has no bounds.
pub(super) fn section(sources: &[(&str, String)]) -> Option<String> {
    let all: Vec<Constant> = sources
        .iter()
        .flat_map(|(_, source)| constants(source))
        .collect();
    let mut text = String::from(HEAD);
    for (title, source) in sources {
        let own = constants(source);
        let rows: Vec<_> = own
            .iter()
            .filter_map(|bound| row(bound, &own, &all))
            .collect();
        if rows.is_empty() {
            return None;
        }
        text.extend(["\n### ", title, "\n"]);
        text.push_str(&table(["bound", "value", "meaning"], rows));
    }
    Some(text)
}

fn row(bound: &Constant, own: &[Constant], all: &[Constant]) -> Option<[String; 3]> {
    let value = match bound.kind.as_str() {
        "Duration" => duration(&bound.value)?,
        "usize" | "u32" | "u64" => Number::of(&bound.value, own, all).map_or_else(
            // A constant of another crate.
            || code(&bound.value),
            Number::shown,
        ),
        _ => return None,
    };
    Some([code(&bound.name), value, plain(&bound.doc, &[])])
}

/// `Duration::from_secs(5)` in words.
fn duration(value: &str) -> Option<String> {
    let (unit, number) = value.strip_prefix("Duration::from_")?.split_once('(')?;
    let unit = match unit {
        "millis" => "ms",
        "secs" => "s",
        "mins" => "min",
        "hours" => "h",
        _ => return None,
    };
    Some(format!("{} {unit}", number.strip_suffix(')')?))
}

/// A number, and whether it was written in powers of 1,024, which is how bytes are.
#[derive(Clone, Copy)]
struct Number {
    value: u64,
    binary: bool,
}

impl Number {
    /// Sums of products of numbers and of other constants; those of the same part first.
    fn of(value: &str, own: &[Constant], all: &[Constant]) -> Option<Self> {
        let mut sum = Self {
            value: 0,
            binary: false,
        };
        for term in value.split(" + ") {
            let mut product = 1;
            for factor in term.split(" * ") {
                let factor = Self::factor(factor, own, all)?;
                product *= factor.value;
                sum.binary |= factor.binary;
            }
            sum.binary |= term.ends_with(" * 1024");
            sum.value += product;
        }
        Some(sum)
    }

    fn factor(factor: &str, own: &[Constant], all: &[Constant]) -> Option<Self> {
        if let Ok(value) = factor.replace('_', "").parse() {
            let binary = false;
            return Some(Self { value, binary });
        }
        let name = factor.trim_end_matches(" as usize").rsplit("::").next()?;
        let found = own.iter().chain(all).find(|known| known.name == name)?;
        Self::of(&found.value, own, all)
    }

    fn shown(self) -> String {
        const UNITS: [(u64, &str); 2] = [(1024 * 1024, "MiB"), (1024, "KiB")];
        let fits = |(size, _): &&(u64, &str)| self.binary && self.value.is_multiple_of(*size);
        match UNITS.iter().find(fits) {
            Some((size, unit)) => format!("{} {unit}", grouped(self.value / size)),
            None => grouped(self.value),
        }
    }
}

/// Digits in groups of three.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str) -> String {
        section(&[("T", source.to_owned())]).expect("bounds")
    }

    #[test]
    fn bounds_are_told_with_their_units_and_what_they_are_made_of() {
        let text = of("/// B.\npub const BODY: usize = 8 * 1024 * 1024;\n\
             /// Four of [`BODY`].\npub const FOUR: usize = 4 * super::BODY;\n\
             /// N.\npub const N: u32 = 4096;\n/// S.\npub const S: usize = N as usize + N + 8;\n\
             /// T.\npub const T: Duration = Duration::from_mins(2);\n/// P.\npub const P: &str = \"p\";\n");
        for row in [
            "| `BODY` | 8 MiB | B. |",
            "| `FOUR` | 32 MiB | Four of `BODY`. |",
            "| `N` | 4,096 | N. |",
            "| `S` | 8,200 | S. |",
            "| `T` | 2 min | T. |",
        ] {
            assert!(text.contains(row), "{row} is not in {text}");
        }
        assert!(!text.contains("P."));
    }

    #[test]
    fn a_part_without_bounds_is_none() {
        assert_eq!(section(&[("T", String::new())]), None);
    }
}

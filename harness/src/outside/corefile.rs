//! Rules in CoreDNS's configuration for a few exact names.

/// The server block of kubeadm's Corefile.
const BLOCK: &str = ".:53 {";
/// What ends each rule's line, so that it is found again.
const MARK: &str = "# hivewright: a stand-in";

/// The Corefile with a rule that leads each of `names` to `host`, or with none. `None` if it is not
/// the one that is known here.
pub(super) fn with_rules(corefile: &str, names: &[&str], host: Option<&str>) -> Option<String> {
    let mut found = false;
    let mut lines = Vec::new();
    for line in corefile.lines().filter(|line| !line.ends_with(MARK)) {
        lines.push(line.to_owned());
        if line.trim() == BLOCK {
            found = true;
            let rule = |name| {
                format!(
                    "    rewrite name exact {name} {} {MARK}",
                    host.unwrap_or_default()
                )
            };
            lines.extend(names.iter().filter(|_| host.is_some()).map(rule));
        }
    }
    found.then(|| lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = ".:53 {\n    errors\n    forward . /etc/resolv.conf\n}\n";

    #[test]
    fn rules_are_put_in_once_moved_and_taken_out_again() {
        let one = with_rules(PLAIN, &["a.b"], Some("x.svc")).expect("a server block");
        assert_eq!(
            one.lines().nth(1),
            Some("    rewrite name exact a.b x.svc # hivewright: a stand-in")
        );
        assert_eq!(with_rules(&one, &["a.b"], Some("x.svc")), Some(one.clone()));
        let moved = with_rules(&one, &["a.b"], Some("y.svc")).expect("a server block");
        assert!(moved.contains("y.svc") && !moved.contains("x.svc"));
        assert_eq!(with_rules(&moved, &["a.b"], None).as_deref(), Some(PLAIN));
    }

    #[test]
    fn another_corefile_is_left_alone() {
        assert_eq!(with_rules("example.org {\n}\n", &["a.b"], Some("x")), None);
    }
}

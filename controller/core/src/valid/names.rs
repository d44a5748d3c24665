//! The kinds of names that Kubernetes knows, so that a wrong one is said in the words of the spec
//! rather than in those of an object made from it.

use std::net::IpAddr;

/// Longest DNS label, in characters (RFC 1123; also of a label's value and of its name).
const MAX_LABEL: usize = 63;
/// Longest DNS name, in characters (RFC 1123; also of a label's prefix and of a Secret's key).
const MAX_SUBDOMAIN: usize = 253;

/// Whether this is a DNS label (RFC 1123).
pub(crate) fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_LABEL
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Whether this is a DNS subdomain, as the names of most objects are (RFC 1123).
pub(crate) fn is_subdomain(text: &str) -> bool {
    text.len() <= MAX_SUBDOMAIN && text.split('.').all(is_label)
}

/// Whether this can be a host of the network: a DNS name, in which some use `_`, or an address.
pub(crate) fn is_host(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || is_subdomain(&text.replace('_', "x"))
}

/// Whether this can be a key of a Secret or ConfigMap.
pub(crate) fn is_data_key(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !text.is_empty()
        && text.len() <= MAX_SUBDOMAIN
        && text.chars().all(fits)
        && text != "."
        && !text.starts_with("..")
}

/// Whether this can be the key of a label or annotation: `name` or `prefix/name`.
pub(crate) fn is_meta_key(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_subdomain(prefix) && is_word(name),
        None => is_word(text),
    }
}

/// Whether this can be the value of a label.
pub(crate) fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_word(text)
}

/// Letters and digits at both ends, `-`, `_` and `.` between.
fn is_word(text: &str) -> bool {
    let end = |c: char| c.is_ascii_alphanumeric();
    text.len() <= MAX_LABEL
        && text.starts_with(end)
        && text.ends_with(end)
        && text.chars().all(|c| end(c) || "-_.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::label(is_label, &["a", "a-1"], &["", "-a", "a-", "A", "a.b"])]
    #[case::subdomain(is_subdomain, &["a", "a.b-c"], &["", ".a", "a..b", "a_b"])]
    #[case::host(is_host, &["a.b", "_srv.a", "10.0.0.1", "::1"], &["", "a b", "a:80", "*.a"])]
    #[case::data_key(is_data_key, &["token", "A_b.c-d"], &["", ".", "..a", "a/b", "a b"])]
    #[case::meta_key(is_meta_key, &["a", "x.io/a", "A_b"], &["", "/a", "x.io/", "a/b/c", "-a"])]
    #[case::label_value(is_label_value, &["", "v1.0"], &["-v", "a b", "a/b"])]
    fn names_are_told_from_what_is_none(
        #[case] is: fn(&str) -> bool,
        #[case] names: &[&str],
        #[case] others: &[&str],
    ) {
        for name in names {
            assert!(is(name), "{name}");
        }
        for other in others {
            assert!(!is(other), "{other}");
        }
    }

    #[test]
    fn lengths_are_those_of_dns() {
        assert!(is_label(&"a".repeat(63)) && !is_label(&"a".repeat(64)));
        let long = vec!["a".repeat(50); 5].join(".");
        assert!(!is_subdomain(&long));
    }
}

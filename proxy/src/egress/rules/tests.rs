use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn host(text: &str) -> Host {
    Host::parse(text).expect("a host")
}

fn judged(hosts: &[&str], ports: &[u16], target: &str) -> Result<(), Why> {
    let rules = EgressRules {
        hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
        ports: ports.to_vec(),
    };
    judge(&rules, &Target::parse(target, None).expect("a target"))
}

#[rstest]
#[case("api.x.com", "api.x.com")]
#[case("api.x.com", "API.x.com.")]
#[case("Api.X.com.", "api.x.com")]
#[case(".x.com", "x.com")]
#[case(".x.com", "a.x.com")]
#[case("*.x.com", "x.com")]
#[case("*.x.com", "b.a.x.com")]
#[case("*.X.com.", "a.x.com")]
#[case("localhost", "localhost")]
#[case("192.0.2.1", "192.0.2.1")]
#[case("2001:db8::1", "[2001:db8:0::1]")]
#[case("[2001:db8::1]", "[2001:db8::1]")]
fn a_pattern_means_its_host(#[case] pattern: &str, #[case] meant: &str) {
    assert!(matches(pattern, &host(meant)));
}

#[rstest]
#[case("x.com", "a.x.com")]
#[case("a.x.com", "x.com")]
#[case(".x.com", "evilx.com")]
#[case("*.x.com", "x.com.evil.org")]
#[case("*x.com", "evilx.com")]
#[case("*", "x.com")]
#[case(".", "x.com")]
#[case("*.", "x.com")]
#[case("", "x.com")]
#[case("a.*.com", "a.x.com")]
#[case("x.com:443", "x.com")]
#[case("https://x.com", "x.com")]
#[case(".0.2.1", "192.0.2.1")]
#[case("192.0.2.0/24", "192.0.2.1")]
#[case("192.0.2.1", "[::c000:201]")]
#[case(".éx.com", "aax.com")]
fn a_pattern_means_no_other_host(#[case] pattern: &str, #[case] other: &str) {
    assert!(!matches(pattern, &host(other)));
}

#[test]
fn without_ports_those_of_the_web_are_open() {
    assert_eq!(judged(&["x.com"], &[], "x.com:443"), Ok(()));
    assert_eq!(judged(&["x.com"], &[], "x.com:80"), Ok(()));
    assert_eq!(judged(&["x.com"], &[], "x.com:8443"), Err(Why::Port));
}

#[test]
fn given_ports_are_the_only_ones() {
    assert_eq!(judged(&["x.com"], &[8443], "x.com:8443"), Ok(()));
    assert_eq!(judged(&["x.com"], &[8443], "x.com:443"), Err(Why::Port));
}

#[test]
fn no_hosts_means_none_and_the_host_is_what_is_told_first() {
    assert_eq!(judged(&[], &[], "x.com:443"), Err(Why::Host));
    assert_eq!(judged(&["y.com"], &[1], "x.com:443"), Err(Why::Host));
}

/// The matcher again, over lists of labels.
fn by_labels(pattern: &str, name: &str) -> bool {
    let lower = pattern.to_ascii_lowercase();
    let under = lower.starts_with('.') || lower.starts_with("*.");
    let labels = |text: &str| -> Vec<String> {
        let text = text.trim_start_matches("*.").trim_start_matches('.');
        text.trim_end_matches('.')
            .split('.')
            .map(str::to_owned)
            .collect()
    };
    let (pattern, name) = (labels(&lower), labels(name));
    if under {
        name.ends_with(&pattern)
    } else {
        name == pattern
    }
}

fn name() -> impl Strategy<Value = String> {
    // Few letters, so that suffixes meet often.
    prop::collection::vec("[ab]{1,2}", 1..5).prop_map(|labels| labels.join("."))
}

proptest! {
    #[test]
    fn the_matcher_compares_whole_labels(
        name in name(), pattern in name(), head in "(|\\.|\\*\\.)", dot in "\\.?", loud: bool,
    ) {
        let mut pattern = format!("{head}{pattern}{dot}");
        if loud {
            pattern = pattern.to_ascii_uppercase();
        }
        prop_assert_eq!(matches(&pattern, &host(&name)), by_labels(&pattern, &name));
    }

    #[test]
    fn no_pattern_brings_the_matcher_down(pattern in "\\PC{0,12}", name in name()) {
        matches(&pattern, &host(&name));
        matches(&pattern, &host("192.0.2.1"));
    }

    #[test]
    fn no_text_brings_the_parser_down_and_what_it_reads_it_reads_again(text in "\\PC{0,24}") {
        if let Ok(target) = Target::parse(&text, Some(80)) {
            prop_assert_eq!(Target::parse(&target.to_string(), None), Ok(target));
        }
    }
}

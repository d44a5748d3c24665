//! Words of others (Kubernetes, a server's last log lines), made fit for a status.

use std::fmt;

/// Most characters of a detail. A status is read in a terminal, and every change of it is stored.
pub const MAX_DETAIL: usize = 512;

/// What somebody else said about a failure: one line, no control characters, at most
/// [`MAX_DETAIL`] characters. The end is kept, since errors end with their cause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Detail(String);

impl Detail {
    /// Cleans and bounds a text.
    pub fn new(text: &str) -> Self {
        let line = text
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .map(without_source_port)
            .collect::<Vec<_>>()
            .join(" ");
        let excess = line.chars().count().saturating_sub(MAX_DETAIL);
        Self(
            line.chars()
                .skip(excess)
                .collect::<String>()
                .trim()
                .to_owned(),
        )
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, or these words if nothing was said.
    pub fn or(&self, words: &str) -> String {
        if self.is_empty() { words } else { &self.0 }.to_owned()
    }

    /// As a name within a sentence, with a space before it; nothing if there is none.
    pub(crate) fn quoted(&self) -> String {
        if self.is_empty() {
            String::new()
        } else {
            format!(" `{}`", self.0)
        }
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Network errors of Go name both ends, "10.0.0.1:59516->10.0.0.2:53"; the port on this side is
/// another at each attempt, and would make news of the same failure.
fn without_source_port(word: &str) -> &str {
    match word.split_once("->") {
        Some((source, target)) if is_address(source) => target,
        Some(_) | None => word,
    }
}

fn is_address(text: &str) -> bool {
    text.trim_start_matches('(')
        .parse::<std::net::SocketAddr>()
        .is_ok()
}

/// The end of a sentence: with a colon before it, or a full stop if nothing was said.
impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            f.write_str(".")
        } else {
            write!(f, ": {}", self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_line_ends_become_single_spaces() {
        assert_eq!(Detail::new(" a\n\tb\u{0} c ").as_str(), "a b c");
    }

    #[test]
    fn a_text_past_the_bound_keeps_its_end() {
        let long = format!("{}cause", "x".repeat(MAX_DETAIL));
        let detail = Detail::new(&long);
        assert_eq!(detail.as_str().chars().count(), MAX_DETAIL);
        assert!(detail.as_str().ends_with("cause"));
    }

    #[test]
    fn one_failure_reads_the_same_at_each_attempt() {
        let attempt = |port| format!("read udp 172.18.0.2:{port}->172.18.0.1:53: refused a->b");
        assert_eq!(Detail::new(&attempt(1)), Detail::new(&attempt(2)));
        assert_eq!(
            Detail::new(&attempt(1)).as_str(),
            "read udp 172.18.0.1:53: refused a->b"
        );
    }

    #[test]
    fn cleaning_twice_is_cleaning_once() {
        let once = Detail::new(&"é ".repeat(2 * MAX_DETAIL));
        assert_eq!(Detail::new(once.as_str()), once);
    }
}

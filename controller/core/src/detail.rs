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

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Detail {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// With a colon before it, to end a sentence; nothing when empty.
impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            Ok(())
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
    fn cleaning_twice_is_cleaning_once() {
        let once = Detail::new(&"é ".repeat(2 * MAX_DETAIL));
        assert_eq!(Detail::new(once.as_str()), once);
    }
}

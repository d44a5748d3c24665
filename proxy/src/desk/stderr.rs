//! The last that a process wrote to stderr, for when it ends.

use std::collections::{HashMap, VecDeque};

use super::paint::clean;

/// Lines that are kept of each process: the end of a stack trace.
pub const LAST_WORDS: usize = 10;
/// Characters of a line that are shown.
pub const MAX_SHOWN: usize = 400;

/// By pod.
#[derive(Debug, Default)]
pub(super) struct LastWords(HashMap<usize, VecDeque<String>>);

impl LastWords {
    /// Keeps a line; as it is shown.
    pub(super) fn keep(&mut self, pod: usize, line: &str) -> String {
        let line = clean(line, MAX_SHOWN);
        let lines = self.0.entry(pod).or_default();
        if lines.len() == LAST_WORDS {
            lines.pop_front();
        }
        lines.push_back(line.clone());
        line
    }

    /// What was kept of a process that is over.
    pub(super) fn take(&mut self, pod: usize) -> VecDeque<String> {
        self.0.remove(&pod).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_lines_are_kept_and_each_process_has_its_own() {
        let mut words = LastWords::default();
        for line in 0..25 {
            words.keep(0, &line.to_string());
        }
        words.keep(1, "other");
        let last = words.take(0);
        assert_eq!(last.len(), LAST_WORDS);
        assert_eq!(last.back().map(String::as_str), Some("24"));
        assert!(words.take(0).is_empty());
        assert_eq!(words.take(1), ["other"]);
    }
}

//! Versions as npm, PyPI and Maven agree on them: numbers count as numbers, and a word (rc1, beta9)
//! comes before the release that it leads to.

use std::cmp::Ordering;

/// One part of a version. The order of the variants is the order of versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Word(String),
    End,
    Number(u64),
}

/// A version that can be compared.
#[derive(Clone, Debug)]
pub(super) struct Version(Vec<Part>);

impl Version {
    /// Reads any text; what is no number is a word.
    pub(super) fn new(text: &str) -> Self {
        let mut parts: Vec<Part> = Vec::new();
        let split = |c: char| matches!(c, '.' | '-' | '+' | '_');
        for piece in text.split(split).filter(|piece| !piece.is_empty()) {
            let words = piece.find(|c: char| !c.is_ascii_digit());
            let (number, word) = piece.split_at(words.unwrap_or(piece.len()));
            if let Ok(number) = number.parse() {
                parts.push(Part::Number(number));
            }
            if !word.is_empty() {
                end(&mut parts);
                parts.push(Part::Word(word.to_owned()));
            }
        }
        end(&mut parts);
        Self(parts)
    }
}

/// Ends a row of numbers: 2.0 is 2, and 2.0rc1 is 2rc1.
fn end(parts: &mut Vec<Part>) {
    while parts.last() == Some(&Part::Number(0)) {
        parts.pop();
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let ended = |version: &Self| version.0.iter().cloned().chain([Part::End]).collect();
        let (one, two): (Vec<Part>, Vec<Part>) = (ended(self), ended(other));
        one.partial_cmp(&two)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_their_ecosystems_order_them() {
        for pair in [
            ["0", "0.1"],
            ["4.17.15", "4.17.21"],
            ["4.9.0", "4.17.0"],
            ["2.0rc1", "2.0"],
            ["2.0-beta9", "2.0"],
            ["2.4", "2.4.1"],
            ["2.11.2", "2.11.3"],
        ] {
            let [less, more] = pair.map(Version::new);
            assert!(less < more, "{pair:?}");
            assert!(more > less, "{pair:?}");
        }
        assert_eq!(Version::new("2.0"), Version::new("2"));
    }
}

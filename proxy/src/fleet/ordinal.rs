//! The number of a pod in its StatefulSet.

use std::fmt;

use hivewright_api::names::MAX_BACKEND_REPLICAS;

/// Most pods of one server: one hexadecimal digit names any of them.
pub const MAX_PODS: usize = MAX_BACKEND_REPLICAS as usize;

/// The digits, and the values of the metrics' label `pod`.
const LABELS: [&str; MAX_PODS] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15",
];

/// A pod's ordinal, below [`MAX_PODS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ordinal(u8);

impl Ordinal {
    /// The first pod.
    pub const FIRST: Self = Self(0);

    /// The pods of a StatefulSet with so many.
    pub fn below(size: usize) -> impl Iterator<Item = Self> {
        (0..16).map(Self).take(size.min(MAX_PODS))
    }

    /// The pod that a session's id names.
    pub(super) fn of(session: &str) -> Option<Self> {
        let digit = char::from(*session.as_bytes().last()?).to_digit(16)?;
        u8::try_from(digit).ok().map(Self)
    }

    /// The digit that ends the ids of its sessions.
    pub(super) const fn digit(self) -> u8 {
        self.0
    }

    /// Where it stands in a table of all pods.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The metric label.
    pub const fn label(self) -> &'static str {
        LABELS[self.index()]
    }
}

impl fmt::Display for Ordinal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pod_has_a_digit_of_its_own_and_a_label() {
        assert_eq!(MAX_PODS, 16, "an id has one digit for it");
        for (index, ordinal) in Ordinal::below(MAX_PODS).enumerate() {
            assert_eq!(Ordinal::of(&format!("abc{index:x}")), Some(ordinal));
            assert_eq!(ordinal.label(), index.to_string());
        }
    }

    #[test]
    fn an_id_that_is_none_of_ours_names_no_pod() {
        for session in ["", "x", "abcg", "é", "0 "] {
            assert_eq!(Ordinal::of(session), None, "{session:?}");
        }
    }
}

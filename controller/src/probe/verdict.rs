//! What two knocks at a proxy say about NetworkPolicies: pure.

use hivewright_core::Enforcement;

/// How a port answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It took the connection.
    Open,
    /// The pod itself said no: packets reach it, and nothing listens.
    Refused,
    /// Nothing came back, or the network said that nobody may.
    Silent,
}

/// `admin` is the port that every policy opens, `canary` the one that none does.
///
/// A canary that refuses proves nothing: a proxy of an older version has none.
pub(super) const fn verdict(admin: Answer, canary: Answer) -> Enforcement {
    match (admin, canary) {
        (_, Answer::Open) => Enforcement::NotEnforced,
        (Answer::Open, Answer::Silent) => Enforcement::Enforced,
        (Answer::Open, Answer::Refused) | (Answer::Refused | Answer::Silent, _) => {
            Enforcement::Unknown
        }
    }
}

/// The verdict as a metric label.
pub(super) const fn label(verdict: Enforcement) -> &'static str {
    match verdict {
        Enforcement::Enforced => "enforced",
        Enforcement::NotEnforced => "ignored",
        Enforcement::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_silent_canary_beside_an_open_port_shows_enforcement() {
        use Answer::{Open, Refused, Silent};
        assert_eq!(verdict(Open, Silent), Enforcement::Enforced);
        assert_eq!(verdict(Open, Open), Enforcement::NotEnforced);
        assert_eq!(verdict(Silent, Open), Enforcement::NotEnforced);
        for (admin, canary) in [
            (Open, Refused),
            (Silent, Silent),
            (Refused, Silent),
            (Refused, Refused),
        ] {
            assert_eq!(
                verdict(admin, canary),
                Enforcement::Unknown,
                "{admin:?} {canary:?}"
            );
        }
    }
}

//! Conditions of MCPServers as label values: only words of bounded enums, whatever a status says.

use hivewright_api::status::Condition;
use hivewright_core::Reason;
use hivewright_core::status::ConditionType;

/// One condition of an MCPServer, in words of bounded enums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConditionFact {
    /// Its type.
    pub kind: &'static str,
    /// `True`, `False` or `Unknown`.
    pub status: &'static str,
    /// Its reason.
    pub reason: &'static str,
}

impl ConditionFact {
    /// The fact of a condition of a status; none if it is not one of ours, as a later version's
    /// may be. A reason that is not ours is shown as `Unknown`.
    pub fn of(condition: &Condition) -> Option<Self> {
        let kind = ConditionType::ALL
            .into_iter()
            .find(|kind| kind.as_str() == condition.kind)?;
        let status = STATUSES
            .into_iter()
            .find(|status| *status == condition.status);
        Some(Self {
            kind: kind.as_str(),
            status: status.unwrap_or(UNKNOWN),
            reason: Reason::parse(&condition.reason).map_or(UNKNOWN, Reason::as_str),
        })
    }
}

/// What is shown of a word that is not known here.
const UNKNOWN: &str = "Unknown";
/// What a condition's status may be.
const STATUSES: [&str; 3] = ["True", "False", UNKNOWN];

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(kind: &str, status: &str, reason: &str) -> Condition {
        let text = serde_json::json!({
            "type": kind, "status": status, "reason": reason, "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        });
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn words_of_a_condition_that_are_not_ours_never_become_label_values() {
        let known = ConditionFact::of(&condition("BackendReady", "False", "NotMcp"));
        let expected = ConditionFact {
            kind: "BackendReady",
            status: "False",
            reason: "NotMcp",
        };
        assert_eq!(known, Some(expected));
        let edited = ConditionFact::of(&condition("Ready", "Perhaps", "a secret")).unwrap();
        assert_eq!((edited.status, edited.reason), ("Unknown", "Unknown"));
        assert_eq!(ConditionFact::of(&condition("Mine", "True", "Ready")), None);
    }
}

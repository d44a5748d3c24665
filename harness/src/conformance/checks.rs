//! What the suite has written about a scenario.

use serde::Deserialize;

/// One check of a scenario, as in its `checks.json`.
#[derive(Debug, Clone, Deserialize)]
struct Check {
    id: String,
    status: String,
    #[serde(default, rename = "errorMessage")]
    error: Option<String>,
}

/// What came of a scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// How many checks passed.
    pub(super) passed: usize,
    /// The others, each with what the suite has against it. What the specification only recommends
    /// is no exception.
    pub(super) failed: Vec<String>,
}

impl Outcome {
    /// Reads `checks.json`.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn parse(json: &str) -> Result<Self, serde_json::Error> {
        let checks: Vec<Check> = serde_json::from_str(json)?;
        let mut outcome = Self::default();
        for check in checks {
            match check.status.as_str() {
                "SUCCESS" => outcome.passed += 1,
                // What was seen, and what does not apply.
                "INFO" | "SKIPPED" => {}
                status => {
                    let error = check.error.unwrap_or_default();
                    outcome
                        .failed
                        .push(format!("{} {status}: {error}", check.id));
                }
            }
        }
        Ok(outcome)
    }
}

/// The scenario in a result folder's name, `server-SCENARIO-2026-11-22T20-37-34-587Z`.
pub(super) fn scenario(folder: &str) -> Option<&str> {
    /// The time's characters, with the hyphen before it.
    const TIME: usize = "-2026-11-22T20-37-34-587Z".len();
    let name = folder.strip_prefix("server-")?;
    let end = name.len().checked_sub(TIME)?;
    let (scenario, time) = name.split_at_checked(end)?;
    (time.starts_with('-') && time.ends_with('Z')).then_some(scenario)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recommendation_that_is_not_met_is_a_failure() {
        let json = r#"[
            {"id":"a","status":"SUCCESS"},
            {"id":"b","status":"WARNING","errorMessage":"should"},
            {"id":"c","status":"INFO"},
            {"id":"d","status":"FAILURE"}
        ]"#;
        let outcome = Outcome::parse(json).expect("well formed");
        assert_eq!(outcome.passed, 1);
        assert_eq!(outcome.failed, ["b WARNING: should", "d FAILURE: "]);
    }

    #[test]
    fn the_scenario_is_between_the_leg_and_the_time() {
        for (folder, expected) in [
            ("server-ping-2026-11-22T20-37-34-587Z", Some("ping")),
            (
                "server-server-initialize-2026-11-22T20-37-34-587Z",
                Some("server-initialize"),
            ),
            ("client-ping-2026-11-22T20-37-34-587Z", None),
            ("server-ping", None),
        ] {
            assert_eq!(scenario(folder), expected, "{folder}");
        }
    }
}

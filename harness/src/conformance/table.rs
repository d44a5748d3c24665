//! What a person reads: a row for each scenario, a column for each server, and what failed.

use std::fmt::{self, Write as _};

use super::Outcomes;
use super::checks::Outcome;
use super::required::Required;

/// One run's results.
#[derive(Debug)]
pub(super) struct Column {
    /// What was behind the proxy.
    pub(super) server: String,
    /// What came of each scenario.
    pub(super) outcomes: Outcomes,
}

/// What counts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Score {
    /// For each server: its name, scored scenarios that passed, and their checks.
    passed: Vec<(String, usize, usize)>,
    /// How many scenarios count.
    of: usize,
    /// `SCENARIO on SERVER` for each that counts and did not pass.
    pub(super) failed: Vec<String>,
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (server, scenarios, checks)) in self.passed.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            let of = self.of;
            write!(
                f,
                "{comma}{server} server {scenarios} of {of} with {checks} checks"
            )?;
        }
        Ok(())
    }
}

/// A scenario passed if it was run and nothing is held against it.
fn passed(outcome: Option<&Outcome>) -> bool {
    outcome.is_some_and(|outcome| outcome.failed.is_empty())
}

/// Counts the scored scenarios.
pub(super) fn score(required: &Required, columns: &[Column]) -> Score {
    let mut score = Score {
        passed: Vec::new(),
        of: required.0.len(),
        failed: Vec::new(),
    };
    for column in columns {
        let (mut scenarios, mut checks) = (0, 0);
        for scenario in &required.0 {
            let outcome = column.outcomes.get(scenario);
            checks += outcome.map_or(0, |outcome| outcome.passed);
            if passed(outcome) {
                scenarios += 1;
            } else {
                score
                    .failed
                    .push(format!("{scenario} on {}", column.server));
            }
        }
        let server = column.server.clone();
        score.passed.push((server, scenarios, checks));
    }
    score
}

/// The table, with what failed under it.
pub(super) fn render(revision: &str, required: &Required, columns: &[Column]) -> String {
    let mut text = format!("\n{revision:48}");
    for column in columns {
        let _ = write!(text, "{:>16}", format!("{} server", column.server));
    }
    text.push('\n');
    for scenario in &required.0 {
        row(&mut text, scenario, columns);
    }
    let others: std::collections::BTreeSet<&String> =
        columns.iter().flat_map(|c| c.outcomes.keys()).collect();
    text.push_str("not scored by the suite:\n");
    for scenario in others.into_iter().filter(|name| !required.has(name)) {
        row(&mut text, scenario, columns);
    }
    for column in columns {
        for (scenario, outcome) in &column.outcomes {
            for failed in &outcome.failed {
                let server = &column.server;
                let _ = writeln!(text, "{scenario} on the {server} server: {failed}");
            }
        }
    }
    text
}

fn row(text: &mut String, scenario: &str, columns: &[Column]) {
    let _ = write!(text, "  {scenario:46}");
    for column in columns {
        let cell = match column.outcomes.get(scenario) {
            None => "not run".to_owned(),
            Some(outcome) => {
                let of = outcome.passed + outcome.failed.len();
                let word = if passed(Some(outcome)) {
                    "ok"
                } else {
                    "FAILED"
                };
                format!("{word} {}/{of}", outcome.passed)
            }
        };
        let _ = write!(text, "{cell:>16}");
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(outcomes: &[(&str, usize, &[&str])]) -> Column {
        let outcome = |passed: usize, failed: &[&str]| Outcome {
            passed,
            failed: failed.iter().map(ToString::to_string).collect(),
        };
        Column {
            server: "legacy".to_owned(),
            outcomes: outcomes
                .iter()
                .map(|(name, passed, failed)| ((*name).to_owned(), outcome(*passed, failed)))
                .collect(),
        }
    }

    fn required() -> Required {
        Required(vec!["ping".to_owned(), "caching".to_owned()])
    }

    #[test]
    fn a_scored_scenario_that_was_not_run_has_failed() {
        let score = score(&required(), &[column(&[("ping", 2, &[])])]);
        assert_eq!(score.failed, ["caching on legacy"]);
        assert_eq!(score.to_string(), "legacy server 1 of 2 with 2 checks");
    }

    #[test]
    fn what_is_not_scored_is_shown_and_does_not_count() {
        let columns = [column(&[
            ("ping", 2, &[]),
            ("caching", 8, &[]),
            ("tasks-lifecycle", 1, &["x FAILURE: no tasks"]),
        ])];
        assert!(score(&required(), &columns).failed.is_empty());
        let table = render("2026-07-28", &required(), &columns);
        assert!(table.contains("FAILED 1/2"), "{table}");
        assert!(
            table.contains("tasks-lifecycle on the legacy server: x FAILURE: no tasks"),
            "{table}"
        );
    }
}

//! One run of the suite against one URL.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::Outcomes;
use super::checks::{self, Outcome};
use crate::command::{Cmd, CommandError};
use crate::npm;
use crate::place::Place;

/// Time for all scenarios of a revision: some 5 s, and a few seconds for each that waits in vain.
const RUN_BOUND: Duration = Duration::from_mins(3);

/// Why there are no results.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// It did not end, or could not be started.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// Its results could not be read.
    #[error("the suite's results could not be read")]
    Results(#[from] io::Error),
    /// They are not of the form that the pinned version has.
    #[error("the suite's result for {scenario} is no list of checks")]
    Form {
        /// The scenario.
        scenario: String,
        /// Where it goes wrong.
        source: serde_json::Error,
    },
}

/// Runs every scenario of a revision and gives what came of each.
pub(super) async fn run(
    place: &Place,
    node: &Path,
    url: &str,
    (revision, server): (&str, &str),
) -> Result<Outcomes, SuiteError> {
    let results = place.cache.join(format!("conformance/{revision}-{server}"));
    if results.exists() {
        fs::remove_dir_all(&results)?;
    }
    fs::create_dir_all(&results)?;
    let suite = place.cache.join("npm").join(npm::CONFORMANCE.name);
    let output = Cmd::new(&node.to_string_lossy())
        .arg("node_modules/@modelcontextprotocol/conformance/dist/index.js")
        .args(["server", "--url", url, "--requirements", revision, "-o"])
        .arg(&results)
        .current_dir(suite)
        .bound(RUN_BOUND)
        .output()
        .await?;
    // Its exit code says no more than the results do.
    fs::write(results.join("suite.log"), output.stdout + &output.stderr)?;
    read(&results)
}

fn read(results: &Path) -> Result<Outcomes, SuiteError> {
    let mut outcomes = Outcomes::new();
    for entry in fs::read_dir(results)? {
        let folder = entry?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let Some(scenario) = checks::scenario(&name) else {
            continue;
        };
        let json = fs::read_to_string(folder.join("checks.json"))?;
        let outcome = Outcome::parse(&json).map_err(|source| SuiteError::Form {
            scenario: scenario.to_owned(),
            source,
        })?;
        outcomes.insert(scenario.to_owned(), outcome);
    }
    Ok(outcomes)
}

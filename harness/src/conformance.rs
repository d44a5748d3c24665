//! The official conformance suite, through the proxy and one process over stdio.
//!
//! ```text
//!                  cache/npm/conformance            target/debug, or a pod
//!  suite (node) ───── Streamable HTTP ─────> proxy ─── stdio ───> fixture, legacy or modern
//!     │                                        one pair for each revision and each fixture
//!     v
//!  DIR/server-SCENARIO-TIME/checks.json ──> checks ──> table, and a verdict without exceptions
//! ```
//!
//! Which scenarios count is the suite's to say: it keeps a frozen list for each revision. Those that
//! it does not score are run and shown, and change nothing.

mod checks;
mod programs;
mod required;
mod suite;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::npm::{self, NpmError};
use crate::place::Place;
use crate::step::{Done, Log, StepFailed, step};

use checks::Outcome;
use programs::Programs;
use required::Required;
use table::{Column, Score};

/// The revisions that the suite has a list for; whoever speaks all others speaks these.
pub const REVISIONS: [&str; 2] = ["2025-11-25", "2026-07-28"];

/// What came of each scenario, by name.
type Outcomes = BTreeMap<String, Outcome>;

/// The fixture behind the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixture {
    /// Speaks revisions that are opened by `initialize`, and nothing newer.
    Legacy,
    /// Speaks 2026-07-28, and nothing older.
    Modern,
}

impl Fixture {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Legacy, Self::Modern];

    /// The word for its `--era`.
    pub fn era(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Modern => "modern",
        }
    }
}

/// Why a revision's run is no success.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The suite or a program could not be run.
    #[error(transparent)]
    Suite(#[from] suite::SuiteError),
    /// The proxy did not serve.
    #[error(transparent)]
    Program(#[from] programs::ProgramError),
    /// The list of what counts is not there.
    #[error(transparent)]
    Required(#[from] required::RequiredError),
    /// Scenarios failed.
    #[error("not every scored scenario passed ({0}); the table above names the checks")]
    Scenarios(String),
}

/// Runs everything on this machine and says what did not pass.
///
/// # Errors
/// When a scored scenario failed, or could not be run.
pub async fn check(place: &Place) -> Result<(), StepFailed> {
    let suite = Suite::ensure(place).await?;
    let programs = step(place, "conformance programs", async |log: &Log| {
        Programs::build(place, log).await
    })
    .await?;
    let mut failed = None;
    for revision in REVISIONS {
        let name = format!("conformance {revision}");
        let run = step(place, &name, async |_: &Log| {
            let score = both(&suite, &programs, revision).await?;
            Ok::<_, Failed>(Done::new((), score))
        });
        // The other revision's table is wanted all the same.
        failed = run.await.err().or(failed);
    }
    failed.map_or(Ok(()), Err)
}

/// Both fixtures at once, each behind a proxy of its own, under one revision's list.
async fn both(suite: &Suite<'_>, programs: &Programs, revision: &str) -> Result<String, Failed> {
    let one = async |fixture: Fixture| -> Result<Column, Failed> {
        let proxy = programs.serve(suite.place, fixture).await?;
        suite.column(&proxy.url, revision, fixture.era()).await
    };
    let [legacy, modern] = Fixture::ALL;
    let (legacy, modern) = tokio::try_join!(one(legacy), one(modern))?;
    suite.judge(revision, &[legacy, modern])
}

/// The suite, installed.
#[derive(Debug)]
pub struct Suite<'a> {
    place: &'a Place,
    node: PathBuf,
}

impl<'a> Suite<'a> {
    /// Installs it as pinned.
    ///
    /// # Errors
    /// When it cannot be had; it has said so.
    pub async fn ensure(place: &'a Place) -> Result<Self, StepFailed> {
        let node = step(place, "conformance suite", async |log: &Log| {
            let node = npm::node(place, log).await?;
            Ok::<_, NpmError>(Done::new(node, npm::CONFORMANCE.folder))
        })
        .await?;
        Ok(Self { place, node })
    }

    /// Runs a revision's scenarios against the proxy at `url`, prints the table and gives the score.
    /// `server` is the name for what is behind the proxy.
    ///
    /// # Errors
    /// When a scored scenario failed, or could not be run.
    pub async fn run(&self, url: &str, revision: &str, server: &str) -> Result<String, Failed> {
        let column = self.column(url, revision, server).await?;
        self.judge(revision, &[column])
    }

    async fn column(&self, url: &str, revision: &str, server: &str) -> Result<Column, Failed> {
        let node: &Path = &self.node;
        let outcomes = suite::run(self.place, node, url, (revision, server)).await?;
        let server = server.to_owned();
        Ok(Column { server, outcomes })
    }

    fn judge(&self, revision: &str, columns: &[Column]) -> Result<String, Failed> {
        let required = Required::load(self.place, revision)?;
        print!("{}", table::render(revision, &required, columns));
        let score: Score = table::score(&required, columns);
        if score.failed.is_empty() {
            return Ok(score.to_string());
        }
        Err(Failed::Scenarios(score.to_string()))
    }
}

//! `docs/reference.md`: written from what the programs and charts say about themselves, and checked
//! against it.
//!
//! ```text
//!  hivewright-controller reference ──> fields, words ──┐
//!  --help of both programs ──────────> cli ────────────┤
//!  charts: values.yaml and schema ───> values ─────────┼──> docs/reference.md
//!  metrics.snapshot.txt of both ─────> metrics ────────┤
//!  constants of the proxy ───────────> limits ─────────┤
//!  names.rs ─────────────────────────> names ──────────┘
//! ```
//!
//! Nothing is listed here by hand: what changes there, changes the page.

mod cli;
pub mod events;
mod fields;
mod limits;
mod metrics;
mod names;
mod source;
mod table;
mod values;
mod words;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::command::CommandError;
use crate::place::Place;
use crate::step::{Done, Log};

/// Time to compile a program and run it.
const PROGRAM_BOUND: Duration = Duration::from_mins(20);

/// Opens the page.
const HEAD: &str = "# Reference\n\nWritten by `make docs` from the types, the charts and the programs; \
     `make check` fails when it is not what they say. Guides to single tasks are in [guides/](guides/).\n";

/// Why the page could not be made, or is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// A program did not tell about itself.
    #[error(transparent)]
    Program(#[from] CommandError),
    /// What the controller said is no JSON.
    #[error("`hivewright-controller reference` printed something else than JSON")]
    Facts(#[from] serde_json::Error),
    /// A file could not be read or written.
    #[error("{} cannot be used", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A source has no entries: its form is another than what is read here.
    #[error("{0} has nothing to tell; its form has changed, so harness/src/reference must too")]
    Empty(&'static str),
    /// The page is not what it would be if it were written now.
    #[error("docs/reference.md is out of date from line {line} on; run `make docs`")]
    Drift {
        /// The first line that differs, from 1.
        line: usize,
    },
}

/// Writes the page.
///
/// # Errors
/// When a source cannot be read or the page not be written.
pub async fn write(place: &Place, log: &Log) -> Result<Done<()>, ReferenceError> {
    let page = page(place, log).await?;
    let path = path(place);
    fs::write(&path, page).map_err(|source| ReferenceError::File { path, source })?;
    Ok(Done::new((), "docs/reference.md"))
}

/// Compares the page with what would be written.
///
/// # Errors
/// [`ReferenceError::Drift`], or as [`write`].
pub async fn check(place: &Place, log: &Log) -> Result<Done<()>, ReferenceError> {
    let (made, kept) = (page(place, log).await?, read(place, "docs/reference.md")?);
    match first_difference(&made, &kept) {
        None => Ok(Done::new((), "docs/reference.md is in step")),
        Some(line) => Err(ReferenceError::Drift { line }),
    }
}

fn first_difference(made: &str, kept: &str) -> Option<usize> {
    if made == kept {
        return None;
    }
    let same = made.lines().zip(kept.lines()).take_while(|(a, b)| a == b);
    Some(same.count() + 1)
}

async fn page(place: &Place, log: &Log) -> Result<String, ReferenceError> {
    let controller = program(place, log, "hivewright-controller", &["reference"]).await?;
    let facts: Value = serde_json::from_str(&controller)?;
    let mut page = String::from(HEAD);
    let fields = fields::section(&facts["crd"], &facts["unsupported"]);
    page.push_str(&fields.ok_or(ReferenceError::Empty("the CRD"))?);
    page.push_str(&source::section(&folder(place, source::PROFILE)?));
    page.push_str(&words::section(&facts));
    let names = read(place, "controller/api/src/names.rs")?;
    page.push_str(&names::section(&names).ok_or(ReferenceError::Empty("names.rs"))?);
    page.push_str("\n## Metrics\n");
    for (program, file) in [
        ("Controller, port 9465", "controller"),
        ("Each proxy, port 9464", "proxy"),
    ] {
        let snapshot = read(place, &format!("{file}/metrics.snapshot.txt"))?;
        page.push_str(&metrics::section(program, &snapshot));
    }
    page.push_str(&bounds(place)?);
    page.push_str("\n## Chart values\n");
    for chart in ["hivewright", "hivewright-crds"] {
        let values = read(place, &format!("charts/{chart}/values.yaml"))?;
        let schema: Value =
            serde_json::from_str(&read(place, &format!("charts/{chart}/values.schema.json"))?)?;
        page.push_str(&values::section(chart, &values, &schema));
    }
    page.push_str("\n## Command lines\n");
    for name in ["hivewright-controller", "hivewright-proxy"] {
        page.push_str(&cli::section(place, log, name).await?);
    }
    Ok(page)
}

/// The section on the proxy's bounds.
fn bounds(place: &Place) -> Result<String, ReferenceError> {
    let mut sources = Vec::new();
    for (title, paths) in limits::PLACES {
        let mut source = String::new();
        for path in *paths {
            source += &tree(place, path)?;
        }
        sources.push((*title, source));
    }
    limits::section(&sources).ok_or(ReferenceError::Empty("a part of the proxy"))
}

/// What one of our programs prints.
async fn program(
    place: &Place,
    log: &Log,
    name: &str,
    args: &[&str],
) -> Result<String, CommandError> {
    place
        .cmd("cargo")
        .args(["run", "--quiet", "--locked", "--package", name, "--"])
        .args(args)
        .bound(PROGRAM_BOUND)
        .logged(log.file())
        .await
}

fn path(place: &Place) -> PathBuf {
    place.project.join("docs/reference.md")
}

fn read(place: &Place, file: &str) -> Result<String, ReferenceError> {
    let path = place.project.join(file);
    fs::read_to_string(&path).map_err(|source| ReferenceError::File { path, source })
}

/// All sources of a folder, in the order of their names.
fn folder(place: &Place, folder: &str) -> Result<String, ReferenceError> {
    let path = place.project.join(folder);
    let failed = |source| ReferenceError::File {
        path: path.clone(),
        source,
    };
    let mut files = entries(&path).map_err(failed)?;
    files.retain(|file| is_source(file));
    let sources = files.iter().map(fs::read_to_string);
    sources.collect::<io::Result<String>>().map_err(failed)
}

/// One source, or all below a folder but those of tests.
fn tree(place: &Place, path: &str) -> Result<String, ReferenceError> {
    let root = place.project.join(path);
    let mut text = String::new();
    let mut left = vec![root.clone()];
    while let Some(path) = left.pop() {
        let failed = |source| ReferenceError::File {
            path: path.clone(),
            source,
        };
        if path.is_dir() {
            left.extend(entries(&path).map_err(failed)?.into_iter().rev());
        } else if path == root || is_source(&path) {
            text += &fs::read_to_string(&path).map_err(failed)?;
        }
    }
    Ok(text)
}

/// What is in a folder, in the order of the names.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut found: Vec<PathBuf> = entries.collect::<io::Result<_>>()?;
    found.sort();
    Ok(found)
}

fn is_source(path: &Path) -> bool {
    let tests = path.components().any(|part| part.as_os_str() == "tests");
    !tests && path.extension().is_some_and(|end| end == "rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_is_told_with_the_first_line_that_differs() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("a\n", ""), Some(1));
    }
}

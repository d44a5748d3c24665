//! `docs/events`: the JSON Schema of every event, as it was released.
//!
//! ```text
//!  hivewright-controller schemas ──> made ──┬─ compat ─┬──> docs/events/*.json, README.md
//!  docs/events/*.json ─────────────> kept ──┘          └──> refused: a released type would break
//! ```

mod compat;
mod index;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::command::CommandError;
use crate::place::Place;
use crate::step::{Done, Log};

/// Folder of the schemas.
const FOLDER: &str = "docs/events";
/// The page about them.
const PAGE: &str = "README.md";

/// Why the schemas could not be written, or are not as they should be.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// The controller did not tell them.
    #[error(transparent)]
    Program(#[from] CommandError),
    /// What it told, or what is kept, is no schema.
    #[error("{0} is not what `hivewright-controller schemas` prints")]
    Json(String, #[source] serde_json::Error),
    /// A file could not be read or written.
    #[error("{} cannot be used", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Whoever reads the events of a released type would not understand them any more.
    #[error("{file} is released and would change for those who read it: {}; leave it as it is and make a type of the next version", .breaks.join("; "))]
    Breaks {
        /// Its file.
        file: String,
        /// What would change.
        breaks: Vec<String>,
    },
    /// The folder is not what it would be if it were written now.
    #[error("docs/events/{0} is out of date; run `make docs`")]
    Drift(String),
}

/// One schema, as the controller tells it.
#[derive(Debug, Deserialize)]
struct Told {
    file: String,
    title: String,
    kinds: Vec<String>,
    schema: Value,
}

/// Writes the folder.
///
/// # Errors
/// When a released type would change incompatibly, or a file cannot be written.
pub async fn write(place: &Place, log: &Log) -> Result<Done<()>, EventsError> {
    let made = made(place, log).await?;
    let folder = place.project.join(FOLDER);
    fs::create_dir_all(&folder).map_err(failed(&folder))?;
    for (name, text) in made {
        let path = folder.join(name);
        fs::write(&path, text).map_err(failed(&path))?;
    }
    Ok(Done::new((), FOLDER))
}

/// Compares the folder with what would be written.
///
/// # Errors
/// When a released type has changed incompatibly, or the folder is out of date.
pub async fn check(place: &Place, log: &Log) -> Result<Done<()>, EventsError> {
    for (name, text) in made(place, log).await? {
        let path = place.project.join(FOLDER).join(&name);
        if fs::read_to_string(&path).ok().as_deref() != Some(&text) {
            return Err(EventsError::Drift(name));
        }
    }
    Ok(Done::new((), "docs/events is in step"))
}

/// The text of every file, by its name, if no released type breaks.
async fn made(place: &Place, log: &Log) -> Result<BTreeMap<String, String>, EventsError> {
    let text = super::program(place, log, "hivewright-controller", &["schemas"]).await?;
    let told: Vec<Told> = serde_json::from_str(&text)
        .map_err(|error| EventsError::Json("the output".to_owned(), error))?;
    unbroken(&kept(&place.project.join(FOLDER))?, &told)?;
    let mut files = BTreeMap::from([(PAGE.to_owned(), index::page(&told))]);
    for told in told {
        files.insert(told.file, format!("{:#}\n", told.schema));
    }
    Ok(files)
}

/// The schemas that are kept, by the names of their files.
fn kept(folder: &Path) -> Result<BTreeMap<String, Value>, EventsError> {
    let mut kept = BTreeMap::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(kept),
        entries => entries.map_err(failed(folder))?,
    };
    for entry in entries {
        let path = entry.map_err(failed(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.extension().is_some_and(|end| end == "json") {
            let text = fs::read_to_string(&path).map_err(failed(&path))?;
            let schema = serde_json::from_str(&text)
                .map_err(|error| EventsError::Json(name.clone().into_owned(), error))?;
            kept.insert(name.into_owned(), schema);
        }
    }
    Ok(kept)
}

fn unbroken(kept: &BTreeMap<String, Value>, told: &[Told]) -> Result<(), EventsError> {
    for (file, released) in kept {
        let breaks = match told.iter().find(|told| told.file == *file) {
            None => vec!["it is gone".to_owned()],
            Some(now) => compat::breaks(released, &now.schema),
        };
        if !breaks.is_empty() {
            let file = file.clone();
            return Err(EventsError::Breaks { file, breaks });
        }
    }
    Ok(())
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> EventsError {
    let path = path.to_owned();
    |source| EventsError::File { path, source }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_released_type_that_is_gone_is_named() {
        let kept = BTreeMap::from([("a.v1.json".to_owned(), json!({}))]);
        let error = unbroken(&kept, &[]).unwrap_err();
        assert!(error.to_string().contains("a.v1.json"), "{error}");
    }

    #[test]
    fn what_was_never_released_may_be_anything() {
        let told = Told {
            file: "a.v1.json".to_owned(),
            title: String::new(),
            kinds: Vec::new(),
            schema: json!({ "type": "string" }),
        };
        unbroken(&BTreeMap::new(), &[told]).unwrap();
    }
}

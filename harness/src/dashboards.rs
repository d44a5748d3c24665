//! Grafana dashboards: described here, kept as JSON, shipped by the chart.
//!
//! ```text
//!  fleet, server, proxy, controller, slo ──rows of panels──> board ──> charts/hivewright/dashboards/*.json
//!                                                                        (dashboards/ links to them)
//!  the JSON ──read──> queries ──the live Prometheus──> answers ──draw──> SVG ──Chromium──> PNG
//! ```
//!
//! What is drawn is read back from the JSON: a picture shows what is shipped, not what was meant.

#[cfg(feature = "cluster")]
pub mod answers;
mod ask;
mod board;
mod columns;
mod controller;
#[cfg(feature = "pictures")]
pub mod draw;
pub mod fill;
mod fleet;
mod json;
mod panel;
mod proxy;
mod server;
pub mod shape;
mod shared;
mod slo;
pub mod unit;
mod variable;

use std::fs;
use std::io;
use std::path::PathBuf;

use board::Board;
pub use panel::Kind;

use crate::place::Place;
use crate::step::{Done, Log};

/// Where the chart has them.
const FOLDER: &str = "charts/hivewright/dashboards";

/// Why dashboards could not be written, or are not what they should be.
#[derive(Debug, thiserror::Error)]
pub enum DashboardsError {
    /// A file could not be read or written.
    #[error("{} cannot be used", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is not what would be written now.
    #[error("{} is out of date; run `make docs`", path.display())]
    Drift {
        /// The file.
        path: PathBuf,
    },
}

/// Every dashboard: the name of its file, and the file.
pub fn files() -> Vec<(String, String)> {
    let boards = [
        fleet::board(),
        server::board(),
        proxy::board(),
        controller::board(),
        slo::board(),
    ];
    boards.iter().map(file).collect()
}

/// Every dashboard, read back from its JSON.
///
/// # Errors
/// It has another shape than is read here, which a test rules out.
pub fn boards() -> Result<Vec<shape::Board>, serde_json::Error> {
    let files = files().into_iter();
    files.map(|(_, text)| serde_json::from_str(&text)).collect()
}

fn file(board: &Board) -> (String, String) {
    // The alternate form of a JSON value is the indented one.
    (
        format!("{}.json", board.name),
        format!("{:#}\n", board.json()),
    )
}

/// Writes them all.
///
/// # Errors
/// [`DashboardsError::File`].
pub fn write(place: &Place, log: &Log) -> Result<Done<()>, DashboardsError> {
    for (name, text) in files() {
        let path = place.project.join(FOLDER).join(name);
        log.note(&format!("writing {}", path.display()));
        fs::write(&path, text).map_err(|source| DashboardsError::File { path, source })?;
    }
    Ok(Done::new((), FOLDER))
}

/// Compares them with what would be written.
///
/// # Errors
/// [`DashboardsError::Drift`], or as [`write`].
pub fn check(place: &Place, log: &Log) -> Result<Done<()>, DashboardsError> {
    for (name, text) in files() {
        let path = place.project.join(FOLDER).join(name);
        log.note(&format!("comparing {}", path.display()));
        match fs::read_to_string(&path) {
            Ok(kept) if kept == text => {}
            Ok(_) => return Err(DashboardsError::Drift { path }),
            Err(source) => return Err(DashboardsError::File { path, source }),
        }
    }
    Ok(Done::new((), "dashboards are in step"))
}

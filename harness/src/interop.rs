//! Clients and servers that nobody here wrote, through `hivewright-proxy run`, on this machine.
//!
//! ```text
//!  clients  SDKs of TypeScript, Python, Go; mcp-remote, supergateway, Inspector, LangChain, FastMCP
//!     │     one tour each ([`story::Step`]), by /mcp and by /sse
//!     ▼
//!  hivewright-proxy run -- CMD      ([`bridge`]: a debug build, a free port, one a tour)
//!     │
//!     ▼
//!  servers  npm, PyPI, Go: list, a call whose answer is known, resources and prompts ([`servers`])
//!
//!  sse      the claims of HTTP+SSE (2024-11-05), by the SDKs of two languages ([`sse`])
//! ```
//!
//! What is run is pinned and comes into the cache once ([`programs`]). The tables are the
//! expectation: a step that a client lacks is in them with the reason, and everything else that is
//! not as expected fails the run.

mod bridge;
mod clients;
mod programs;
mod servers;
mod sse;
mod story;
mod table;

use std::future::Future;
use std::path::PathBuf;

use tokio::task::JoinSet;

use crate::lock::{Work, lock};
use crate::place::Place;
use crate::step::{Done, Log, StepFailed, step};
use table::Row;

/// Tours at once: most of a tour is waiting, and a machine of two cores is the smallest.
const LANES: usize = 4;

/// Why a part of the run could not be judged, or was judged wrong.
#[derive(Debug, thiserror::Error)]
enum InteropError {
    #[error("the cache could not be locked")]
    Lock(#[source] std::io::Error),
    #[error(transparent)]
    Programs(#[from] programs::ProgramsError),
    #[error("{count} of {of} were not as expected; the lines above say how")]
    Unexpected { count: usize, of: usize },
}

/// Runs everything whose name holds one of `only` (all, if that is empty) through `proxy`, or a debug
/// build of this tree, and prints the tables.
///
/// # Errors
/// When something is not as the tables here expect it; what, has been printed.
pub async fn run(place: &Place, proxy: Option<PathBuf>, only: &[String]) -> Result<(), StepFailed> {
    let work = async move |log: &Log| {
        let _held = lock(place, Work::Programs)
            .await
            .map_err(InteropError::Lock)?;
        let programs = programs::ensure(place, proxy, log).await?;
        Ok::<_, InteropError>(Done::new(programs, "as pinned"))
    };
    let programs = step(place, "clients and servers", work).await?;
    let wanted = |name: &str| only.is_empty() || only.iter().any(|part| name.contains(part));
    let tours = clients::tours().filter(|tour| wanted(&tour.name()));
    let visits = servers::visits().filter(|visit| wanted(&visit.name()));
    let suites = sse::suites().filter(|suite| wanted(&suite.name()));
    let tours = tours.map(|tour| tour.run(programs.clone()));
    let visits = visits.map(|visit| visit.run(programs.clone()));
    let suites = suites.map(|suite| suite.run(programs.clone()));
    // All are run, whatever the first says: a fault shows its shape by where else it is seen.
    let clients = part(place, "interop clients", tours).await;
    let servers = part(place, "interop servers", visits).await;
    part(place, "interop sse", suites).await?;
    servers?;
    clients
}

/// One part: its pieces in lanes, its table, and the judgement.
async fn part<F>(
    place: &Place,
    name: &str,
    pieces: impl Iterator<Item = F>,
) -> Result<(), StepFailed>
where
    F: Future<Output = Vec<Row>> + Send + 'static,
{
    step(place, name, async |log: &Log| {
        let rows = in_lanes(pieces).await;
        for line in table::lines(&rows) {
            println!("{line}");
            log.note(&line);
        }
        let count = rows.iter().filter(|row| row.unexpected()).count();
        let of = rows.len();
        if count > 0 {
            return Err(InteropError::Unexpected { count, of });
        }
        Ok(Done::new((), format!("{of} as expected")))
    })
    .await
}

/// Every piece's rows, in the order of the pieces.
async fn in_lanes<F>(pieces: impl Iterator<Item = F>) -> Vec<Row>
where
    F: Future<Output = Vec<Row>> + Send + 'static,
{
    let (mut running, mut done) = (JoinSet::new(), Vec::new());
    for (number, piece) in pieces.enumerate() {
        if running.len() >= LANES {
            done.extend(running.join_next().await);
        }
        running.spawn(async move { (number, piece.await) });
    }
    while let Some(next) = running.join_next().await {
        done.push(next);
    }
    let mut done: Vec<_> = done
        .into_iter()
        .map(|piece| piece.expect("no piece panics, and none is aborted"))
        .collect();
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().flat_map(|(_, rows)| rows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn rows_come_in_the_order_of_the_table_whoever_is_first() {
        let pieces = (0..9_u64).map(|number| async move {
            tokio::time::sleep(std::time::Duration::from_secs(9 - number)).await;
            vec![Row::fine(number.to_string(), "", "")]
        });
        let names: Vec<String> = in_lanes(pieces).await.into_iter().map(|r| r.name).collect();
        assert_eq!(names.concat(), "012345678");
    }
}

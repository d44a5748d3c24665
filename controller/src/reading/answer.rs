//! The answers themselves, out of a journal's file: what the endpoints give and the command line shows.

use std::path::Path;

use hivewright_api::MCPServerStatus;
use hivewright_core::why::{self, Known, Why};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::journal::{About, Entry, Query, Reader, Replayed, read};
use crate::key::Key;

/// Servers at one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct States {
    /// The time, RFC 3339; absent: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Those that there were, by namespace and name.
    pub servers: Vec<State>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The MCPServer: `NAMESPACE/NAME`.
    pub subject: String,
    /// Its UID.
    pub uid: String,
    /// Sequence of the last event that this follows from.
    pub sequence: u64,
    /// When that event became true, RFC 3339.
    pub time: Timestamp,
    /// Its status then.
    pub status: MCPServerStatus,
}

/// The events that are asked for, the oldest first.
///
/// # Errors
/// When the journal cannot be read.
pub fn events(path: &Path, query: &Query) -> Result<Vec<Entry>, read::Error> {
    Reader::open(path)?.events(query)
}

/// The servers that there were at that time; without one: that there are.
///
/// # Errors
/// When the journal cannot be read or understood.
pub fn states(path: &Path, about: &About, at: Option<Timestamp>) -> Result<States, read::Error> {
    let reader = Reader::open(path)?;
    let known = match about {
        About::All => reader.servers_at(at)?,
        About::Namespace(namespace) => {
            let mut all = reader.servers_at(at)?;
            all.retain(|known| known.server.namespace == *namespace);
            all
        }
        About::Server(server) => reader.server_at(server, at)?.into_iter().collect(),
    };
    let servers = known.into_iter().filter_map(state).collect();
    Ok(States { at, servers })
}

fn state(known: Replayed) -> Option<State> {
    Some(State {
        subject: known.server.to_string(),
        uid: known.uid,
        sequence: known.sequence,
        time: known.time,
        status: known.status?,
    })
}

/// Why a server is as it is; `None` if the journal has never heard of it.
///
/// # Errors
/// When the journal cannot be read or understood.
pub fn why(path: &Path, server: &Key, now: Timestamp) -> Result<Option<Why>, read::Error> {
    let reader = Reader::open(path)?;
    let Some(known) = reader.server_at(server, None)? else {
        return Ok(None);
    };
    let entries = reader.events(&Query::server(server.clone()))?;
    let journal = entries
        .iter()
        .map(entry)
        .collect::<Result<Vec<_>, read::Error>>()?;
    let known = Known {
        namespace: &server.namespace,
        name: &server.name,
        status: known.status.as_ref(),
        journal: &journal,
    };
    Ok(Some(why::why(known, now)))
}

fn entry(entry: &Entry) -> Result<why::Entry, read::Error> {
    Ok(why::Entry {
        sequence: entry.sequence,
        at: entry.time,
        fact: entry.fact()?,
    })
}

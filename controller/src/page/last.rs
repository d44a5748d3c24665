//! The last event of each server of a list.

use std::path::Path;

use hivewright_page::model;

use super::entry::entry;
use crate::journal::{Query, Reader, read};
use crate::key::Key;

/// In the order of the servers. One look at the file for all of them.
pub(super) fn last(path: &Path, servers: &[Key]) -> Result<Vec<Option<model::Entry>>, read::Error> {
    let reader = Reader::open(path)?;
    let newest = |server: &Key| {
        let query = Query {
            limit: 1,
            ..Query::server(server.clone())
        };
        let events = reader.events(&query)?;
        Ok(events.last().and_then(entry))
    };
    servers.iter().map(newest).collect()
}

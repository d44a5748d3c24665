//! What the journal knows: its events folded.

use hivewright_api::cloud_event::TYPE_PREFIX;
use hivewright_core::record::{Fact, Told};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, Statement};

use super::{Error, MCPServerStatus, entry, key, number};
use crate::key::Key;

/// What was true of one server at one time, as far as it was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Replayed {
    /// Which MCPServer.
    pub server: Key,
    /// Its UID.
    pub uid: String,
    /// Sequence of the last event that this follows from.
    pub sequence: u64,
    /// When that event became true.
    pub time: Timestamp,
    /// The status; `None` if the MCPServer was gone.
    pub status: Option<MCPServerStatus>,
}

pub(super) fn run(
    connection: &Connection,
    server: Option<&Key>,
    at: Option<Timestamp>,
) -> Result<Vec<Replayed>, Error> {
    let at = at.map_or(i64::MAX, Timestamp::as_millisecond);
    let name = server.map(Key::to_string);
    // One state of the file for all that follows.
    let snapshot = connection.unchecked_transaction()?;
    let mut subjects = snapshot
        .prepare("SELECT id, name FROM subject WHERE ?1 IS NULL OR name = ?1 ORDER BY name")?;
    let subjects: Vec<(i64, String)> = subjects
        .query_map((name,), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut base = snapshot.prepare(
        "SELECT sequence FROM event WHERE subject = ?1 AND base = 1 AND time <= ?2
         ORDER BY sequence DESC LIMIT 1",
    )?;
    let mut events = snapshot.prepare(
        "SELECT e.type, e.data, e.time, e.sequence, l.uid FROM event e JOIN life l ON l.id = e.life
         WHERE e.subject = ?1 AND e.sequence >= ?2 AND e.time <= ?3 ORDER BY e.sequence",
    )?;
    let mut all = Vec::with_capacity(subjects.len());
    for (subject, name) in subjects {
        let from: Option<i64> = base.query_row((subject, at), |row| row.get(0)).optional()?;
        let range = (subject, from.unwrap_or_default(), at);
        all.extend(fold(&mut events, range, &key(&name))?);
    }
    Ok(all)
}

fn fold(
    events: &mut Statement<'_>,
    range: (i64, i64, i64),
    server: &Key,
) -> Result<Option<Replayed>, Error> {
    let mut rows = events.query(range)?;
    let mut told = Told::default();
    let mut last = None;
    while let Some(row) = rows.next()? {
        let time = entry::time(row.get(2)?);
        told.fold(&fact(row)?, time);
        last = Some((number(row, 3)?, time, row.get(4)?));
    }
    Ok(last.map(|(sequence, time, uid)| Replayed {
        server: server.clone(),
        uid,
        sequence,
        time,
        status: told.status,
    }))
}

fn fact(row: &Row<'_>) -> Result<Fact, Error> {
    let kind: String = row.get(0)?;
    let data: String = row.get(1)?;
    let data = serde_json::from_str(&data).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, error.into())
    })?;
    Ok(Fact::read(&format!("{TYPE_PREFIX}{kind}"), &data)?)
}

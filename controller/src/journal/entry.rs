//! One row of the journal, as a CloudEvent.

use hivewright_api::cloud_event::{CloudEvent, SpecVersion, TYPE_PREFIX};
use hivewright_core::record::{self, Fact};
use jiff::Timestamp;
use rusqlite::Row;
use serde_json::Value;
use uuid::Uuid;

use crate::key::Key;

/// `source` of every event: the controller, whichever of its replicas leads. The ids are unique by
/// themselves.
pub const SOURCE: &str = "/hivewright-controller";

/// Columns that [`Entry::of`] reads, of `event e`, `subject s` and `life l`.
pub(super) const COLUMNS: &str =
    "e.row, s.name, l.uid, e.sequence, e.time, e.id, e.type, e.traceparent, e.data";

/// One event of the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its place in the order in which all events were appended, whatever they are about. Numbers
    /// rise, with gaps: a reader goes on after the last that it saw.
    pub row: u64,
    /// Its place among the events of its subject, counted from 1 without gaps.
    pub sequence: u64,
    /// When it became true, to the millisecond.
    pub time: Timestamp,
    /// The event.
    pub event: CloudEvent<Value>,
}

impl Entry {
    /// Which MCPServer it is about.
    pub fn server(&self) -> Key {
        key(&self.event.subject)
    }

    /// What it says, typed.
    ///
    /// # Errors
    /// When another version wrote it, which knows more.
    pub fn fact(&self) -> Result<Fact, record::Error> {
        Fact::read(&self.event.kind, &self.event.data)
    }

    /// What every event says of itself, whatever its type: reason, severity and sentence.
    ///
    /// # Errors
    /// When the data is not that of an event of ours.
    pub fn told(&self) -> Result<record::data::Told, serde_json::Error> {
        serde::Deserialize::deserialize(&self.event.data)
    }

    pub(super) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let sequence: u64 = number(row, 3)?;
        let time = time(row.get(4)?);
        let kind: String = row.get(6)?;
        let data: String = row.get(8)?;
        let data = serde_json::from_str(&data).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(8, rusqlite::types::Type::Text, error.into())
        })?;
        Ok(Self {
            row: number(row, 0)?,
            sequence,
            time,
            event: CloudEvent {
                specversion: SpecVersion::V1,
                id: Uuid::from_bytes(row.get(5)?).to_string(),
                source: SOURCE.to_owned(),
                kind: format!("{TYPE_PREFIX}{kind}"),
                subject: row.get(1)?,
                time: time.to_string(),
                datacontenttype: "application/json".to_owned(),
                sequence: Some(format!("{sequence:020}")),
                mcpserveruid: Some(row.get(2)?),
                traceparent: row.get(7)?,
                data,
            },
        })
    }
}

/// A number that SQLite holds with a sign that ours never has.
pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// A number as SQLite holds it.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The time of so many milliseconds since 1970; what no clock can say becomes 1970.
pub(super) fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}

/// The MCPServer of this subject.
pub(super) fn key(subject: &str) -> Key {
    let (namespace, name) = subject.split_once('/').unwrap_or(("", subject));
    Key::new(namespace, name)
}

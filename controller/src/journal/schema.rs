//! The tables of the file.

use jiff::Timestamp;
use rusqlite::Connection;

/// Says of an SQLite file that it is a journal of ours (`PRAGMA application_id`): "HIVE".
pub(super) const APPLICATION_ID: i64 = 0x4849_5645;
/// The version of the tables below (`PRAGMA user_version`).
pub(super) const VERSION: i64 = 1;

/// A `subject` is a name; it has one `life` after the other, each an MCPServer with a UID of its
/// own. The sequence of its events goes on from one life to the next.
///
/// `probe` is written to find out whether there is room.
///
/// `event.row` is the order in which events were appended, over all subjects; numbers are never used
/// twice, so that a reader can go on where it was ([`first_row`]: in a file that took the place of a
/// lost one, too). `time` is in milliseconds since 1970. `type` is
/// without its first words, which are the same for all. `base` marks what the status can be told
/// from without looking further back.
const TABLES: &str = "
CREATE TABLE subject (
    id       INTEGER PRIMARY KEY,
    name     TEXT    NOT NULL UNIQUE,
    sequence INTEGER NOT NULL,
    life     INTEGER NOT NULL,
    alive    INTEGER NOT NULL,
    digest   BLOB    NOT NULL
) STRICT;
CREATE TABLE life (
    id      INTEGER PRIMARY KEY,
    subject INTEGER NOT NULL,
    uid     TEXT    NOT NULL
) STRICT;
CREATE TABLE event (
    row         INTEGER PRIMARY KEY AUTOINCREMENT,
    subject     INTEGER NOT NULL,
    life        INTEGER NOT NULL,
    sequence    INTEGER NOT NULL,
    time        INTEGER NOT NULL,
    base        INTEGER NOT NULL,
    id          BLOB    NOT NULL,
    type        TEXT    NOT NULL,
    traceparent TEXT,
    data        TEXT    NOT NULL
) STRICT;
CREATE TABLE probe (
    id   INTEGER PRIMARY KEY,
    room BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_place ON event (subject, sequence);
CREATE INDEX event_time ON event (time);
CREATE INDEX event_base ON event (subject, sequence) WHERE base = 1;
CREATE INDEX event_plain ON event (row) WHERE base = 0;
CREATE INDEX life_subject ON life (subject);
";

/// What a file is, by its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing is in it.
    Empty,
    /// A journal of this version.
    Journal,
    /// A journal of another version.
    Version(i64),
    /// Something else.
    Foreign,
}

/// Looks at the header.
pub(super) fn kind(connection: &Connection) -> rusqlite::Result<Kind> {
    let number = |pragma: &str| -> rusqlite::Result<i64> {
        connection.query_row(pragma, (), |row| row.get(0))
    };
    let (application, version) = (
        number("PRAGMA application_id")?,
        number("PRAGMA user_version")?,
    );
    Ok(match (application, version) {
        (APPLICATION_ID, VERSION) => Kind::Journal,
        (APPLICATION_ID, other) => Kind::Version(other),
        (0, 0) if number("SELECT count(*) FROM sqlite_schema")? == 0 => Kind::Empty,
        _ => Kind::Foreign,
    })
}

/// The number before the first row of a file that is made now: higher than any in a file made
/// before, unless events came faster than 1,024 a second all the while.
fn first_row(now: Timestamp) -> i64 {
    now.as_second() << 10
}

/// Makes the tables, all or none.
pub(super) fn create(connection: &mut Connection, now: Timestamp) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.execute(
        "INSERT INTO sqlite_sequence (name, seq) VALUES ('event', ?1)",
        (first_row(now),),
    )?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

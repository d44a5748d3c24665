//! The file, as its one writer sees it.
//!
//! An append says from which status a pass came. If that is not the status at which the journal had
//! arrived (events were missed, the file was lost, somebody else wrote the status), the whole status
//! goes in first. So what the journal knows is the status in the cluster, after every append.

mod append;

use std::path::Path;
use std::time::Duration;

use hivewright_api::MCPServerStatus;
use hivewright_core::Event;
use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::entry::number;
use super::schema::{self, Kind};
use crate::key::Key;

/// How long a write waits for another process that has the file: a copy being made, or a controller
/// that is about to end.
const BUSY: Duration = Duration::from_secs(2);

/// Why the journal cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It holds something else.
    #[error("the file of the journal holds something else; name a file of its own with --journal")]
    Foreign,
    /// Another version made it.
    #[error("the journal has version {0}, made by another version of the controller")]
    Version(i64),
    /// SQLite could not do it.
    #[error("the journal could not be written")]
    Sqlite(#[from] rusqlite::Error),
}

/// What one pass told of one server.
#[derive(Clone, Debug)]
pub struct Pass {
    /// Which MCPServer.
    pub server: Key,
    /// Its UID.
    pub uid: String,
    /// The status that the pass found.
    pub before: Option<MCPServerStatus>,
    /// The status with the events folded into it.
    pub after: Option<MCPServerStatus>,
    /// What became true, in order.
    pub events: Vec<Event>,
    /// When.
    pub at: Timestamp,
    /// The trace of the pass (W3C Trace Context).
    pub traceparent: Option<String>,
}

/// The file of the journal, open for writing.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// When it cannot be opened or made, or holds something else.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        match schema::kind(&connection)? {
            Kind::Empty => {
                // Only before there is a table can the file be made one that gives pages back.
                connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
                wal(&connection)?;
                schema::create(&mut connection)?;
            }
            Kind::Journal => wal(&connection)?,
            Kind::Version(version) => return Err(Error::Version(version)),
            Kind::Foreign => return Err(Error::Foreign),
        }
        Ok(Self { connection })
    }

    /// Appends what these passes told, all or nothing; how many events, and the newest row.
    ///
    /// # Errors
    /// When it cannot be written; nothing is appended then.
    pub fn append(&mut self, passes: &[Pass]) -> Result<Appended, Error> {
        let transaction = self.begin()?;
        let mut count = 0;
        for pass in passes {
            count += append::pass(&transaction, pass)?;
        }
        let newest =
            transaction.query_row("SELECT coalesce(max(row), 0) FROM event", (), |row| {
                number(row, 0)
            })?;
        transaction.commit()?;
        Ok(Appended {
            events: count,
            newest,
        })
    }

    fn begin(&mut self) -> rusqlite::Result<Transaction<'_>> {
        self.connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
    }
}

/// What an append did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Events that went in, snapshots among them.
    pub events: u64,
    /// The newest row.
    pub newest: u64,
}

/// Readers and the writer do not wait for each other, and a commit is one write at the end of a
/// file. What is acknowledged is on the disk.
fn wal(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")
}

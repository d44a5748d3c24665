//! The file, as its one writer sees it.
//!
//! An append says from which status a pass came. If that is not the status at which the journal had
//! arrived (events were missed, the file was lost, somebody else wrote the status), the whole status
//! goes in first. So what the journal knows is the status in the cluster, after every append.

mod append;
mod room;
mod shorten;

use std::path::Path;
use std::time::Duration;

use hivewright_api::MCPServerStatus;
use hivewright_core::Event;
use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::entry::{key, number};
use super::schema::{self, Kind};
use crate::key::Key;

pub use shorten::{Limits, Shortened};

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
    /// It may only be read.
    #[error("the file of the journal may only be read")]
    ReadOnly,
    /// What it holds contradicts itself.
    #[error("the file of the journal is damaged")]
    Damaged,
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

/// What is appended.
#[derive(Clone, Debug)]
pub enum Item {
    /// What a pass told.
    Pass(Box<Pass>),
    /// The MCPServer of this name is gone.
    Gone {
        /// Which one.
        server: Key,
        /// When this was seen.
        at: Timestamp,
    },
}

impl Item {
    /// How many events it holds by itself, without the snapshots that it may bring about.
    pub fn events(&self) -> usize {
        match self {
            Self::Pass(pass) => pass.events.len(),
            Self::Gone { .. } => 1,
        }
    }
}

impl From<Pass> for Item {
    fn from(pass: Pass) -> Self {
        Self::Pass(Box::new(pass))
    }
}

/// The file of the journal, open for writing.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the file, or makes it. All of it is read once: a damaged file must not be found out about
    /// years later.
    ///
    /// # Errors
    /// When it cannot be opened or made, is damaged, or holds something else.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        // What may not be written SQLite opens to be read, and says so only at the first write.
        if connection.is_readonly("main")? {
            return Err(Error::ReadOnly);
        }
        match schema::kind(&connection)? {
            Kind::Empty => {
                // Only before there is a table can the file be made one that gives pages back.
                connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
                wal(&connection)?;
                schema::create(&mut connection, Timestamp::now())?;
            }
            Kind::Journal => wal(&connection)?,
            Kind::Version(version) => return Err(Error::Version(version)),
            Kind::Foreign => return Err(Error::Foreign),
        }
        let store = Self { connection };
        if !store.is_whole()? {
            return Err(Error::Damaged);
        }
        Ok(store)
    }

    fn is_whole(&self) -> Result<bool, Error> {
        let verdict: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", (), |row| row.get(0))?;
        Ok(verdict == "ok")
    }

    /// Appends all of it, or nothing.
    ///
    /// # Errors
    /// When it cannot be written; nothing is appended then.
    pub fn append(&mut self, items: &[Item]) -> Result<Appended, Error> {
        let transaction = self.begin()?;
        let mut events = 0;
        for item in items {
            events += append::item(&transaction, item)?;
        }
        let newest = newest(&transaction)?;
        transaction.commit()?;
        Ok(Appended { events, newest })
    }

    /// The newest row.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn newest(&self) -> Result<u64, Error> {
        Ok(newest(&self.connection)?)
    }

    /// The MCPServers that exist as far as the journal knows.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn alive(&self) -> Result<Vec<Key>, Error> {
        let mut statement = self
            .connection
            .prepare("SELECT name FROM subject WHERE alive = 1 ORDER BY name")?;
        let names = statement.query_map((), |row| row.get(0))?;
        let names = names.collect::<Result<Vec<String>, _>>()?;
        Ok(names.iter().map(|name| key(name)).collect())
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
    connection.pragma_update(None, "journal_size_limit", room::CHANGES)?;
    connection.pragma_update(None, "synchronous", "FULL")
}

pub(super) fn newest(connection: &Connection) -> rusqlite::Result<u64> {
    // What AUTOINCREMENT goes on from: the newest row, if it was removed since, too.
    connection.query_row(
        "SELECT seq FROM sqlite_sequence WHERE name = 'event'",
        (),
        |row| number(row, 0),
    )
}

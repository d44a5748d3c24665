//! Reads a journal, beside the process that writes it or without one.
//!
//! A [`Reader`] is a connection of its own: open one for each question (0.1 ms), on a thread that may
//! block. Questions are answered from one state of the file; the writer is not held up.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hivewright_api::MCPServerStatus;
use hivewright_core::record;
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

use super::entry::{self, COLUMNS, Entry, key, number, signed};
use super::schema::{self, Kind};
use crate::key::Key;

mod query;
mod replay;

pub use query::{About, MAX_ENTRIES, Query};
pub use replay::Replayed;

/// How often a reader in another process looks for what is new. In the process that writes there is
/// `Journal::newest` to wait for.
pub const POLL: Duration = Duration::from_millis(500);

/// How long a reader waits while the writer renews the file's index, before it gives up.
const BUSY: Duration = Duration::from_secs(2);

/// Why a journal cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file, or it may not be read.
    #[error("the journal {} cannot be opened; check that it exists and may be read", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// It is another SQLite file.
    #[error("{} is not a journal of hivewright-controller; name the file that --journal names", path.display())]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// It is of another version.
    #[error("the journal {} has version {version} and this program reads version {}; use the version that wrote it", path.display(), schema::VERSION)]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: i64,
    },
    /// The file does not give what it should.
    #[error("the journal cannot be read; its file is damaged, or its disk")]
    Read(#[from] rusqlite::Error),
    /// An event was written by a version that knows more.
    #[error("an event of the journal cannot be understood")]
    Fact(#[from] record::Error),
}

/// One name of which the journal holds events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Which MCPServer.
    pub server: Key,
    /// UID of the one that lives, or of the last that did.
    pub uid: String,
    /// Whether it still exists, as far as was told.
    pub alive: bool,
    /// Sequence of the oldest event that is kept.
    pub first: u64,
    /// Sequence of the newest event.
    pub last: u64,
    /// When the newest event became true.
    pub time: Timestamp,
}

/// A journal that is read.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
}

impl Reader {
    /// Opens the journal at this path, to be read only.
    ///
    /// # Errors
    /// When it is not there, cannot be read or is no journal of this version.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Open {
            path: path.to_owned(),
            source,
        };
        let connection = connect(path).map_err(failed)?;
        match schema::kind(&connection).map_err(failed)? {
            Kind::Journal => Ok(Self { connection }),
            Kind::Version(version) => Err(Error::Version {
                path: path.to_owned(),
                version,
            }),
            Kind::Empty | Kind::Foreign => Err(Error::NotAJournal {
                path: path.to_owned(),
            }),
        }
    }

    /// The newest row: what [`Query::after`] goes on from.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub fn newest(&self) -> Result<u64, Error> {
        Ok(super::store::newest(&self.connection)?)
    }

    /// Every name of which there are events, those of MCPServers that are gone too, in order.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub fn subjects(&self) -> Result<Vec<Subject>, Error> {
        let mut statement = self.connection.prepare(
            "SELECT s.name, l.uid, s.alive, s.sequence,
                    (SELECT min(sequence) FROM event WHERE subject = s.id),
                    (SELECT time FROM event WHERE subject = s.id AND sequence = s.sequence)
             FROM subject s JOIN life l ON l.id = s.life WHERE s.sequence > 0 ORDER BY s.name",
        )?;
        let subjects = statement.query_map((), |row| {
            let name: String = row.get(0)?;
            Ok(Subject {
                server: key(&name),
                uid: row.get(1)?,
                alive: row.get(2)?,
                last: number(row, 3)?,
                first: number(row, 4)?,
                time: entry::time(row.get(5)?),
            })
        })?;
        Ok(subjects.collect::<Result<_, _>>()?)
    }

    /// The events that are asked for, the oldest first.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub fn events(&self, query: &Query) -> Result<Vec<Entry>, Error> {
        query.run(&self.connection)
    }

    /// What the journal knows of one server: the status that follows from all that was told until
    /// then (now, if no time is given). `None` if nothing had been told.
    ///
    /// # Errors
    /// When the file cannot be read or an event not understood.
    pub fn server_at(
        &self,
        server: &Key,
        at: Option<Timestamp>,
    ) -> Result<Option<Replayed>, Error> {
        let all = replay::run(&self.connection, Some(server), at)?;
        Ok(all.into_iter().next())
    }

    /// The same for every server of which something had been told, in order; those that were gone by
    /// then have no status.
    ///
    /// # Errors
    /// When the file cannot be read or an event not understood.
    pub fn servers_at(&self, at: Option<Timestamp>) -> Result<Vec<Replayed>, Error> {
        replay::run(&self.connection, None, at)
    }
}

/// A journal that nobody writes, on a disk that cannot be written, has no index beside it and can
/// have none: it is read as it is.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, read_only)?;
    connection.busy_timeout(BUSY)?;
    match schema::kind(&connection) {
        Ok(_) => Ok(connection),
        Err(error) => {
            let immutable =
                Connection::open_with_flags(uri(path), read_only | OpenFlags::SQLITE_OPEN_URI)?;
            schema::kind(&immutable).map_err(|_| error)?;
            Ok(immutable)
        }
    }
}

/// The path as SQLite's URI, with the characters quoted that mean something in one.
/// <https://www.sqlite.org/uri.html>
fn uri(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for c in path.to_string_lossy().chars() {
        match c {
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            '%' => uri.push_str("%25"),
            other => uri.push(other),
        }
    }
    uri + "?immutable=1"
}

//! How much room the file takes, and whether there is more.

use super::{Error, Store};
use crate::journal::entry::number;

/// How much a probe writes, in bytes: more than a pass tells.
const PROBE: u32 = 64 * 1024;

/// Most pages that are given back in one go, so that an append waits little for it: 4 MiB.
const VACUUM: u32 = 1024;

/// How large the file of changes may stay once they are in the main file, in bytes: what SQLite lets
/// it grow to by itself before that (1,000 pages).
pub(super) const CHANGES: u32 = 4 * 1024 * 1024;

impl Store {
    /// Bytes of what the main file holds: without pages that are free.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn bytes(&self) -> Result<u64, Error> {
        let pragma = |text: &str| self.connection.query_row(text, (), |row| number(row, 0));
        let pages = pragma("PRAGMA page_count")?;
        let free = pragma("PRAGMA freelist_count")?;
        Ok(pages.saturating_sub(free) * pragma("PRAGMA page_size")?)
    }

    /// Writes something and takes it back: whether the disk takes what an append would.
    ///
    /// # Errors
    /// When it does not.
    pub fn probe(&mut self) -> Result<(), Error> {
        let transaction = self.begin()?;
        transaction.execute(
            "INSERT INTO probe (id, room) VALUES (1, zeroblob(?1))
             ON CONFLICT (id) DO UPDATE SET room = excluded.room",
            (PROBE,),
        )?;
        transaction.commit()?;
        self.connection.execute("UPDATE probe SET room = x''", ())?;
        Ok(())
    }

    /// Gives free pages back to the disk, some at a time.
    pub(super) fn give_back(&self) -> Result<(), Error> {
        self.connection
            .execute_batch(&format!("PRAGMA incremental_vacuum({VACUUM})"))?;
        Ok(())
    }

    /// Puts all changes into the main file, which can then be copied alone.
    ///
    /// # Errors
    /// When the disk does not take them; they are in the file of changes still.
    pub fn settle(&self) -> Result<(), Error> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?;
        Ok(())
    }
}

//! Keeps the journal within its bounds: the oldest events of a server are removed, and a snapshot
//! of what they had led to takes the place of the last of them. So the sequence has no gap but at its
//! front, and the status still follows from what is kept.

use hivewright_api::cloud_event::TYPE_PREFIX;
use hivewright_core::record::{Fact, Told, Why};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension as _, Transaction};
use uuid::Uuid;

use super::append::is_base;
use super::{Error, Store};
use crate::journal::entry;

/// Servers that are seen to in one transaction, so that an append waits little for it.
const STEP: usize = 32;

/// Which part of the events goes when the file is too large: a tenth, so that it is not too large
/// again at once.
const TENTH: u64 = 10;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For how long; what is older goes.
    pub age: SignedDuration,
    /// How many bytes the main file may hold. Beside it are changes on their way into it, 4 MiB at
    /// most.
    pub bytes: u64,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shortened {
    /// Events that were too old.
    pub age: u64,
    /// Events for which there was no room.
    pub size: u64,
    /// Whether there may be more to remove.
    pub more: bool,
}

/// Up to where one subject is shortened.
struct Cut {
    subject: i64,
    sequence: i64,
}

impl Store {
    /// Removes some of what is beyond the limits. To be called again while there is more.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn shorten(&mut self, limits: &Limits, now: Timestamp) -> Result<Shortened, Error> {
        let oldest = now.checked_sub(limits.age).unwrap_or(Timestamp::MIN);
        let (age, seen) = self.cut("e.time < ?1", oldest.as_millisecond())?;
        let more = seen == STEP;
        let mut done = Shortened { age, size: 0, more };
        if !more
            && self.bytes()? > limits.bytes
            && let Some(row) = self.tenth()?
        {
            let (size, seen) = self.cut("e.row <= ?1", row)?;
            (done.size, done.more) = (size, seen > 0);
        }
        self.give_back()?;
        Ok(done)
    }

    /// Up to which row the oldest tenth is of what can be removed.
    fn tenth(&self) -> Result<Option<i64>, Error> {
        let count: u64 =
            self.connection
                .query_row("SELECT count(*) FROM event WHERE base = 0", (), |row| {
                    entry::number(row, 0)
                })?;
        let row = self.connection.query_row(
            "SELECT row FROM event WHERE base = 0 ORDER BY row LIMIT 1 OFFSET ?1",
            (entry::signed(count / TENTH),),
            |row| row.get(0),
        );
        Ok(row.optional()?)
    }

    /// Shortens some of the servers with events for which `condition` holds: how many events went,
    /// and how many servers were seen to.
    fn cut(&mut self, condition: &str, bound: i64) -> Result<(u64, usize), Error> {
        let transaction = self.begin()?;
        let cuts = cuts(&transaction, condition, bound)?;
        let mut gone = 0;
        for cut in &cuts {
            gone += shorten(&transaction, cut)?;
        }
        transaction.commit()?;
        Ok((gone, cuts.len()))
    }
}

/// What has but a snapshot left before the bound is as short as can be; of a server that is gone
/// nothing has to be kept.
fn cuts(transaction: &Transaction<'_>, condition: &str, bound: i64) -> Result<Vec<Cut>, Error> {
    let mut statement = transaction.prepare(&format!(
        "SELECT e.subject, max(e.sequence) FROM event e JOIN subject s ON s.id = e.subject
         WHERE {condition} GROUP BY e.subject
         HAVING count(*) > 1 OR max(e.base) = 0 OR (s.alive = 0 AND max(e.sequence) = s.sequence)
         LIMIT ?2"
    ))?;
    let step = i64::try_from(STEP).unwrap_or(i64::MAX);
    let cuts = statement.query_map((bound, step), |row| {
        Ok(Cut {
            subject: row.get(0)?,
            sequence: row.get(1)?,
        })
    })?;
    Ok(cuts.collect::<Result<_, _>>()?)
}

fn shorten(transaction: &Transaction<'_>, cut: &Cut) -> Result<u64, Error> {
    let gone: bool = transaction.query_row(
        "SELECT alive = 0 AND sequence <= ?2 FROM subject WHERE id = ?1",
        (cut.subject, cut.sequence),
        |row| row.get(0),
    )?;
    if gone {
        return forget(transaction, cut);
    }
    let (told, based) = told(transaction, cut)?;
    if !based {
        let fact = Fact::snapshot(Why::Retention, told.status.unwrap_or_default());
        replace(transaction, cut, &fact)?;
    }
    let removed = transaction.execute(
        "DELETE FROM event WHERE subject = ?1 AND sequence < ?2",
        (cut.subject, cut.sequence),
    )?;
    transaction.execute(
        "DELETE FROM life WHERE subject = ?1
         AND NOT EXISTS (SELECT 1 FROM event WHERE event.subject = ?1 AND event.life = life.id)",
        (cut.subject,),
    )?;
    Ok(u64::try_from(removed).unwrap_or_default())
}

fn forget(transaction: &Transaction<'_>, cut: &Cut) -> Result<u64, Error> {
    let removed = transaction.execute("DELETE FROM event WHERE subject = ?1", (cut.subject,))?;
    transaction.execute("DELETE FROM life WHERE subject = ?1", (cut.subject,))?;
    transaction.execute("DELETE FROM subject WHERE id = ?1", (cut.subject,))?;
    Ok(u64::try_from(removed).unwrap_or_default())
}

/// What had been told up to the cut, and whether the event there says it all by itself.
///
/// An event that only another version understands is passed over; the next pass then finds that the
/// journal does not know the status, and puts it in whole.
fn told(transaction: &Transaction<'_>, cut: &Cut) -> Result<(Told, bool), Error> {
    let mut statement = transaction.prepare(
        "SELECT type, data, time FROM event WHERE subject = ?1 AND sequence <= ?2
         AND sequence >= coalesce((SELECT max(sequence) FROM event
                                   WHERE subject = ?1 AND sequence <= ?2 AND base = 1), 0)
         ORDER BY sequence",
    )?;
    let mut rows = statement.query((cut.subject, cut.sequence))?;
    let (mut told, mut based) = (Told::default(), false);
    while let Some(row) = rows.next()? {
        let (kind, data): (String, String) = (row.get(0)?, row.get(1)?);
        let data = serde_json::from_str(&data).unwrap_or_default();
        match Fact::read(&format!("{TYPE_PREFIX}{kind}"), &data) {
            Ok(fact) => {
                told.fold(&fact, entry::time(row.get(2)?));
                based = is_base(&fact);
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "An event of the journal was removed that this version does not understand"
                );
                distrust(transaction, cut.subject)?;
            }
        }
    }
    Ok((told, based))
}

/// Makes the next pass put the whole status in.
fn distrust(transaction: &Transaction<'_>, subject: i64) -> Result<(), Error> {
    transaction.execute(
        "UPDATE subject SET digest = zeroblob(16) WHERE id = ?1",
        (subject,),
    )?;
    Ok(())
}

fn replace(transaction: &Transaction<'_>, cut: &Cut, fact: &Fact) -> Result<(), Error> {
    let kind = fact.kind();
    transaction.execute(
        "UPDATE event SET base = 1, id = ?3, type = ?4, traceparent = NULL, data = ?5
         WHERE subject = ?1 AND sequence = ?2",
        (
            cut.subject,
            cut.sequence,
            Uuid::now_v7().into_bytes(),
            kind.strip_prefix(TYPE_PREFIX).unwrap_or(&kind),
            fact.data().to_string(),
        ),
    )?;
    Ok(())
}

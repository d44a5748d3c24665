//! What one pass told, put at the end of what is known of its server.

use hivewright_api::cloud_event::TYPE_PREFIX;
use hivewright_core::record::{Digest, Fact, Why, digest};
use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction};
use uuid::Uuid;

use super::{Item, Pass};
use crate::journal::entry::{number, signed};
use crate::key::Key;

/// Appends it; how many events went in.
pub(super) fn item(transaction: &Transaction<'_>, item: &Item) -> rusqlite::Result<u64> {
    match item {
        Item::Pass(told) => pass(transaction, told),
        Item::Gone { server, at } => gone(transaction, server, *at),
    }
}

fn gone(transaction: &Transaction<'_>, server: &Key, at: Timestamp) -> rusqlite::Result<u64> {
    let Some(head) = head(transaction, server)?.filter(|head| head.alive) else {
        return Ok(0);
    };
    let mut writer = Writer::begin(transaction, head, (at, None));
    writer.put(&Fact::Deleted)?;
    writer.head.alive = false;
    writer.head.digest = digest(None);
    writer.finish()
}

fn pass(transaction: &Transaction<'_>, pass: &Pass) -> rusqlite::Result<u64> {
    let head = head(transaction, &pass.server)?;
    let before = digest(pass.before.as_ref());
    let known = head.as_ref().filter(|head| head.alive);
    let namesake = known.is_some_and(|head| head.uid != pass.uid);
    let arrived = match known {
        Some(head) if !namesake => head.digest,
        Some(_) | None => digest(None),
    };
    let why = match known {
        Some(_) if !namesake => Why::Healed,
        Some(_) | None => Why::Begun,
    };
    if pass.events.is_empty() && arrived == before && !namesake {
        return Ok(0);
    }
    let head = match head {
        Some(head) => head,
        None => new(transaction, pass)?,
    };
    let mut writer = Writer::begin(transaction, head, (pass.at, pass.traceparent.as_deref()));
    if namesake {
        writer.put(&Fact::Deleted)?;
    }
    writer.live(&pass.uid)?;
    if arrived != before {
        let status = pass.before.clone().unwrap_or_default();
        writer.put(&Fact::snapshot(why, status))?;
    }
    for event in &pass.events {
        writer.put(&Fact::Event(event.clone()))?;
    }
    writer.head.digest = digest(pass.after.as_ref());
    writer.finish()
}

/// What is known of a subject, as far as an append asks.
struct Head {
    subject: i64,
    sequence: u64,
    life: i64,
    uid: String,
    alive: bool,
    digest: Digest,
}

fn head(transaction: &Transaction<'_>, server: &Key) -> rusqlite::Result<Option<Head>> {
    let mut statement = transaction.prepare(
        "SELECT s.id, s.sequence, s.life, l.uid, s.alive, s.digest
         FROM subject s JOIN life l ON l.id = s.life WHERE s.name = ?1",
    )?;
    let head = statement.query_row((server.to_string(),), |row| {
        Ok(Head {
            subject: row.get(0)?,
            sequence: number(row, 1)?,
            life: row.get(2)?,
            uid: row.get(3)?,
            alive: row.get(4)?,
            digest: row.get(5)?,
        })
    });
    head.optional()
}

/// Appends to one subject.
struct Writer<'a> {
    transaction: &'a Transaction<'a>,
    at: Timestamp,
    traceparent: Option<&'a str>,
    head: Head,
    count: u64,
}

impl<'a> Writer<'a> {
    const fn begin(
        transaction: &'a Transaction<'a>,
        head: Head,
        (at, traceparent): (Timestamp, Option<&'a str>),
    ) -> Self {
        Self {
            transaction,
            at,
            traceparent,
            head,
            count: 0,
        }
    }

    /// What follows is about the MCPServer of this UID.
    fn live(&mut self, uid: &str) -> rusqlite::Result<()> {
        if self.head.uid != uid {
            self.head.life = life(self.transaction, self.head.subject, uid)?;
            uid.clone_into(&mut self.head.uid);
        }
        self.head.alive = true;
        Ok(())
    }

    fn put(&mut self, fact: &Fact) -> rusqlite::Result<()> {
        self.head.sequence += 1;
        let kind = fact.kind();
        self.transaction
            .prepare(
                "INSERT INTO event (subject, life, sequence, time, base, id, type, traceparent, data)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute((
                self.head.subject,
                self.head.life,
                signed(self.head.sequence),
                self.at.as_millisecond(),
                is_base(fact),
                Uuid::now_v7().into_bytes(),
                kind.strip_prefix(TYPE_PREFIX).unwrap_or(&kind),
                self.traceparent,
                fact.data().to_string(),
            ))?;
        self.count += 1;
        Ok(())
    }

    fn finish(self) -> rusqlite::Result<u64> {
        let head = self.head;
        self.transaction.execute(
            "UPDATE subject SET sequence = ?2, life = ?3, alive = ?4, digest = ?5 WHERE id = ?1",
            (
                head.subject,
                signed(head.sequence),
                head.life,
                head.alive,
                head.digest,
            ),
        )?;
        Ok(self.count)
    }
}

/// Whether the status follows from this fact alone, whatever was before.
pub(super) const fn is_base(fact: &Fact) -> bool {
    match fact {
        Fact::Snapshot(_) | Fact::Deleted => true,
        Fact::Event(_) => false,
    }
}

fn new(transaction: &Transaction<'_>, pass: &Pass) -> rusqlite::Result<Head> {
    let nothing = digest(None);
    transaction.execute(
        "INSERT INTO subject (name, sequence, life, alive, digest) VALUES (?1, 0, 0, 0, ?2)",
        (pass.server.to_string(), nothing),
    )?;
    let subject = transaction.last_insert_rowid();
    Ok(Head {
        subject,
        sequence: 0,
        life: life(transaction, subject, &pass.uid)?,
        uid: pass.uid.clone(),
        alive: false,
        digest: nothing,
    })
}

fn life(transaction: &Transaction<'_>, subject: i64, uid: &str) -> rusqlite::Result<i64> {
    transaction.execute(
        "INSERT INTO life (subject, uid) VALUES (?1, ?2)",
        (subject, uid),
    )?;
    Ok(transaction.last_insert_rowid())
}

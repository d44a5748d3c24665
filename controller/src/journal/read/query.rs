//! Which events are asked for.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::{COLUMNS, Entry, Error, signed};
use crate::key::Key;

/// Most events of one answer: a megabyte or less. A reader who wants more asks again, after the last
/// that it got.
pub const MAX_ENTRIES: usize = 1_000;

/// Whose events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// Every server's.
    #[default]
    All,
    /// Those of the servers in this namespace.
    Namespace(String),
    /// Those of this server.
    Server(Key),
}

/// Which events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Whose.
    pub about: About,
    /// Those appended after this row.
    pub after: Option<u64>,
    /// Those of a higher sequence than this; of use with one server.
    pub after_sequence: Option<u64>,
    /// Those that became true at this time or later.
    pub since: Option<Timestamp>,
    /// Those that became true at this time or earlier.
    pub until: Option<Timestamp>,
    /// If there are more than `limit`: the newest of them, else the oldest.
    pub newest: bool,
    /// How many; more than [`MAX_ENTRIES`] are never given.
    pub limit: usize,
}

impl Default for Query {
    /// The oldest [`MAX_ENTRIES`] of all.
    fn default() -> Self {
        Self {
            about: About::All,
            after: None,
            after_sequence: None,
            since: None,
            until: None,
            newest: false,
            limit: MAX_ENTRIES,
        }
    }
}

impl Query {
    /// The newest events of one server.
    pub fn server(server: Key) -> Self {
        Self {
            about: About::Server(server),
            newest: true,
            ..Self::default()
        }
    }

    pub(super) fn run(&self, connection: &Connection) -> Result<Vec<Entry>, Error> {
        let (conditions, mut values) = self.conditions();
        let order = if self.newest { "DESC" } else { "ASC" };
        let text = format!(
            "SELECT {COLUMNS} FROM event e JOIN subject s ON s.id = e.subject
             JOIN life l ON l.id = e.life WHERE {conditions} ORDER BY {} {order} LIMIT ?",
            self.place()
        );
        values.push(Value::Integer(signed(
            u64::try_from(self.limit.min(MAX_ENTRIES)).unwrap_or(u64::MAX),
        )));
        let mut statement = connection.prepare(&text)?;
        let entries = statement.query_map(params_from_iter(values), Entry::of)?;
        let mut entries: Vec<Entry> = entries.collect::<Result<_, _>>()?;
        if self.newest {
            entries.reverse();
        }
        Ok(entries)
    }

    /// By which column the events are put in order: each has an index for its case.
    const fn place(&self) -> &'static str {
        match self.about {
            About::All | About::Namespace(_) => "e.row",
            About::Server(_) => "e.sequence",
        }
    }

    fn conditions(&self) -> (String, Vec<Value>) {
        let mut conditions = vec!["1"];
        let mut values = Vec::new();
        match &self.about {
            About::All => {}
            // What begins with the namespace and a slash: the character after `/` is `0`.
            About::Namespace(namespace) => {
                conditions.push("s.name > ? AND s.name < ?");
                values.push(Value::Text(format!("{namespace}/")));
                values.push(Value::Text(format!("{namespace}0")));
            }
            About::Server(server) => {
                conditions.push("e.subject = (SELECT id FROM subject WHERE name = ?)");
                values.push(Value::Text(server.to_string()));
            }
        }
        let numbers = [
            ("e.row > ?", self.after.map(signed)),
            ("e.sequence > ?", self.after_sequence.map(signed)),
            ("e.time >= ?", self.since.map(milliseconds_up)),
            ("e.time <= ?", self.until.map(Timestamp::as_millisecond)),
        ];
        for (condition, number) in numbers {
            if let Some(number) = number {
                conditions.push(condition);
                values.push(Value::Integer(number));
            }
        }
        (conditions.join(" AND "), values)
    }
}

/// The first whole millisecond that is not before `time`.
fn milliseconds_up(time: Timestamp) -> i64 {
    let milliseconds = time.as_millisecond();
    if time.subsec_nanosecond() % 1_000_000 > 0 {
        milliseconds + 1
    } else {
        milliseconds
    }
}

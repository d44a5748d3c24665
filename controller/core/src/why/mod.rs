//! Why a server is as it is: one paragraph out of its status and its journal.
//!
//! ```text
//!  status ──> ServerState ──blocker──> what is wrong ──advice──> what to do
//!  journal ──fold, entry by entry──> Spell: since when, and which event said it first
//! ```
//!
//! The status alone is enough to say what is wrong; the journal adds how it came about.

mod advice;
mod paragraph;
mod span;
mod spell;

use hivewright_api::MCPServerStatus;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::reason::Reason;
use crate::record::Fact;
use crate::state::{Blocker, ServerState, Standing};
use crate::status::ConditionType;

pub use span::span;

use spell::Spell;

/// One entry of a server's journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its place among the entries of its server.
    pub sequence: u64,
    /// When it became true.
    pub at: Timestamp,
    /// What became true.
    pub fact: Fact,
}

/// What is known about one server.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its status; `None` if the MCPServer is gone.
    pub status: Option<&'a MCPServerStatus>,
    /// Its journal, oldest entry first; empty if there is none.
    pub journal: &'a [Entry],
}

/// Why a server is as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Why {
    /// The server, as `NAMESPACE/NAME`.
    pub subject: String,
    /// How it is, in one word.
    pub verdict: Verdict,
    /// Why, as one of the words of the conditions.
    pub reason: String,
    /// Since when: RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The event that said it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Cause>,
    /// What to do, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// All of it, to be read by people.
    pub paragraph: String,
}

/// How a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Verdict {
    /// An MCP client is answered.
    Ready,
    /// Not yet, and nobody has to do anything.
    Waiting,
    /// Not running, as the spec asks.
    Stopped,
    /// Somebody has to change something.
    Failed,
    /// There is no such MCPServer any more.
    Gone,
}

/// The event that said first what is true now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// Its place in the journal of the server.
    pub sequence: u64,
    /// When: RFC 3339, UTC.
    pub time: String,
    /// What it said.
    pub message: String,
}

/// Says why.
pub fn why(known: Known<'_>, now: Timestamp) -> Why {
    let Some(status) = known.status else {
        return gone(known, now);
    };
    let state = ServerState::from_status(Some(status));
    let blocker = state.blocker();
    let spell = Spell::of(known.journal, blocker.as_ref());
    let since = spell.since.or_else(|| transition(status));
    let cause = spell.cause.map(|index| cause(&known.journal[index]));
    let action = match &blocker {
        Some(blocker) => Some(advice::blocked(known, &state, blocker)),
        None => advice::worry(&state),
    };
    let told = paragraph::Told {
        status,
        state: &state,
        blocker: blocker.as_ref(),
        spell: &spell,
        since,
    };
    Why {
        subject: subject(known),
        verdict: verdict(blocker.as_ref()),
        reason: reason(blocker.as_ref()).as_str().to_owned(),
        since: since.map(|since| since.to_string()),
        paragraph: paragraph::write(known, &told, action.as_deref(), now),
        event: cause,
        action,
    }
}

fn gone(known: Known<'_>, now: Timestamp) -> Why {
    let last = known.journal.last();
    let deleted = last.filter(|entry| entry.fact == Fact::Deleted);
    let paragraph = match deleted {
        Some(entry) => format!(
            "{} is gone: the MCPServer was deleted {} ago, at {} (event {}).",
            subject(known),
            span(entry.at, now),
            entry.at,
            entry.sequence
        ),
        None => format!(
            "{} has no status: the controller has not looked at it yet.",
            subject(known)
        ),
    };
    Why {
        subject: subject(known),
        verdict: if deleted.is_some() {
            Verdict::Gone
        } else {
            Verdict::Waiting
        },
        reason: last
            .map_or(Reason::NotObserved.as_str(), |entry| entry.fact.reason())
            .to_owned(),
        since: deleted.map(|entry| entry.at.to_string()),
        event: deleted.map(cause),
        action: None,
        paragraph,
    }
}

fn subject(known: Known<'_>) -> String {
    format!("{}/{}", known.namespace, known.name)
}

fn cause(entry: &Entry) -> Cause {
    Cause {
        sequence: entry.sequence,
        time: entry.at.to_string(),
        message: entry.fact.note(),
    }
}

fn verdict(blocker: Option<&Blocker>) -> Verdict {
    match blocker.map(|blocker| blocker.standing) {
        None | Some(Standing::Good) => Verdict::Ready,
        Some(Standing::Waiting) => Verdict::Waiting,
        Some(Standing::Stopped) => Verdict::Stopped,
        Some(Standing::Failed) => Verdict::Failed,
    }
}

fn reason(blocker: Option<&Blocker>) -> Reason {
    blocker.map_or(Reason::Ready, |blocker| blocker.reason)
}

/// When the condition Ready last changed: what is known without a journal.
fn transition(status: &MCPServerStatus) -> Option<Timestamp> {
    let mut conditions = status.conditions.iter().flatten();
    conditions
        .find(|condition| condition.kind == ConditionType::Ready.as_str())
        .map(|condition| condition.last_transition_time.0)
}

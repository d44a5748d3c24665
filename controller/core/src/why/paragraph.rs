//! The paragraph: what is wrong, since when, which event said it, what to do.

use std::fmt::Write as _;

use hivewright_api::MCPServerStatus;
use jiff::Timestamp;

use super::spell::Spell;
use super::{Entry, Known, span, subject};
use crate::state::{Blocker, Component, Egress, Policy, ServerState, Standing};

/// What there is to say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    pub(super) status: &'a MCPServerStatus,
    pub(super) state: &'a ServerState,
    pub(super) blocker: Option<&'a Blocker>,
    pub(super) spell: &'a Spell,
    pub(super) since: Option<Timestamp>,
}

/// Writes it.
pub(super) fn write(
    known: Known<'_>,
    told: &Told<'_>,
    action: Option<&str>,
    now: Timestamp,
) -> String {
    let mut sentences = vec![what(known, told)];
    sentences.extend(since(told, now));
    sentences.extend(cause(known, told));
    sentences.extend(before(told));
    sentences.extend(worries(told.state));
    sentences.extend(last_failure(told, now));
    sentences.push(match action {
        Some(action) => format!("What to do: {action}."),
        None => "There is nothing to do.".to_owned(),
    });
    sentences.join(" ")
}

/// What is so, in the words of the status.
fn what(known: Known<'_>, told: &Told<'_>) -> String {
    let subject = subject(known);
    let Some(blocker) = told.blocker else {
        return format!("{subject} is ready: {}", ended(&told.state.message()));
    };
    let how = match blocker.standing {
        Standing::Good | Standing::Waiting => "is not ready yet",
        Standing::Stopped => "is stopped",
        Standing::Failed => "is broken",
    };
    format!(
        "{subject} {how} ({}): {}",
        blocker.reason,
        ended(&blocker.sentence)
    )
}

fn since(told: &Told<'_>, now: Timestamp) -> Option<String> {
    let since = told.since?;
    let how = if told.blocker.is_none() {
        "been ready"
    } else {
        "not been ready"
    };
    Some(format!(
        "It has {how} for {}, since {since}.",
        span(since, now)
    ))
}

/// The event that said first what stands in the way; of a ready server its first ready moment is told
/// already.
fn cause(known: Known<'_>, told: &Told<'_>) -> Option<String> {
    let blocker = told.blocker?;
    let Entry { sequence, at, fact } = match told.spell.cause {
        Some(index) => known.journal.get(index)?,
        None if known.journal.is_empty() => {
            return Some(
                "The journal tells nothing of it, so which event began it is not known.".to_owned(),
            );
        }
        None => return Some("It began before the oldest event that the journal keeps.".to_owned()),
    };
    let mut text = format!("Event {sequence} said it first, at {at}");
    // With the same reason its sentence is the one above; with another it is the one that explains.
    if fact.reason() == blocker.reason.as_str() {
        text.push('.');
    } else {
        let _infallible = write!(text, ": {}", ended(&fact.note()));
    }
    Some(text)
}

fn before(told: &Told<'_>) -> Option<String> {
    told.blocker?;
    match told.spell.ready {
        Some((from, to)) => Some(format!(
            "Before that it had been ready for {}.",
            span(from, to)
        )),
        None if told.spell.whole => Some("It has never been ready.".to_owned()),
        None => None,
    }
}

/// What is not well though clients are answered.
fn worries(state: &ServerState) -> Vec<String> {
    let policy = match &state.policy {
        Policy::NotEnforced(_) => Some(state.policy.sentence()),
        Policy::Pending | Policy::Enforced | Policy::Unverified => None,
    };
    let egress = match &state.egress {
        Egress::Denied(_) => Some(state.egress.sentence()),
        Egress::Unhindered => None,
    };
    let found = policy.into_iter().chain(egress);
    found.map(|sentence| ended(&sentence)).collect()
}

/// The last failure, where it says more than what stands in the way now.
fn last_failure(told: &Told<'_>, now: Timestamp) -> Option<String> {
    let failure = told.status.last_failure.as_ref()?;
    if told
        .blocker
        .is_some_and(|blocker| blocker.reason.as_str() == failure.reason)
    {
        return None;
    }
    let over = if told.blocker.is_none() {
        ", and it is over"
    } else {
        ""
    };
    Some(format!(
        "The last failure was {} ago{over} ({}): {}",
        span(failure.time.0, now),
        failure.reason,
        ended(&failure.message)
    ))
}

/// A sentence with its full stop: those that end with others' words have none.
fn ended(sentence: &str) -> String {
    let sentence = sentence.trim_end();
    if sentence.ends_with(['.', '!', '?', '`']) {
        sentence.to_owned()
    } else {
        format!("{sentence}.")
    }
}

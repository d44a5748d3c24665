//! The present spell: how long the server has been as it is, and what began it.

use jiff::Timestamp;

use super::Entry;
use crate::reason::Reason;
use crate::record::Fact;
use crate::state::{Blocker, ServerState};

/// The time since the server last became ready, or ceased to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spell {
    /// When it began; `None` if the journal does not reach back so far.
    pub(super) since: Option<Timestamp>,
    /// The entry, within it, that first said what is true now.
    pub(super) cause: Option<usize>,
    /// How long it had been ready before: from, to. `None` if it never was.
    pub(super) ready: Option<(Timestamp, Timestamp)>,
    /// Whether the journal tells the server's story from its begin.
    pub(super) whole: bool,
}

impl Spell {
    /// The spell at the end of this journal, in which `blocker` stands in the way now.
    pub(super) fn of(journal: &[Entry], blocker: Option<&Blocker>) -> Self {
        let mut walk = Walk::default();
        let mut index = 0;
        // What one pass tells has one time, and only all of it together is true.
        for pass in journal.chunk_by(|one, next| one.at == next.at) {
            walk.pass(index, pass);
            index += pass.len();
        }
        let now = blocker.map(|blocker| blocker.reason);
        let first = walk.first.iter().find(|(reason, _)| *reason == now);
        Self {
            since: walk.since,
            cause: first.map(|(_, index)| *index),
            ready: walk.ready,
            whole: walk.whole,
        }
    }
}

/// What is known on the way through a journal.
#[derive(Debug, Default)]
struct Walk {
    state: ServerState,
    answered: Option<bool>,
    since: Option<Timestamp>,
    /// Each reason (none: ready) of the present spell, with the entry that said it first. There are
    /// few: the number of reasons bounds it.
    first: Vec<(Option<Reason>, usize)>,
    ready: Option<(Timestamp, Timestamp)>,
    whole: bool,
}

impl Walk {
    /// What one pass told, the first of it at `index` of the journal.
    fn pass(&mut self, index: usize, pass: &[Entry]) {
        if index == 0 {
            self.whole = begins(pass);
        }
        let before = self.answered;
        for entry in pass {
            self.fold(&entry.fact);
        }
        let Some(last) = pass.last().filter(|last| last.fact != Fact::Deleted) else {
            return;
        };
        // A whole status tells how it is, not since when.
        let known_since = before.is_some() || !matches!(last.fact, Fact::Snapshot(_));
        let reason = self.state.blocker().map(|blocker| blocker.reason);
        let answered = reason.is_none();
        if self.answered != Some(answered) {
            self.turn(answered, last.at, known_since);
        }
        if known_since && !self.first.iter().any(|(known, _)| *known == reason) {
            self.first.push((reason, index + says(pass, reason)));
        }
    }

    fn fold(&mut self, fact: &Fact) {
        match fact {
            Fact::Event(event) => self.state.fold(event),
            Fact::Snapshot(snapshot) => {
                self.state = ServerState::from_status(Some(&snapshot.status));
            }
            Fact::Deleted => *self = Self::default(),
        }
    }

    /// A new spell begins.
    fn turn(&mut self, answered: bool, at: Timestamp, known_since: bool) {
        self.ready = match (self.answered, self.since) {
            (Some(true), Some(from)) => Some((from, at)),
            (Some(true | false) | None, _) => None,
        };
        self.answered = Some(answered);
        self.since = known_since.then_some(at);
        self.first.clear();
    }
}

/// Whether a journal that begins so tells the story of its server from the begin.
fn begins(pass: &[Entry]) -> bool {
    pass.first()
        .is_some_and(|first| first.sequence == 1 && matches!(first.fact, Fact::Event(_)))
}

/// Which entry of a pass says this reason; the last if none does in so many words.
fn says(pass: &[Entry], reason: Option<Reason>) -> usize {
    let word = reason.unwrap_or(Reason::Ready).as_str();
    let found = pass.iter().position(|entry| entry.fact.reason() == word);
    found.unwrap_or(pass.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detail::Detail;
    use crate::event::Event;
    use crate::record::Why as SnapshotWhy;
    use crate::state::{Endpoint, PodState, Proxy, Replicas, Story};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn journal(facts: Vec<Fact>) -> Vec<Entry> {
        let entries = facts.into_iter().zip(1_u32..);
        entries
            .map(|(fact, sequence)| Entry {
                sequence: sequence.into(),
                at: at(sequence.into()),
                fact,
            })
            .collect()
    }

    /// A server that becomes ready with its fifth event.
    fn started() -> Vec<Fact> {
        let endpoint = Endpoint {
            url: "http://x/mcp".to_owned(),
            streamable_http: "http://x/mcp".to_owned(),
            sse: "http://x/sse".to_owned(),
        };
        let events = vec![
            Event::GenerationObserved(1),
            Event::Accepted,
            Event::EndpointPublished(endpoint),
            Event::Proxy(Proxy::Ready),
            Event::Backend(Story::Initialized.into()),
            Event::Replicas(Replicas {
                wanted: 1,
                ready: 1,
            }),
        ];
        events.into_iter().map(Fact::Event).collect()
    }

    fn crash(again: bool) -> Vec<Fact> {
        let pod = PodState::Exited {
            code: 1,
            again,
            detail: Detail::new("boom"),
        };
        let lost = Replicas {
            wanted: 1,
            ready: 0,
        };
        let events = vec![
            Event::Replicas(lost),
            Event::Backend(Story::Pod(pod).into()),
        ];
        events.into_iter().map(Fact::Event).collect()
    }

    fn spell(journal: &[Entry]) -> Spell {
        let mut state = ServerState::default();
        for entry in journal {
            match &entry.fact {
                Fact::Event(event) => state.fold(event),
                Fact::Snapshot(snapshot) => {
                    state = ServerState::from_status(Some(&snapshot.status));
                }
                Fact::Deleted => state = ServerState::default(),
            }
        }
        Spell::of(journal, state.blocker().as_ref())
    }

    #[test]
    fn a_crash_loop_is_one_spell_and_its_cause_is_the_first_of_its_kind() {
        let mut facts = started();
        facts.extend(crash(false));
        facts.extend(crash(true));
        facts.push(Fact::Event(Event::Backend(Story::Handshaking.into())));
        facts.extend(crash(true));
        let spell = spell(&journal(facts));
        // 7: no pod answers any more, but the story still says Initialized. 8: the first crash.
        assert_eq!(spell.since, Some(at(8)));
        assert_eq!(spell.ready, Some((at(5), at(8))));
        assert_eq!(
            spell.cause,
            Some(9),
            "the tenth entry is the first CrashLoopBackOff"
        );
        assert!(spell.whole);
    }

    #[test]
    fn a_server_that_was_never_ready_has_been_so_since_its_first_event() {
        let spell = spell(&journal(started()[..3].to_vec()));
        assert_eq!((spell.since, spell.ready), (Some(at(1)), None));
    }

    #[test]
    fn a_journal_that_begins_with_a_snapshot_knows_not_since_when() {
        let mut status = hivewright_api::MCPServerStatus::default();
        for fact in started() {
            let Fact::Event(event) = fact else { continue };
            crate::status::fold(&mut status, &event, at(0));
        }
        let mut facts = vec![Fact::snapshot(SnapshotWhy::Begun, status)];
        let begun = spell(&journal(facts.clone()));
        assert_eq!((begun.since, begun.cause, begun.whole), (None, None, false));
        facts.extend(crash(false));
        let crashed = spell(&journal(facts));
        assert_eq!((crashed.since, crashed.cause), (Some(at(3)), Some(2)));
        assert_eq!(crashed.ready, None, "nobody knows for how long");
    }

    #[test]
    fn a_server_made_anew_begins_anew() {
        let mut facts = started();
        facts.push(Fact::Deleted);
        facts.push(Fact::Event(Event::Accepted));
        let spell = spell(&journal(facts));
        assert_eq!((spell.since, spell.ready), (Some(at(8)), None));
    }

    #[test]
    fn what_is_true_only_between_two_entries_of_one_pass_was_never_so() {
        let mut facts = started();
        let ready = Replicas {
            wanted: 1,
            ready: 1,
        };
        let waits = |story: Story| Fact::Event(Event::Backend(story.into()));
        facts.extend([
            waits(Story::Handshaking),
            Fact::Event(Event::Replicas(ready)),
        ]);
        facts.push(waits(Story::Initialized));
        let mut journal = journal(facts);
        for entry in &mut journal[4..] {
            entry.at = at(6);
        }
        assert_eq!(spell(&journal).since, Some(at(6)));
        assert_eq!(spell(&journal).ready, None, "it became ready once");
    }
}

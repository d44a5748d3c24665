//! Calls of which it cannot be known whether they reached the server: their lines were written just
//! before the connection to it broke.
//!
//! ```text
//!  written        1    2    3    4  ┤break├  5    6
//!  FromServer::Unsure        {3, 4}
//!  answered                       4   ──> 3 has arrived too: stdin is read in order
//!  UNSURE_WAIT over, 3 not answered   ──> 3 fails, not to be called again blindly
//! ```
//!
//! An answer to 5 proves nothing: it went another way than 3. A call is never written again: a tool
//! that ran twice is worse than one that is known to be in doubt.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use super::{Hub, cx::Cx};
use crate::{event::Outcome, io::Now, limits::UNSURE_WAIT, refusal::Refusal};

/// The calls in doubt. Each break has its own: what was written to one connection proves nothing
/// about another.
#[derive(Debug, Default)]
pub(super) struct Unsure {
    breaks: VecDeque<Break>,
    /// Calls below this were written before the latest break.
    before: u64,
}

#[derive(Debug)]
struct Break {
    /// Calls below this were written before it.
    before: u64,
    calls: BTreeSet<u64>,
    /// When those that are still in doubt fail.
    due: Now,
}

impl Unsure {
    /// The server shows that this call has reached it.
    pub(super) fn arrived(&mut self, minted: u64) {
        if let Some(of) = self.breaks.iter_mut().find(|one| minted < one.before) {
            of.calls = of.calls.split_off(&(minted + 1));
        }
    }

    /// When the first calls that are still in doubt fail.
    pub(super) fn due(&self) -> Option<Now> {
        let mut doubted = self.breaks.iter().filter(|one| !one.calls.is_empty());
        doubted.next().map(|one| one.due)
    }

    /// There is no such process any more.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Hub {
    /// Calls below `before` that came within `from` may not have arrived. Those that were still queued
    /// at the break are written after it: their answers prove nothing, so they must not be among these.
    pub(super) fn doubt(&mut self, cx: &Cx<'_>, from: Duration, before: u64) {
        let since = cx.now.saturating_sub(from);
        let before = before.max(self.unsure.before);
        let calls = self.calls.sent_since(since, self.unsure.before..before);
        self.unsure.before = before;
        self.unsure.breaks.retain(|one| !one.calls.is_empty());
        self.unsure.breaks.push_back(Break {
            before,
            calls: calls.into_iter().collect(),
            due: cx.now + UNSURE_WAIT,
        });
    }

    /// Fails what has been in doubt for too long, and cancels it at the server in case it arrived.
    pub(super) fn expire_unsure(&mut self, cx: &mut Cx<'_>) {
        let due = |one: &Break| one.due <= cx.now;
        let mut over = BTreeSet::new();
        while self.unsure.breaks.front().is_some_and(due) {
            over.extend(
                self.unsure
                    .breaks
                    .pop_front()
                    .into_iter()
                    .flat_map(|one| one.calls),
            );
        }
        for id in over {
            // Those that were answered or cancelled meanwhile are in the table no more.
            if let Some(call) = self.calls.remove(id) {
                self.untie(cx, &call);
                self.cancel_at_server(cx, id, &call, "it is not known whether the call arrived");
                self.fail(cx, &call, Outcome::Lost, Refusal::DeliveryUnknown);
            }
        }
    }
}

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

use std::{collections::BTreeSet, time::Duration};

use super::{Hub, cx::Cx};
use crate::{event::Outcome, io::Now, limits::UNSURE_WAIT, refusal::Refusal};

/// The calls in doubt, by minted id, and when they fail.
#[derive(Debug, Default)]
pub(super) struct Unsure {
    calls: BTreeSet<u64>,
    due: Option<Now>,
}

impl Unsure {
    /// The server shows that this call has reached it.
    pub(super) fn arrived(&mut self, minted: u64) {
        if self.calls.last().is_some_and(|last| minted <= *last) {
            self.calls = self.calls.split_off(&(minted + 1));
        }
    }

    /// When the calls that are still in doubt fail.
    pub(super) fn due(&self) -> Option<Now> {
        self.due.filter(|_| !self.calls.is_empty())
    }

    /// There is no such process any more.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Hub {
    /// Calls that came between `from` and `until` ago may not have arrived.
    pub(super) fn doubt(&mut self, cx: &Cx<'_>, from: Duration, until: Duration) {
        let from = cx.now.saturating_sub(from);
        let until = cx.now.saturating_sub(until);
        let doubted = self.calls.sent_between(from, until);
        self.unsure.calls.extend(doubted);
        self.unsure.due = Some(cx.now + UNSURE_WAIT);
    }

    /// Fails what has been in doubt for too long, and cancels it at the server in case it arrived.
    pub(super) fn expire_unsure(&mut self, cx: &mut Cx<'_>) {
        if self.unsure.due().is_none_or(|due| due > cx.now) {
            return;
        }
        for id in std::mem::take(&mut self.unsure.calls) {
            // Those that were answered or cancelled meanwhile are in the table no more.
            if let Some(call) = self.calls.remove(id) {
                self.untie(cx, &call);
                self.cancel_at_server(cx, id, &call, "it is not known whether the call arrived");
                self.fail(cx, &call, Outcome::Lost, Refusal::DeliveryUnknown);
            }
        }
    }
}

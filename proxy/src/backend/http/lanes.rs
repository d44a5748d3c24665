//! In which order messages are posted, and how many at once.
//!
//! Over stdio everything is in one order. Over HTTP each message is a request of its own, so the
//! order is made here: notifications and answers go one after the other, calls side by side, and
//! nothing overtakes `notifications/initialized`. A call never holds back a notification, which may
//! be the one that cancels it.

use std::collections::VecDeque;

use bytes::Bytes;
use hivewright_bridge::limits::MAX_PENDING;

use super::outgoing::{Outgoing, What};
use crate::driver::MAX_STDIN_BYTES;

/// Calls posted at once; each has a connection of its own. Small servers run in one thread, and
/// their frameworks take some hundred connections before they refuse.
pub(super) const MAX_CALLS: usize = 256;
/// Messages that may wait to be posted: as many calls as the hub keeps in flight.
pub(super) const MAX_WAITING: usize = MAX_PENDING;
/// Bytes that may wait to be posted: as for a server's stdin.
pub(super) const MAX_WAITING_BYTES: usize = MAX_STDIN_BYTES;

/// One of the bounds is reached: the server does not take what it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// What waits, and what is under way.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    calls: VecDeque<Outgoing>,
    notes: VecDeque<Outgoing>,
    /// Bytes in both queues.
    bytes: usize,
    /// Calls under way.
    calling: usize,
    /// A notification is under way.
    noting: bool,
    /// `notifications/initialized` waits or is under way.
    opening: bool,
}

impl Lanes {
    /// Queues a message. A call that still waits when it is cancelled is forgotten: the server has
    /// never heard of it.
    pub(super) fn push(&mut self, out: Outgoing) -> Result<(), Full> {
        let waiting = self.calls.len() + self.notes.len();
        if waiting == MAX_WAITING || self.bytes + out.body.len() > MAX_WAITING_BYTES {
            return Err(Full);
        }
        match &out.what {
            What::Initialize(_) | What::Discover(_) | What::Call(_) => {
                self.bytes += out.body.len();
                self.calls.push_back(out);
                return Ok(());
            }
            What::Cancelled(id) => {
                if self.forget(id) {
                    return Ok(());
                }
            }
            What::Initialized => self.opening = true,
            What::Note => {}
        }
        self.bytes += out.body.len();
        self.notes.push_back(out);
        Ok(())
    }

    /// Forgets a call that still waits. Whether it did.
    pub(super) fn forget(&mut self, id: &Bytes) -> bool {
        let call = What::Call(id.clone());
        let Some(at) = self.calls.iter().position(|waiting| waiting.what == call) else {
            return false;
        };
        let forgotten = self.calls.remove(at);
        self.bytes -= forgotten.map_or(0, |call| call.body.len());
        true
    }

    /// The next message that may be posted now; [`Lanes::done`] must follow.
    pub(super) fn next(&mut self) -> Option<Outgoing> {
        let next = if !self.noting && !self.notes.is_empty() {
            self.noting = true;
            self.notes.pop_front()
        } else if !self.opening && self.calling < MAX_CALLS && !self.calls.is_empty() {
            self.calling += 1;
            self.calls.pop_front()
        } else {
            None
        }?;
        self.bytes -= next.body.len();
        Some(next)
    }

    /// A message that was posted is done with.
    pub(super) fn done(&mut self, what: &What) {
        match what {
            What::Initialize(_) | What::Discover(_) | What::Call(_) => self.calling -= 1,
            What::Initialized => (self.noting, self.opening) = (false, false),
            What::Cancelled(_) | What::Note => self.noting = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(what: What) -> Outgoing {
        Outgoing {
            body: Bytes::from_static(b"body"),
            what,
            modern: false,
        }
    }

    fn call(id: usize) -> Outgoing {
        out(What::Call(id.to_string().into()))
    }

    fn lanes(all: impl IntoIterator<Item = Outgoing>) -> Lanes {
        let mut lanes = Lanes::default();
        for out in all {
            assert_eq!(lanes.push(out), Ok(()));
        }
        lanes
    }

    fn started(lanes: &mut Lanes) -> Vec<What> {
        std::iter::from_fn(|| lanes.next())
            .map(|out| out.what)
            .collect()
    }

    #[test]
    fn nothing_overtakes_initialized() {
        let mut lanes = lanes([out(What::Initialized), call(1), out(What::Note)]);
        assert_eq!(started(&mut lanes), [What::Initialized]);
        lanes.done(&What::Initialized);
        assert_eq!(started(&mut lanes), [What::Note, call(1).what]);
    }

    #[test]
    fn calls_go_side_by_side_up_to_the_bound_and_then_one_for_one() {
        let mut lanes = lanes((0..MAX_CALLS + 2).map(call));
        assert_eq!(started(&mut lanes).len(), MAX_CALLS);
        lanes.done(&call(7).what);
        assert_eq!(started(&mut lanes), [call(MAX_CALLS).what]);
    }

    #[test]
    fn a_full_lane_of_calls_holds_no_notification_back() {
        let mut lanes = lanes((0..=MAX_CALLS).map(call));
        started(&mut lanes);
        let cancel = What::Cancelled("0".into());
        lanes.push(out(cancel.clone())).unwrap();
        assert_eq!(started(&mut lanes), [cancel]);
    }

    #[test]
    fn notifications_keep_their_order() {
        let mut lanes = lanes([out(What::Note), out(What::Cancelled("9".into()))]);
        assert_eq!(started(&mut lanes), [What::Note]);
        lanes.done(&What::Note);
        assert_eq!(started(&mut lanes), [What::Cancelled("9".into())]);
    }

    #[test]
    fn a_call_cancelled_while_it_waits_is_never_sent() {
        let mut lanes = lanes([out(What::Initialized), call(1), call(2)]);
        lanes.push(out(What::Cancelled("1".into()))).unwrap();
        started(&mut lanes);
        lanes.done(&What::Initialized);
        assert_eq!(started(&mut lanes), [call(2).what]);
        assert_eq!(lanes.bytes, 0);
    }

    #[test]
    fn messages_and_bytes_past_the_bounds_are_refused() {
        let mut many = lanes((0..MAX_WAITING).map(call));
        assert_eq!(many.push(call(0)), Err(Full));
        let large = |size| Outgoing {
            body: vec![b'x'; size].into(),
            what: What::Note,
            modern: false,
        };
        let mut big = lanes([large(MAX_WAITING_BYTES)]);
        assert_eq!(big.push(large(1)), Err(Full));
        assert!(big.next().is_some());
        assert_eq!(big.push(large(1)), Ok(()));
    }
}

//! What is known to have reached the process's stdin, and what is not.
//!
//! The API server reads one frame after the other and hands each on to the kubelet before it reads
//! the next (k8s.io/apiserver `wsstream`), so its answer to a ping proves that everything written
//! before the ping was handed on. What was written since the last such ping is in doubt when the
//! connection breaks.

use std::collections::VecDeque;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::{sync::watch, time::Instant};

/// Pings that may wait for their answers. One more than are sent before the connection counts as
/// dead.
const MAX_PINGS: usize = 8;

/// One process's deliveries, over all its connections.
#[derive(Debug)]
pub struct Delivery {
    state: Mutex<State>,
    /// Whether stdin may be written to: not while it is open what the process has read.
    open: watch::Sender<bool>,
}

#[derive(Debug)]
struct State {
    /// Everything that was handed over before this has arrived.
    proved: Instant,
    pings: VecDeque<(u64, Instant)>,
    next: u64,
    wrote: Option<Instant>,
    /// When a part of a line that takes several frames was written last.
    part: Option<Instant>,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                proved: Instant::now(),
                pings: VecDeque::new(),
                next: 0,
                wrote: None,
                part: None,
            }),
            open: watch::channel(true).0,
        }
    }
}

impl Delivery {
    /// A frame went to the socket.
    pub(super) fn wrote(&self, part: bool) {
        let (now, mut state) = (Instant::now(), self.state.lock());
        state.wrote = Some(now);
        if part {
            state.part = Some(now);
        }
    }

    /// The content of the next ping. To be asked for only while nothing waits to be written.
    pub(super) fn ping(&self) -> Bytes {
        let mut state = self.state.lock();
        state.next += 1;
        let number = state.next;
        if state.pings.len() < MAX_PINGS {
            state.pings.push_back((number, Instant::now()));
        }
        Bytes::copy_from_slice(&number.to_be_bytes())
    }

    /// A ping was answered.
    pub(super) fn pong(&self, content: &[u8]) {
        let Ok(number) = content.try_into().map(u64::from_be_bytes) else {
            return;
        };
        let mut state = self.state.lock();
        while let Some((ping, sent)) = state.pings.front().copied()
            && ping <= number
        {
            state.proved = sent;
            state.pings.pop_front();
        }
    }

    /// The connection broke: nothing is written until [`Delivery::resume`].
    pub fn broke(&self) {
        self.state.lock().pings.clear();
        self.open.send_replace(false);
    }

    /// Since when what was handed over is in doubt; none if nothing is.
    pub fn doubt(&self) -> Option<Instant> {
        let state = self.state.lock();
        let doubted = state.wrote.is_some_and(|wrote| wrote >= state.proved);
        doubted.then_some(state.proved)
    }

    /// Lets stdin be written to again.
    pub fn resume(&self) {
        self.open.send_replace(true);
    }

    /// Waits for [`Delivery::resume`]; gives whether the process may have read a half line.
    pub(super) async fn resumed(&self) -> bool {
        // It cannot fail: the sender is ours.
        let _ = self.open.subscribe().wait_for(|open| *open).await;
        let mut state = self.state.lock();
        let half = state.part.is_some_and(|part| part >= state.proved);
        (state.part, state.wrote) = (None, None);
        // What was in doubt before has been told; this is another connection.
        state.proved = Instant::now();
        half
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answered_ping_proves_what_was_written_before_it_alone() {
        let delivery = Delivery::default();
        assert_eq!(delivery.doubt(), None);
        delivery.wrote(true);
        advance(Duration::from_secs(1)).await;
        let ping = delivery.ping();
        let sent = Instant::now();
        advance(Duration::from_secs(1)).await;
        assert!(delivery.doubt().is_some());
        delivery.pong(&ping);
        assert_eq!(delivery.doubt(), None);
        delivery.wrote(false);
        assert_eq!(delivery.doubt(), Some(sent));
        assert!(!delivery.resumed().await, "no half line");
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_of_a_line_that_is_in_doubt_may_be_a_half_line_once() {
        let delivery = Delivery::default();
        delivery.wrote(true);
        let ping = delivery.ping();
        delivery.broke();
        delivery.pong(&ping);
        assert!(delivery.doubt().is_some(), "that was another connection");
        delivery.resume();
        assert!(delivery.resumed().await);
        assert!(!delivery.resumed().await);
    }

    #[test]
    fn pings_that_are_never_answered_are_not_collected() {
        let delivery = Delivery::default();
        for _ in 0..100 {
            delivery.ping();
        }
        assert_eq!(delivery.state.lock().pings.len(), MAX_PINGS);
    }
}

//! Accepting connections: one room for every listener.
//!
//! ```text
//!  kernel's queue ──accept──┬─ a place is free ─────────────────> served
//!                           └─ none, or only those reserved ─────> turned away, in a few places more
//! ```

use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time,
};
use tokio_util::sync::CancellationToken;

/// Pause after an `accept` that failed, for example for want of file descriptors.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Connections of one address that are few: such an address gets the reserved places.
pub(crate) const FEW: usize = 16;

/// How many connections there may be at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Places {
    /// Those that are served.
    pub(crate) served: usize,
    /// The last of these, which only addresses with [`FEW`] connections get: one that opens
    /// connections without end does not shut out the others.
    pub(crate) reserved: usize,
    /// Those beside them that are only told that there is no place. With none of these, a
    /// connection too many waits in the kernel's queue.
    pub(crate) turned_away: usize,
}

/// What is to be done with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is served.
    Served,
    /// It is told that there is no place.
    TurnedAway,
}

/// Connections that are served, by address.
type Taken = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// One connection's place, until it is dropped.
#[derive(Debug)]
struct Place {
    peer: IpAddr,
    taken: Taken,
}

impl Place {
    fn take(peer: IpAddr, taken: &Taken) -> Self {
        *taken.lock().entry(peer).or_default() += 1;
        let taken = taken.clone();
        Self { peer, taken }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock();
        if let Some(count) = taken.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.peer);
            }
        }
    }
}

/// The connections of one listener. Dropping it cuts them all.
#[derive(Debug)]
pub(crate) struct Connections {
    places: Places,
    taken: Taken,
    served: JoinSet<()>,
    turned_away: JoinSet<()>,
}

impl Connections {
    /// None yet.
    pub(crate) fn new(places: Places) -> Self {
        Self {
            places,
            taken: Taken::default(),
            served: JoinSet::new(),
            turned_away: JoinSet::new(),
        }
    }

    /// Accepts connections until `shutdown`; `serve` says what becomes of one.
    pub(crate) async fn accept<F>(
        &mut self,
        listener: &TcpListener,
        shutdown: &CancellationToken,
        serve: impl Fn(TcpStream, SocketAddr, Admission) -> F,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        loop {
            let room = self.has_room();
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                Some(_) = self.served.join_next(), if !self.served.is_empty() => {}
                Some(_) = self.turned_away.join_next(), if !self.turned_away.is_empty() => {}
                accepted = listener.accept(), if room => match accepted {
                    Ok((stream, peer)) => self.admit((stream, peer), &serve),
                    Err(error) => pause(&error).await,
                },
            }
        }
    }

    /// Cuts those that are served. How many there were.
    pub(crate) async fn cut(&mut self) -> usize {
        while self.served.try_join_next().is_some() {}
        let left = self.served.len();
        self.served.shutdown().await;
        left
    }

    fn has_room(&self) -> bool {
        if self.places.turned_away == 0 {
            return self.served.len() < self.places.served;
        }
        self.turned_away.len() < self.places.turned_away
    }

    fn admit<F>(
        &mut self,
        (stream, peer): (TcpStream, SocketAddr),
        serve: &impl Fn(TcpStream, SocketAddr, Admission) -> F,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps Nagle's algorithm");
        }
        let address = peer.ip().to_canonical();
        if self.has_place(address) {
            let place = Place::take(address, &self.taken);
            let serving = serve(stream, peer, Admission::Served);
            self.served.spawn(async move {
                let _place = place;
                serving.await;
            });
        } else {
            let turning = serve(stream, peer, Admission::TurnedAway);
            self.turned_away.spawn(turning);
        }
    }

    fn has_place(&self, peer: IpAddr) -> bool {
        let free = self.places.served.saturating_sub(self.served.len());
        let few = || {
            self.taken
                .lock()
                .get(&peer)
                .is_none_or(|count| *count < FEW)
        };
        free > self.places.reserved || free > 0 && few()
    }
}

async fn pause(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    time::sleep(ACCEPT_PAUSE).await;
}

#[cfg(test)]
mod tests;

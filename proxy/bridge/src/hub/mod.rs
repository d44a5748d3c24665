//! The hub: a pure state machine between many clients and one server process.
//!
//! ```text
//!  FromClient ─> doors ─> post ─┬─> calls_in ──> [calls] ─> ToServer
//!                               ├─> notes_in ─────────────> ToServer
//!                               └─> replies ──> [asks] ───> ToServer
//!  FromServer ─> handshake, probe ─> [kept]
//!             ─> lines ─┬─> answers ──> [calls] ──────────> ToClient, to the session that asked
//!                       │      └─ modern_server ─> [rounds] ─> ToClient, and the call once more
//!                       ├─> asking ───> [asks] ───────────> ToClient, to the session that caused it
//!                       └─> notes_out ────────────────────> ToClient, by what the message is about
//!  Visit ─> visiting ─┬─> calls_in        leaving ─────────> ToClient, with what its revision adds
//!                     └─> parked: what the server asks, until the client comes back
//!  Tick ─> expiry          Close, Gone, Down ─> endings
//! ```
//!
//! # Guarantees
//! - An answer reaches only the session that asked, with its own id, once.
//! - What cannot be told whose it is goes to nobody and is counted.
//! - Every call ends: by its answer, by an error, by cancellation, or with its session.
//! - Every table is bounded ([`crate::limits`]); past the bound the client reads a typed refusal.

use std::sync::Arc;

use crate::{
    io::{CallKey, FromClient, FromServer, Input, Loss, Now, Output},
    limits::Limits,
    modern::{Offer, Secret},
    protocol::Era,
};

mod answers;
mod asking;
mod asks;
mod attribution;
mod beside;
mod calls;
mod calls_in;
mod catalog;
mod coming_back;
mod cx;
mod delivery;
mod doors;
mod endings;
mod expiry;
mod hall;
mod handshake;
mod health;
mod kept;
mod leaving;
mod levels;
mod lines;
mod listens;
mod modern_server;
mod notes_in;
mod notes_out;
mod opening;
mod parked;
mod post;
mod probe;
mod returning;
mod sessions;
pub mod snapshot;
mod streams;
mod subscriptions;
mod tenants;
mod tracked;
mod unsure;
mod visiting;
mod visits;
mod waiting;

use cx::Cx;
pub use snapshot::{Counts, ServerPhase, ServerSnapshot, SessionSnapshot, Snapshot};
pub use tenants::Tenants;

/// What a hub is told when it is made.
#[derive(Clone, Debug)]
pub struct HubConfig {
    /// Our version, for `clientInfo` in `initialize`.
    pub version: Arc<str>,
    /// The bounds.
    pub limits: Limits,
    /// Seals what clients of 2026-07-28 bring back. Without it they can be asked for nothing.
    pub secret: Option<Secret>,
    /// Which of several pods this hub is for; [`crate::modern::pod_of`] tells it from a body.
    pub pod: u8,
    /// Whether the process is for one session at a time, and for no other one after it: then what
    /// the server says on its own is of that session. The driver sees to it.
    pub exclusive: bool,
}

impl HubConfig {
    /// The default bounds.
    pub fn new(version: impl Into<Arc<str>>) -> Self {
        Self {
            version: version.into(),
            limits: Limits::default(),
            secret: None,
            pod: 0,
            exclusive: false,
        }
    }
}

/// The server process, as far as the hub knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Server {
    /// There is none, and why the last one went away.
    Down(Option<Loss>),
    /// It is being asked who it is, since then.
    Handshaking { step: probe::Step, since: Now },
    /// It is initialized.
    Ready,
}

/// The state machine. See [`Hub::step`].
#[derive(Debug)]
pub struct Hub {
    config: HubConfig,
    server: Server,
    last_loss: Option<Loss>,
    kept: Option<kept::Kept>,
    probe: probe::Probe,
    /// Whether an initialized process serves clients of 2026-07-28 itself.
    beside: beside::Beside,
    sessions: sessions::Sessions,
    streams: streams::Streams,
    calls: calls::Calls,
    asks: asks::Asks,
    rounds: modern_server::Rounds,
    upstream: modern_server::Upstream,
    health: health::Health,
    waiting: waiting::Waiting,
    subscriptions: subscriptions::Subscriptions,
    unsure: unsure::Unsure,
    /// The log level that this process was told.
    level: Option<levels::Level>,
    /// When to look for idle sessions again.
    idle_check: Option<Now>,
    /// The last id that was minted, for calls and asks alike.
    minted: u64,
    /// How many requests of clients were taken.
    taken: u64,
    /// What the server offers, from its last handshake.
    offer: Option<Offer>,
    visits: visits::Visits,
    hall: hall::Hall,
    catalog: catalog::Catalog,
    listens: listens::Listens,
}

impl Hub {
    /// A hub without sessions and without a server.
    pub fn new(config: HubConfig) -> Self {
        Self {
            config,
            server: Server::Down(None),
            last_loss: None,
            kept: None,
            probe: probe::Probe::default(),
            beside: beside::Beside::default(),
            sessions: sessions::Sessions::default(),
            streams: streams::Streams::default(),
            calls: calls::Calls::default(),
            asks: asks::Asks::default(),
            rounds: modern_server::Rounds::default(),
            upstream: modern_server::Upstream::default(),
            health: health::Health::default(),
            waiting: waiting::Waiting::default(),
            subscriptions: subscriptions::Subscriptions::default(),
            unsure: unsure::Unsure::default(),
            level: None,
            idle_check: None,
            minted: 0,
            taken: 0,
            offer: None,
            visits: visits::Visits::default(),
            hall: hall::Hall::default(),
            catalog: catalog::Catalog::default(),
            listens: listens::Listens::default(),
        }
    }

    /// Takes one input and appends what the driver has to do to `out`, in order. `now` must not go
    /// backwards.
    pub fn step(&mut self, now: Now, input: Input, out: &mut Vec<Output>) {
        let cx = &mut Cx { now, out };
        match input {
            Input::Tick => self.expire(cx),
            Input::Server(FromServer::Up) => self.server_up(cx),
            Input::Server(FromServer::Line(line)) => self.server_line(cx, &line),
            Input::Server(FromServer::Oversized(line)) => self.oversized_line(cx, &line),
            Input::Server(FromServer::Unsure { from, before }) => self.doubt(cx, from, before),
            Input::Server(FromServer::Down(loss)) => self.server_down(cx, loss),
            Input::Server(FromServer::Retired) => self.retire(cx),
            Input::Client(from) => self.client(cx, from),
        }
    }

    fn client(&mut self, cx: &mut Cx<'_>, from: FromClient) {
        match from {
            FromClient::Open {
                session,
                stream,
                body,
            } => self.open(cx, session, stream, &body),
            FromClient::Visit { stream, head, body } => {
                let since = cx.now;
                self.visit(
                    cx,
                    &hall::Arrival {
                        stream,
                        head,
                        body,
                        since,
                    },
                );
            }
            FromClient::OpenSse { session, stream } => self.open_sse(cx, session, stream),
            FromClient::Post {
                session,
                version,
                stream,
                body,
            } => {
                if let Some(key) = self.admit(cx, &session, version.as_deref(), stream) {
                    self.post(cx, key, stream, &body);
                }
            }
            FromClient::Listen {
                session,
                version,
                stream,
            } => {
                if let Some(key) = self.admit(cx, &session, version.as_deref(), stream) {
                    self.listen(cx, key, stream);
                }
            }
            FromClient::Close { session, stream } => self.close(cx, &session, stream),
            FromClient::Gone { stream } => self.gone(cx, stream),
            FromClient::Overrun { stream } => self.overrun(cx, stream),
        }
    }

    /// How the server is spoken to for sessions, and by the bridge itself. Until it has said so it is
    /// taken for one of the old kind. For visits see [`Hub::visit_era`].
    fn server_era(&self) -> Era {
        self.kept.as_ref().map_or(Era::Legacy, |kept| kept.era)
    }

    /// The last id that was minted. Requests of clients reach the server under such ids.
    pub const fn last_minted(&self) -> u64 {
        self.minted
    }

    const fn mint(&mut self) -> u64 {
        self.minted += 1;
        self.minted
    }

    /// The key of the next request of a client.
    const fn next_call(&mut self) -> CallKey {
        self.taken += 1;
        CallKey(self.taken)
    }
}

#[cfg(test)]
mod tests;

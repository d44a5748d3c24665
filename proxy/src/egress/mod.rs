//! The egress gateway: a forward proxy through which a server reaches the hosts that its permission
//! profile names, and nothing else.
//!
//! ```text
//!  MCP pod ══ CONNECT host:port ═══╗            ┌─ rules: host, port ──────> 403
//!          ══ GET http://host/ ════╬═ request ──┤─ resolve, once ──────────> 502, 504
//!             HTTP(S)_PROXY        ║            ├─ addresses, each ────────> 403
//!                                  ║            └─ connect to just these ──> 502, 504
//!                                  ╚══ tunnel or forwarded request ════════> host
//!  denials ──> Ledger ──> the pod's condition        outcomes, bytes ──> metrics
//! ```
//!
//! # What is enforced
//! The NetworkPolicy of the MCP pods lets out nothing but this port, so a server that does not use
//! the gateway reaches nothing, DNS included. A name is resolved here, after the rules allow it:
//! queries cannot carry data out except under an allowed domain. What the name resolves to is
//! checked, and just that is connected to. When the rules change, requests and tunnels to hosts
//! that are no longer allowed are cut.
//!
//! # What is not
//! The gateway does not decrypt. In a tunnel it reads the TLS handshake's `server_name` (see
//! [`hello`]) and ends the tunnel if this is another host than CONNECT named: many hosts of one
//! content network share addresses, and the `server_name` is what chooses between them. It cannot
//! see the `Host` inside of TLS: a content network that answers for a host other than the
//! `server_name` (domain fronting) is a hole that only an allow-list without such networks closes.
//! The same holds for handshakes without `server_name`, for protocols without TLS in a tunnel, and
//! for tunnels to an address literal, which means whatever is there. A handshake with Encrypted
//! ClientHello shows the name of its provider and is refused unless this is the tunnel's host.
//!
//! Nothing of a request is logged but its host and port, and these only if it is denied.

mod address;
mod answer;
mod denial;
mod dial;
mod exchange;
mod forward;
mod headers;
pub mod hello;
mod metrics;
mod refusal;
mod resolve;
pub mod rules;
mod serve;
mod service;
pub mod target;
mod tunnel;
mod watched;

use std::sync::Arc;

use hivewright_api::proxy_config::EgressRules;
use prometheus::Registry;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};
use tokio_util::sync::CancellationToken;

pub use self::{
    address::AddressPolicy,
    denial::{Denial, Denials, Denied, LOG_PAUSE, MAX_SOURCES, Why},
    dial::{ADDRESS_WAIT, CONNECT_WAIT},
    forward::ANSWER_WAIT,
    headers::PSEUDONYM,
    metrics::Outcome,
    refusal::Refusal,
    resolve::{MAX_ADDRESSES, MAX_LOOKUPS, RESOLVE_WAIT, Resolver, SystemResolver},
    serve::{
        HEAD_WAIT, IDLE_WAIT, MAX_CONNECTIONS, MAX_EXCHANGES, MAX_HEAD, MAX_HEADERS, MAX_LIFE,
    },
    tunnel::{COPY_BUFFER, HELLO_WAIT},
};
use self::{denial::Ledger, dial::Dialer, metrics::EgressMetrics, service::Gate};

/// How many of what at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections; more wait in the kernel's accept queue.
    pub connections: usize,
    /// Requests and tunnels; more are refused.
    pub exchanges: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: MAX_CONNECTIONS,
            exchanges: MAX_EXCHANGES,
        }
    }
}

/// A gateway that is not open yet.
#[derive(Debug)]
pub struct Gateway {
    rules: watch::Receiver<EgressRules>,
    metrics: EgressMetrics,
    ledger: Ledger,
    resolver: Arc<dyn Resolver>,
    addresses: AddressPolicy,
    limits: Limits,
}

impl Gateway {
    /// A gateway that follows these rules, and what it denies, folded so that a slow reader holds
    /// nothing up. One gateway registers in one registry.
    pub fn new(
        rules: watch::Receiver<EgressRules>,
        registry: &Registry,
    ) -> (Self, watch::Receiver<Denials>) {
        let (ledger, denials) = Ledger::new();
        let gateway = Self {
            rules,
            metrics: EgressMetrics::register(registry),
            ledger,
            resolver: Arc::new(SystemResolver),
            addresses: AddressPolicy::default(),
            limits: Limits::default(),
        };
        (gateway, denials)
    }

    /// Asks another resolver than the system's.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Closes other addresses than usual.
    #[must_use]
    pub fn with_addresses(mut self, addresses: AddressPolicy) -> Self {
        self.addresses = addresses;
        self
    }

    /// Takes more or less at once.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Serves until `shutdown`, which cuts what is running: give it the token of the drain's second
    /// stage, since calls that are still to be answered may need the world.
    pub async fn run(self, listener: TcpListener, shutdown: CancellationToken) {
        let Limits {
            connections,
            exchanges,
        } = self.limits;
        let gate = Gate {
            rules: self.rules,
            dialer: Dialer::new(self.resolver, self.addresses),
            metrics: Arc::new(self.metrics),
            ledger: self.ledger,
            places: Arc::new(Semaphore::new(exchanges)),
            limit: exchanges,
        };
        serve::serve(listener, Arc::new(gate), connections, shutdown).await;
    }
}

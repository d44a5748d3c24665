//! From a target that the rules allow to a connection.
//!
//! ```text
//!  name ── Lookups ──> addresses ── AddressPolicy, each ──> connect to just these
//!  literal ──────────> address  ──┘
//! ```
//!
//! What is checked is what is connected to: a name is resolved once, so it cannot have another
//! address a moment later (DNS rebinding). One closed address among many refuses the name, since a
//! name that means well has none.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};

use super::{
    address::AddressPolicy,
    denial::Why,
    refusal::Refusal,
    resolve::{Lookups, Resolver, Unknown},
    target::{Host, Target},
};

/// Longest that all addresses of a host together are tried.
pub const CONNECT_WAIT: Duration = Duration::from_secs(10);
/// Longest that one address is tried if there are others: two SYNs of Linux, sent after 0 s and 1 s,
/// and the time for their answer.
pub const ADDRESS_WAIT: Duration = Duration::from_secs(3);

/// Resolves, checks and connects.
#[derive(Debug)]
pub(super) struct Dialer {
    lookups: Lookups,
    addresses: AddressPolicy,
}

impl Dialer {
    pub(super) fn new(resolver: Arc<dyn Resolver>, addresses: AddressPolicy) -> Self {
        let lookups = Lookups::new(resolver);
        Self { lookups, addresses }
    }

    /// Connects to a target that the rules allow.
    pub(super) async fn dial(&self, target: &Target) -> Result<TcpStream, Refusal> {
        let addresses = match &target.host {
            Host::Address(address) => vec![*address],
            Host::Name(name) => self.resolve(name, target).await?,
        };
        if addresses
            .iter()
            .any(|address| self.addresses.closes(*address))
        {
            let (target, why) = (target.clone(), Why::Address);
            return Err(Refusal::Denied { target, why });
        }
        let stream = connect(&addresses, target).await?;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps Nagle's algorithm");
        }
        Ok(stream)
    }

    async fn resolve(&self, name: &Arc<str>, target: &Target) -> Result<Vec<IpAddr>, Refusal> {
        let target = || target.clone();
        match self.lookups.of(name).await {
            Ok(found) if found.is_empty() => Err(Refusal::Unresolved { target: target() }),
            Ok(found) => Ok(found),
            Err(Unknown::TimedOut) => Err(Refusal::ResolveTimeout { target: target() }),
            Err(error @ (Unknown::Failed(_) | Unknown::Ended(_))) => {
                let error = &error as &dyn std::error::Error;
                tracing::debug!(error, %name, "a name was not resolved");
                Err(Refusal::Unresolved { target: target() })
            }
        }
    }
}

/// Tries one address after the other.
async fn connect(addresses: &[IpAddr], target: &Target) -> Result<TcpStream, Refusal> {
    let deadline = Instant::now() + CONNECT_WAIT;
    let wait = if addresses.len() == 1 {
        CONNECT_WAIT
    } else {
        ADDRESS_WAIT
    };
    let mut last = Refusal::Unreachable {
        target: target.clone(),
    };
    for address in addresses {
        let at = SocketAddr::new(*address, target.port);
        let attempt = timeout(wait, TcpStream::connect(at));
        match timeout_at(deadline, attempt).await {
            Ok(Ok(Ok(stream))) => return Ok(stream),
            Ok(Ok(Err(error))) => {
                tracing::debug!(%error, %target, "an address did not accept the connection");
                last = Refusal::Unreachable {
                    target: target.clone(),
                };
            }
            Ok(Err(_)) => {
                last = Refusal::ConnectTimeout {
                    target: target.clone(),
                };
            }
            Err(_) => {
                return Err(Refusal::ConnectTimeout {
                    target: target.clone(),
                });
            }
        }
    }
    Err(last)
}

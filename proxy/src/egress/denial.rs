//! What was denied, for whom: kept so that telling it never holds up the gateway.
//!
//! A server that is denied something often tries again at once. Denials are therefore not queued
//! but folded: per pod the newest and how many there were.

use std::{fmt, net::IpAddr, time::Duration};

use parking_lot::Mutex;
use tokio::{sync::watch, time::Instant};

use super::target::Target;

/// Pods whose denials are kept, the newest ones. One server has at most 16 pods
/// ([`MAX_BACKEND_REPLICAS`](hivewright_api::names::MAX_BACKEND_REPLICAS)); replaced pods have new
/// addresses.
pub const MAX_SOURCES: usize = 64;
/// Least time between two log lines about denials; those between are counted only.
pub const LOG_PAUSE: Duration = Duration::from_secs(1);

/// What a rule has against a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// No rule names the host.
    Host,
    /// No rule names the port.
    Port,
    /// The address is one that no rule opens.
    Address,
    /// The TLS handshake in a tunnel asks for another host than the tunnel was opened for.
    ServerName,
}

impl Why {
    /// A bounded label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Port => "port",
            Self::Address => "address",
            Self::ServerName => "server_name",
        }
    }

    const fn clause(self) -> &'static str {
        match self {
            Self::Host => "the host is not in network.outbound.allow_host",
            Self::Port => "the port is not in network.outbound.allow_port",
            Self::Address => {
                "its address is loopback, link-local, multicast or a metadata service's"
            }
            Self::ServerName => "the TLS handshake did not name this host",
        }
    }
}

/// One denied request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The pod that asked, by its address.
    pub source: IpAddr,
    /// What it asked for: a DNS name of at most [`MAX_NAME`](super::target::MAX_NAME) characters, or
    /// an address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Why it was denied.
    pub why: Why,
}

impl Denial {
    pub(super) fn new(source: IpAddr, target: &Target, why: Why) -> Self {
        let (host, port) = (target.host.to_string(), target.port);
        Self {
            source,
            host,
            port,
            why,
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.host, self.port, self.why.clause())
    }
}

/// What one pod was denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The newest denial.
    pub last: Denial,
    /// How many there were since the gateway or the pod began.
    pub total: u64,
}

impl Denied {
    /// The sentence for the pod's condition.
    pub fn message(&self) -> String {
        let times = match self.total {
            1 => "1 request was".to_owned(),
            total => format!("{total} requests were"),
        };
        format!(
            "{times} denied by the egress gateway, the last to {}",
            self.last
        )
    }
}

/// What every pod was denied.
#[derive(Clone, Debug, Default)]
pub struct Denials {
    /// The one that was denied something last is last.
    sources: Vec<Denied>,
}

impl Denials {
    /// What this pod was denied, if anything.
    pub fn of(&self, source: IpAddr) -> Option<&Denied> {
        self.sources
            .iter()
            .find(|denied| denied.last.source == source)
    }

    /// All pods that were denied something.
    pub fn iter(&self) -> impl Iterator<Item = &Denied> {
        self.sources.iter()
    }

    /// Adds one.
    pub(crate) fn add(&mut self, denial: Denial) {
        let known = self
            .sources
            .iter()
            .position(|denied| denied.last.source == denial.source);
        let before = match known {
            Some(known) => self.sources.remove(known).total,
            None => 0,
        };
        if self.sources.len() == MAX_SOURCES {
            self.sources.remove(0);
        }
        self.sources.push(Denied {
            last: denial,
            total: before + 1,
        });
    }
}

/// Where denials are written.
#[derive(Debug)]
pub(super) struct Ledger {
    denials: watch::Sender<Denials>,
    log: Mutex<LogPace>,
}

#[derive(Debug, Default)]
struct LogPace {
    last: Option<Instant>,
    unsaid: u64,
}

impl Ledger {
    pub(super) fn new() -> (Self, watch::Receiver<Denials>) {
        let (denials, read) = watch::channel(Denials::default());
        let log = Mutex::default();
        (Self { denials, log }, read)
    }

    pub(super) fn write(&self, denial: Denial) {
        if let Some(unsaid) = self.log.lock().turn() {
            let Denial {
                source, host, port, ..
            } = &denial;
            let why = denial.why.as_str();
            tracing::warn!(%source, host, port, why, unsaid, "an egress request was denied");
        }
        self.denials.send_modify(|denials| denials.add(denial));
    }
}

impl LogPace {
    /// Whether it is time for a line, and how many were left out before it.
    fn turn(&mut self) -> Option<u64> {
        if self.last.is_some_and(|last| last.elapsed() < LOG_PAUSE) {
            self.unsaid += 1;
            return None;
        }
        self.last = Some(Instant::now());
        Some(std::mem::take(&mut self.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn source(number: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(10, 0, 0, number))
    }

    fn denial(number: u8, host: &str) -> Denial {
        let target = Target::parse(host, Some(443)).expect("a target");
        Denial::new(source(number), &target, Why::Host)
    }

    #[test]
    fn the_newest_of_a_pod_is_kept_and_all_are_counted() {
        let (ledger, read) = Ledger::new();
        for host in ["a.org", "b.org", "c.org"] {
            ledger.write(denial(1, host));
        }
        ledger.write(denial(2, "d.org"));
        let denials = read.borrow();
        let denied = denials.of(source(1)).expect("kept");
        assert_eq!((&*denied.last.host, denied.total), ("c.org", 3));
        assert_eq!(denials.of(source(2)).map(|denied| denied.total), Some(1));
        assert_eq!(denials.of(source(3)), None);
    }

    #[test]
    fn past_the_bound_the_pod_that_was_quiet_longest_is_forgotten() {
        let (ledger, read) = Ledger::new();
        let all = 0..=u8::try_from(MAX_SOURCES).expect("a small bound");
        for number in all {
            ledger.write(denial(number, "a.org"));
            ledger.write(denial(0, "b.org"));
        }
        let denials = read.borrow();
        assert_eq!(denials.iter().count(), MAX_SOURCES);
        assert_eq!(denials.of(source(1)), None);
        assert!(denials.of(source(0)).is_some());
    }

    #[test]
    fn the_message_names_host_port_reason_and_number() {
        let last = denial(1, "evil.org");
        let one = Denied { last, total: 1 };
        let two = Denied {
            total: 2,
            ..one.clone()
        };
        assert_eq!(
            one.message(),
            "1 request was denied by the egress gateway, the last to evil.org:443: the host is not \
             in network.outbound.allow_host"
        );
        assert!(two.message().starts_with("2 requests were denied"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_logged_once_a_pause() {
        let mut pace = LogPace::default();
        assert_eq!(pace.turn(), Some(0));
        assert_eq!(pace.turn(), None);
        assert_eq!(pace.turn(), None);
        tokio::time::advance(LOG_PAUSE).await;
        assert_eq!(pace.turn(), Some(2));
        tokio::time::advance(LOG_PAUSE).await;
        assert_eq!(pace.turn(), Some(0));
    }
}

//! Which proxy is to be knocked at when: pure but for the instants that it is given.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

use crate::key::Key;

/// Time between two knocks at one proxy. Whether a cluster enforces policies changes when its
/// network is changed, which is rare; the first knock comes as soon as the proxy is ready.
pub(super) const PERIOD: Duration = Duration::from_mins(5);

/// The ready proxy of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Name of its pod.
    pub(super) pod: String,
    /// Where it listens.
    pub(super) address: IpAddr,
}

/// One entry for each server with a ready proxy: bounded by the number of MCPServers.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    targets: HashMap<Key, (Target, Instant)>,
    due: BTreeSet<(Instant, Key)>,
}

impl Agenda {
    /// The server's proxy is this one now, or none is ready. Says whether something is due at once.
    pub(super) fn aim(&mut self, server: &Key, target: Option<Target>, now: Instant) -> bool {
        let known = self.targets.get(server).map(|(target, _)| target);
        if known == target.as_ref() {
            return false;
        }
        self.leave(server);
        target.is_some_and(|target| {
            self.set(server.clone(), target, now);
            true
        })
    }

    /// When something is due next.
    pub(super) fn next(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// What is due, one at a time; it is due again a [`PERIOD`] later.
    pub(super) fn take(&mut self, now: Instant) -> Option<(Key, Target)> {
        let (_, server) = self.due.first().filter(|(at, _)| *at <= now)?.clone();
        let target = self.leave(&server)?;
        self.set(server.clone(), target.clone(), now + PERIOD);
        Some((server, target))
    }

    /// Whether the server has a ready proxy.
    pub(super) fn knows(&self, server: &Key) -> bool {
        self.targets.contains_key(server)
    }

    /// The server needs no knock any more.
    pub(super) fn leave(&mut self, server: &Key) -> Option<Target> {
        let (target, at) = self.targets.remove(server)?;
        self.due.remove(&(at, server.clone()));
        Some(target)
    }

    fn set(&mut self, server: Key, target: Target, at: Instant) {
        self.due.insert((at, server.clone()));
        self.targets.insert(server, (target, at));
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn target(pod: &str) -> Target {
        Target {
            pod: pod.to_owned(),
            address: Ipv4Addr::LOCALHOST.into(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_proxy_is_due_at_once_and_then_every_period() {
        let (mut agenda, now) = (Agenda::default(), Instant::now());
        let server = Key::new("ns", "fetch");
        assert!(agenda.aim(&server, Some(target("a")), now));
        assert!(agenda.take(now).is_some());
        assert!(agenda.take(now).is_none(), "once is enough");
        assert!(!agenda.aim(&server, Some(target("a")), now), "it is known");
        assert_eq!(agenda.next(), Some(now + PERIOD));
        assert!(
            agenda.aim(&server, Some(target("b")), now),
            "another pod is another proxy"
        );
        assert_eq!(agenda.take(now).unwrap().1.pod, "b");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_without_a_ready_proxy_leaves_nothing() {
        let (mut agenda, now) = (Agenda::default(), Instant::now());
        let server = Key::new("ns", "fetch");
        agenda.aim(&server, Some(target("a")), now);
        assert!(!agenda.aim(&server, None, now));
        assert!(agenda.targets.is_empty() && agenda.due.is_empty());
    }
}

//! Whether NetworkPolicies are acted on: the API does not tell, so the controller tries.
//!
//! ```text
//!  pass: proxy is ready ──aim──> agenda ──due──> knock (9464, 9467) ──> verdict ──news──> queue
//!                                  └── again every 5 minutes ──┘
//! ```
//!
//! Every proxy listens on two ports for this: its admin port, which its policy opens to all, and
//! a canary port, which no policy opens to anybody. Who reaches the canary knows that the policy
//! is not in force. Only the leader knocks.

mod agenda;
mod knock;
mod verdict;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use hivewright_core::Enforcement;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::key::Key;
use crate::metrics::Metrics;
use crate::queue::Queue;
use agenda::{Agenda, Target};

/// Proxies that are knocked at at once, two sockets each: a new leader begins with all of them.
pub const AT_ONCE: usize = 8;

/// What was found out, and what is still to be. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Probes {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    agenda: Mutex<Agenda>,
    verdicts: Mutex<HashMap<Key, Enforcement>>,
    wake: Notify,
}

impl Probes {
    /// What knocking at the server's proxy has shown last.
    pub fn verdict(&self, server: &Key) -> Enforcement {
        let verdicts = self.shared.verdicts.lock();
        verdicts.get(server).copied().unwrap_or_default()
    }

    /// These are the server's proxy pods now.
    pub(crate) fn aim(&self, server: &Key, proxies: &[Arc<Pod>]) {
        let target = proxies.iter().find_map(|pod| target(pod));
        let mut agenda = self.shared.agenda.lock();
        if agenda.aim(server, target, Instant::now()) {
            self.shared.wake.notify_one();
        }
    }

    /// Forgets a server that is gone.
    pub(crate) fn forget(&self, server: &Key) {
        self.shared.agenda.lock().leave(server);
        self.shared.verdicts.lock().remove(server);
    }

    /// Knocks whenever something is due; a verdict that differs from the last asks for a pass.
    /// Never ends.
    pub(crate) async fn run(&self, queue: &Queue, metrics: &Metrics) {
        let knock = |address| knock::knock(address);
        self.run_with(knock, queue, metrics).await;
    }

    async fn run_with<F>(&self, knock: impl Fn(IpAddr) -> F, queue: &Queue, metrics: &Metrics)
    where
        F: Future<Output = Enforcement>,
    {
        let mut running = FuturesUnordered::new();
        loop {
            let next = self.shared.agenda.lock().next();
            let room = running.len() < AT_ONCE;
            tokio::select! {
                () = self.shared.wake.notified() => {}
                () = sleep_until(next.unwrap_or_else(Instant::now)), if room && next.is_some() => {
                    let due = self.shared.agenda.lock().take(Instant::now());
                    running.extend(due.map(|(server, target)| {
                        let knocking = knock(target.address);
                        async move { (server, knocking.await) }
                    }));
                }
                Some((server, verdict)) = running.next(), if !running.is_empty() => {
                    metrics.probed(verdict::label(verdict));
                    if self.keep(&server, verdict) {
                        queue.mark(server.server());
                    }
                }
            }
        }
    }

    /// Keeps a verdict, and says whether it is news. Of a server that is gone nothing is kept.
    fn keep(&self, server: &Key, verdict: Enforcement) -> bool {
        if !self.shared.agenda.lock().knows(server) {
            return false;
        }
        let mut verdicts = self.shared.verdicts.lock();
        verdicts.insert(server.clone(), verdict).unwrap_or_default() != verdict
    }
}

/// Where a proxy listens, once it is ready.
fn target(pod: &Pod) -> Option<Target> {
    let status = pod.status.as_ref()?;
    let ready = status
        .conditions
        .iter()
        .flatten()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True");
    if !ready || pod.metadata.deletion_timestamp.is_some() {
        return None;
    }
    Some(Target {
        pod: pod.name_any(),
        address: status.pod_ip.as_deref()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use serde_json::json;
    use tokio::time::{Instant, sleep, timeout};

    use super::*;
    use crate::queue::{Next, WINDOW};

    fn is_asked(queue: &Queue) -> bool {
        queue.pop(Instant::now() + WINDOW) != Next::Nothing
    }

    fn pod(name: &str, ready: &str) -> Arc<Pod> {
        let pod = json!({
            "metadata": { "name": name },
            "status": { "podIP": "10.0.0.1", "conditions": [{ "type": "Ready", "status": ready }] },
        });
        Arc::new(serde_json::from_value(pod).unwrap())
    }

    /// Runs for a while, with knocks that take `each` and give `verdict`; the most at once.
    async fn run(probes: &Probes, queue: &Queue, each: Duration, verdict: Enforcement) -> usize {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let knock = |_| async {
            let running = now.fetch_add(1, Ordering::Relaxed) + 1;
            most.fetch_max(running, Ordering::Relaxed);
            sleep(each).await;
            now.fetch_sub(1, Ordering::Relaxed);
            verdict
        };
        let metrics = Metrics::new();
        let run = probes.run_with(knock, queue, &metrics);
        let _ = timeout(agenda::PERIOD / 2, run).await;
        most.into_inner()
    }

    #[tokio::test(start_paused = true)]
    async fn a_verdict_asks_for_a_pass_when_it_is_new_and_only_then() {
        let (probes, queue) = (Probes::default(), Arc::new(Queue::default()));
        let _taken = Arc::clone(&queue).take();
        let server = Key::new("ns", "fetch");
        for (pod_name, asked) in [("a", true), ("b", false)] {
            probes.aim(&server, &[pod(pod_name, "True")]);
            run(&probes, &queue, Duration::ZERO, Enforcement::NotEnforced).await;
            assert_eq!(probes.verdict(&server), Enforcement::NotEnforced);
            assert_eq!(is_asked(&queue), asked, "{pod_name}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_proxy_that_is_not_ready_is_left_alone() {
        let (probes, queue) = (Probes::default(), Arc::new(Queue::default()));
        let _taken = Arc::clone(&queue).take();
        probes.aim(&Key::new("ns", "fetch"), &[pod("a", "False")]);
        assert_eq!(
            run(&probes, &queue, Duration::ZERO, Enforcement::Enforced).await,
            0
        );
    }

    #[tokio::test(start_paused = true)]
    async fn many_proxies_are_knocked_at_a_few_at_a_time() {
        let (probes, queue) = (Probes::default(), Arc::new(Queue::default()));
        let _taken = Arc::clone(&queue).take();
        for number in 0..5 * AT_ONCE {
            probes.aim(&Key::new("ns", &number.to_string()), &[pod("a", "True")]);
        }
        let second = Duration::from_secs(1);
        assert_eq!(
            run(&probes, &queue, second, Enforcement::Enforced).await,
            AT_ONCE
        );
        let last = Key::new("ns", &(5 * AT_ONCE - 1).to_string());
        assert_eq!(probes.verdict(&last), Enforcement::Enforced);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_gone_leaves_no_verdict() {
        let (probes, queue) = (Probes::default(), Arc::new(Queue::default()));
        let _taken = Arc::clone(&queue).take();
        let server = Key::new("ns", "fetch");
        probes.aim(&server, &[pod("a", "True")]);
        let gone = async {
            sleep(Duration::from_millis(500)).await;
            probes.forget(&server);
        };
        let knocks = run(
            &probes,
            &queue,
            Duration::from_secs(1),
            Enforcement::Enforced,
        );
        tokio::join!(knocks, gone);
        assert_eq!(probes.verdict(&server), Enforcement::Unknown);
        assert!(probes.shared.verdicts.lock().is_empty() && !is_asked(&queue));
    }
}

//! The attach backend against an API server in this process: real HTTP, real WebSockets, a scripted
//! kubelet and a scripted server, no cluster.

mod api;
mod cluster;
mod process;
mod recovery;
mod several;
mod stdio;
mod web;
mod world;

use hivewright_api::proxy_config::{EgressRules, LiveConfig};
use hivewright_bridge::hub::HubConfig;
use hivewright_proxy::{
    backend::pod::{self, Feeds, Site, Speech},
    driver::{Bridge, ServerHealth},
    egress::Denials,
    fleet::{Fleet, Ordinal},
    metrics::Metrics,
};
use tokio::{
    sync::watch,
    task::{JoinError, JoinHandle},
};
use tokio_util::sync::CancellationToken;

use crate::{
    cluster::Cluster,
    world::{Fact, Script},
};

/// A proxy's backend at work on a cluster.
struct Proxy {
    fleet: Fleet,
    /// The bridge of the first pod.
    bridge: Bridge,
    live: watch::Sender<LiveConfig>,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), JoinError>>,
}

/// So many pods. `keep`: it is the spec that says so.
fn pods(replicas: u16, keep: bool) -> LiveConfig {
    LiveConfig {
        replicas,
        keep_scale: keep,
        warm: None,
        egress: EgressRules::default(),
    }
}

impl Proxy {
    fn start(cluster: &Cluster) -> Self {
        Self::with(cluster, pods(1, false), Speech::Stdio)
    }

    fn with(cluster: &Cluster, live: LiveConfig, speech: Speech) -> Self {
        Self::fed(cluster, live, speech, None)
    }

    fn fed(
        cluster: &Cluster,
        live: LiveConfig,
        speech: Speech,
        denials: Option<watch::Receiver<Denials>>,
    ) -> Self {
        let shutdown = CancellationToken::new();
        let replicas = usize::from(live.replicas);
        let config = HubConfig::new("test");
        let fleet = Fleet::new(config, Metrics::new(), replicas, shutdown.clone());
        let site = Site {
            client: cluster.client(),
            namespace: "tools".into(),
            stateful_set: "echo".into(),
            container: "mcp".into(),
        };
        let (live, follow) = watch::channel(live);
        let feeds = Feeds {
            live: follow,
            denials,
        };
        let task = pod::run(fleet.clone(), (site, speech), feeds, shutdown.clone());
        Self {
            bridge: fleet.bridge(Ordinal::FIRST).clone(),
            fleet,
            live,
            shutdown,
            task: tokio::spawn(task),
        }
    }

    async fn initialized(&self) {
        let mut status = self.bridge.status();
        let initialized = status.wait_for(|health| matches!(health, ServerHealth::Initialized(_)));
        cluster::patient(initialized)
            .await
            .expect("the bridge lives");
    }

    /// Ends in order.
    async fn stop(self) {
        self.shutdown.cancel();
        let ended = cluster::patient(self.task).await;
        ended.expect("the backend ends").expect("nothing panics");
    }

    /// Ends as by SIGKILL: nothing more is said or done.
    fn kill(self) {
        self.task.abort();
    }
}

fn gate(reason: &str) -> impl Fn(&Fact) -> bool + '_ {
    move |fact| matches!(fact, Fact::Gate { reason: is, .. } if is == reason)
}

/// The laws that hold whatever happens.
fn assert_lawful(facts: &[Fact]) {
    let mut spoken_to = Vec::new();
    let mut claimed = Vec::new();
    for fact in facts {
        match fact {
            Fact::Forbidden(_) => assert_eq!(None, Some(fact), "it is not granted by the Role"),
            Fact::Gate { process, .. } => claimed.push(process.clone()),
            Fact::Initialize(process) => {
                assert!(
                    !spoken_to.contains(process),
                    "{process} was initialised twice: {facts:?}"
                );
                assert!(
                    claimed.contains(process),
                    "{process} was not claimed: {facts:?}"
                );
                spoken_to.push(process.clone());
            }
            Fact::Scaled(_) | Fact::Attached(_) | Fact::Deleted(_) | Fact::Denied { .. } => {}
        }
    }
}

#[tokio::test]
async fn an_empty_cluster_is_scaled_up_claimed_attached_initialised_and_then_ready() {
    let cluster = Cluster::start(Script::Echo).await;
    let proxy = Proxy::start(&cluster);
    let facts = cluster.until(gate("Initialized")).await;
    proxy.initialized().await;
    assert_lawful(&facts);
    assert_eq!(facts[0], Fact::Scaled(1));
    let Some(Fact::Gate {
        status, message, ..
    }) = facts.last()
    else {
        panic!("{facts:?}")
    };
    assert_eq!(status, "True");
    assert_eq!(
        message,
        "echo 1 answered initialize with protocol revision 2025-11-25."
    );
    proxy.stop().await;
}

#[tokio::test]
async fn three_kills_in_a_row_each_lead_to_a_fresh_ready_process() {
    let cluster = Cluster::start(Script::Echo).await;
    let proxy = Proxy::start(&cluster);
    for _ in 0..3 {
        cluster.until(gate("Initialized")).await;
        proxy.initialized().await;
        cluster.kill(137);
        cluster.until(gate("ProcessExited")).await;
    }
    let facts = cluster.until(gate("Initialized")).await;
    proxy.initialized().await;
    assert_lawful(&cluster.facts());
    let replaced = cluster
        .facts()
        .iter()
        .filter(|fact| matches!(fact, Fact::Deleted(_)))
        .count();
    assert_eq!(
        replaced, 1,
        "only the second kill would have met the kubelet's back-off: {facts:?}"
    );
    proxy.stop().await;
}

#[tokio::test]
async fn an_attach_that_is_lost_for_good_shuts_the_gate_and_replaces_the_pod() {
    let cluster = Cluster::start(Script::Echo).await;
    cluster.with(|world| world.no_log = Some(403));
    let proxy = Proxy::start(&cluster);
    cluster.until(gate("Initialized")).await;
    proxy.initialized().await;
    cluster.cut();
    cluster.until(gate("AttachLost")).await;
    cluster.until(gate("Initialized")).await;
    proxy.initialized().await;
    assert_lawful(&cluster.facts());
    assert!(cluster.facts().contains(&Fact::Deleted("pod-1".to_owned())));
    proxy.stop().await;
}

#[tokio::test]
async fn an_api_server_that_goes_down_under_a_served_process_is_waited_for_too() {
    let cluster = Cluster::start(Script::Echo).await;
    let proxy = Proxy::start(&cluster);
    cluster.until(gate("Initialized")).await;
    proxy.initialized().await;
    cluster.set_down(true);
    cluster.cut();
    cluster.refused(3).await;
    cluster.set_down(false);
    let attached = Fact::Attached("pod-1/c-1".to_owned());
    cluster.until(|fact| *fact == attached).await;
    proxy.initialized().await;
    let facts = cluster.facts();
    assert_lawful(&facts);
    assert!(!facts.contains(&Fact::Deleted("pod-1".to_owned())));
    proxy.stop().await;
}

#[tokio::test]
async fn the_next_proxy_replaces_a_process_that_a_killed_one_had_spoken_to() {
    let cluster = Cluster::start(Script::Echo).await;
    let first = Proxy::start(&cluster);
    cluster.until(gate("Initialized")).await;
    first.kill();
    let second = Proxy::start(&cluster);
    cluster
        .until(|fact| *fact == Fact::Deleted("pod-1".to_owned()))
        .await;
    cluster.until(gate("Initialized")).await;
    second.initialized().await;
    assert_lawful(&cluster.facts());
    second.stop().await;
}

#[tokio::test]
async fn a_proxy_that_ends_in_order_leaves_a_fresh_process_to_the_next() {
    let cluster = Cluster::start(Script::Echo).await;
    let first = Proxy::start(&cluster);
    cluster.until(gate("Initialized")).await;
    first.stop().await;
    assert!(cluster.facts().contains(&Fact::Deleted("pod-1".to_owned())));
    let second = Proxy::start(&cluster);
    cluster.until(gate("Initialized")).await;
    second.initialized().await;
    let facts = cluster.facts();
    assert_lawful(&facts);
    assert!(
        !facts.contains(&Fact::Deleted("pod-2".to_owned())),
        "it was fresh: {facts:?}"
    );
    second.stop().await;
}

#[tokio::test]
async fn a_server_that_dies_before_the_handshake_is_left_to_the_kubelet_and_explained() {
    let cluster = Cluster::start(Script::Exit(3)).await;
    let proxy = Proxy::start(&cluster);
    let told =
        |fact: &Fact| matches!(fact, Fact::Gate { message, .. } if message.contains("exit code 3"));
    // The second process of the pod ends too; then the kubelet backs off.
    cluster
        .until(|fact| *fact == Fact::Attached("pod-1/c-2".to_owned()))
        .await;
    cluster.until(told).await;
    let facts = cluster.facts();
    assert_lawful(&facts);
    assert!(
        !facts.iter().any(|fact| matches!(fact, Fact::Deleted(_))),
        "{facts:?}"
    );
    proxy.stop().await;
}

#[tokio::test]
async fn a_server_that_ends_before_it_can_be_attached_to_is_explained_too() {
    let cluster = Cluster::start(Script::Dead(3)).await;
    let proxy = Proxy::start(&cluster);
    let facts = cluster.until(gate("ProcessExited")).await;
    let Some(Fact::Gate { message, .. }) = facts.last() else {
        panic!("{facts:?}")
    };
    assert_eq!(
        message,
        "The server process ended (exit code 3, Error) before it answered initialize; its log says why, check image, args and env."
    );
    assert_lawful(&cluster.facts());
    proxy.stop().await;
}

#[tokio::test]
async fn what_is_no_mcp_server_is_told_and_replaced_after_a_while() {
    let cluster = Cluster::start(Script::NotMcp).await;
    let proxy = Proxy::start(&cluster);
    let facts = cluster.until(gate("NotMcp")).await;
    assert!(
        !facts.iter().any(|fact| matches!(fact, Fact::Deleted(_))),
        "not at once: {facts:?}"
    );
    cluster.mend(Script::Echo);
    cluster.until(gate("Initialized")).await;
    proxy.initialized().await;
    assert_lawful(&cluster.facts());
    proxy.stop().await;
}

#[tokio::test]
async fn an_api_server_that_is_down_is_waited_for() {
    let cluster = Cluster::start(Script::Echo).await;
    cluster.set_down(true);
    let proxy = Proxy::start(&cluster);
    cluster.refused(3).await;
    cluster.set_down(false);
    cluster.until(gate("Initialized")).await;
    proxy.initialized().await;
    assert_lawful(&cluster.facts());
    proxy.stop().await;
}

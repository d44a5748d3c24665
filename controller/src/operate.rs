//! The controller without its process: caches, election, passes. What the tests run.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use hivewright_core::{ServerState, Settings};
use hivewright_telemetry::Telemetry;
use kube::Client;
use kube::ResourceExt as _;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::journal::Journal;
use crate::lead::lead;
use crate::lease::{Elector, Identity};
use crate::metrics::{ConditionFact, Metrics, ServerFact, Servers};
use crate::page::Window;
use crate::watch::{Scope, Server};
use crate::worker::Worker;

/// How long passes under way may take once the controller is told to stop. The pod has 30 s.
const DRAIN: Duration = Duration::from_secs(10);

/// What the controller works with.
#[derive(Clone, Debug)]
pub struct Config {
    /// What each MCPServer gets.
    pub settings: Settings,
    /// Namespaces to watch; none: all.
    pub namespaces: Vec<String>,
    /// Whether Secrets are looked at, by their metadata.
    pub watch_secrets: bool,
    /// Part in the election; `None`: works without.
    pub lease: Option<Identity>,
    /// Shows the caches to the status page.
    pub window: Window,
    /// Where passes are recorded.
    pub telemetry: Telemetry,
    /// Where events are kept; `None`: nowhere.
    pub journal: Option<Journal>,
}

/// Watches and works until `stop`. `synced` becomes true once the caches are filled.
pub async fn operate(
    client: Client,
    config: Config,
    metrics: Metrics,
    synced: watch::Sender<bool>,
    stop: CancellationToken,
) {
    let mut watches = JoinSet::new();
    let scopes = scopes(&client, &config, &metrics, &mut watches);
    metrics.add_servers(facts(&scopes));
    let caches = scopes.iter().map(|scope| scope.caches.clone());
    config.window.open(caches.collect());
    let (settings, telemetry) = (Arc::new(config.settings), config.telemetry);
    let journal = config.journal;
    let workers: Vec<(Scope, Arc<Worker>)> = scopes
        .into_iter()
        .map(|scope| {
            let (client, settings) = (client.clone(), Arc::clone(&settings));
            let worker = Worker::new(client, &scope, settings, metrics.clone());
            let worker = worker.recorded(telemetry.clone()).kept(journal.clone());
            (scope, Arc::new(worker))
        })
        .collect();
    let filled = join_all(workers.iter().map(|(scope, _)| scope.caches.filled()));
    if stop.run_until_cancelled(filled).await.is_none() {
        return;
    }
    synced.send_replace(true);
    tracing::info!("Caches are filled");
    let elected = Election::begin(client, config.lease);
    work(&workers, elected.leads.clone(), &metrics, &stop).await;
    elected.end().await;
}

fn scopes(
    client: &Client,
    config: &Config,
    metrics: &Metrics,
    watches: &mut JoinSet<()>,
) -> Vec<Scope> {
    let mut one = |namespace: Option<&str>| {
        let (scope, watch) = Scope::new(client, namespace, config.watch_secrets, metrics);
        watches.spawn(watch);
        scope
    };
    if config.namespaces.is_empty() {
        vec![one(None)]
    } else {
        config
            .namespaces
            .iter()
            .map(|namespace| one(Some(namespace)))
            .collect()
    }
}

/// Works whenever we lead, until `stop`.
async fn work(
    workers: &[(Scope, Arc<Worker>)],
    mut leads: watch::Receiver<bool>,
    metrics: &Metrics,
    stop: &CancellationToken,
) {
    loop {
        let won = async { leads.wait_for(|leads| *leads).await.is_ok() };
        if stop.run_until_cancelled(won).await != Some(true) {
            return;
        }
        metrics.leads(true);
        let passes = join_all(
            workers
                .iter()
                .map(|(scope, worker)| lead(scope, Arc::clone(worker), stop.clone())),
        );
        let drained = async {
            stop.cancelled().await;
            tokio::time::sleep(DRAIN).await;
            tracing::warn!("Passes under way did not end in time and were cut off");
        };
        tokio::select! {
            // First: when leadership is lost nothing more may be written.
            biased;
            _ = leads.wait_for(|leads| !*leads) => {}
            _ = passes => {}
            () = drained => {}
        }
        metrics.leads(false);
    }
}

/// Our part in the election, or a permanent leadership without one.
struct Election {
    leads: watch::Receiver<bool>,
    /// Without an election: keeps the receiver from seeing a closed channel.
    _always: Option<watch::Sender<bool>>,
    stop: CancellationToken,
    elector: JoinSet<()>,
}

impl Election {
    fn begin(client: Client, lease: Option<Identity>) -> Self {
        let stop = CancellationToken::new();
        let mut elector = JoinSet::new();
        let Some(identity) = lease else {
            let (always, leads) = watch::channel(true);
            return Self {
                leads,
                _always: Some(always),
                stop,
                elector,
            };
        };
        let (part, leads) = Elector::new(client, identity);
        elector.spawn(part.run(stop.clone()));
        Self {
            leads,
            _always: None,
            stop,
            elector,
        }
    }

    /// Gives the lease back. Only once no pass runs any more.
    async fn end(mut self) {
        self.stop.cancel();
        if timeout(DRAIN, self.elector.join_next()).await.is_err() {
            tracing::warn!("Election did not end in time");
        }
    }
}

fn facts(scopes: &[Scope]) -> Servers {
    let stores: Vec<_> = scopes
        .iter()
        .map(|scope| scope.caches.servers.clone())
        .collect();
    Servers::new(move || {
        let servers = stores
            .iter()
            .flat_map(kube::runtime::reflector::Store::state);
        servers.map(|server| fact(&server)).collect()
    })
}

fn fact(server: &Server) -> ServerFact {
    let status = server
        .0
        .as_ref()
        .ok()
        .and_then(|server| server.status.as_ref());
    let state = ServerState::from_status(status);
    let conditions = status
        .into_iter()
        .flat_map(|status| status.conditions.iter().flatten());
    ServerFact {
        namespace: server.namespace().unwrap_or_default(),
        name: server.name_any(),
        phase: state.phase().as_str(),
        ready: state.blocker().is_none(),
        conditions: conditions.filter_map(ConditionFact::of).collect(),
    }
}

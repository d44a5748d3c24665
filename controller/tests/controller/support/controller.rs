//! A controller in this process, over the fake API server.

use std::time::Duration;

use hivewright_controller::lease::Identity;
use hivewright_controller::metrics::Metrics;
use hivewright_controller::operate::{Config, operate};
use hivewright_core::Settings;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::FakeApi;

/// Namespace of the servers in the tests.
pub(crate) const NAMESPACE: &str = "default";
/// Nothing asked for this long: nothing more will be asked. Longer than the first waits for a
/// repetition, so that those have happened; time is paused and costs nothing.
const QUIET: Duration = Duration::from_secs(20);
/// Longest time that a controller may need to come to rest.
const PATIENCE: Duration = Duration::from_mins(10);

/// A controller that runs.
#[derive(Debug)]
pub(crate) struct Running {
    /// What it counts.
    pub(crate) metrics: Metrics,
    /// True once its caches are filled.
    pub(crate) synced: watch::Receiver<bool>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// Starts one whose requests are recorded as those of `who`.
    pub(crate) fn start(api: &FakeApi, who: &'static str, lease: Option<Identity>) -> Self {
        Self::watching(api, who, lease, &[])
    }

    /// The same, for a list of namespaces.
    pub(crate) fn watching(
        api: &FakeApi,
        who: &'static str,
        lease: Option<Identity>,
        namespaces: &[&str],
    ) -> Self {
        let namespaces = namespaces.iter().map(|&namespace| namespace.to_owned());
        let config = Config {
            namespaces: namespaces.collect(),
            lease,
            ..config()
        };
        Self::configured(api, who, config)
    }

    /// The same, with every setting given.
    pub(crate) fn configured(api: &FakeApi, who: &'static str, config: Config) -> Self {
        let metrics = Metrics::new();
        let stop = CancellationToken::new();
        let (sender, synced) = watch::channel(false);
        let client = api.client(who, &metrics);
        let task = tokio::spawn(operate(
            client,
            config,
            metrics.clone(),
            sender,
            stop.clone(),
        ));
        Self {
            metrics,
            synced,
            stop,
            task,
        }
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        timeout(PATIENCE, self.task).await.unwrap().unwrap();
    }

    /// Ends it at once, as a crash would.
    pub(crate) fn crash(self) {
        self.task.abort();
    }
}

/// Settings of a controller that works alone in every namespace.
pub(crate) fn config() -> Config {
    Config {
        settings: Settings::default(),
        namespaces: Vec::new(),
        watch_secrets: true,
        lease: None,
        journal: None,
        window: hivewright_controller::page::Window::default(),
        telemetry: hivewright_telemetry::Telemetry::default(),
    }
}

/// A part in the election under this name.
pub(crate) fn identity(holder: &str) -> Identity {
    Identity {
        namespace: "hivewright".to_owned(),
        name: "hivewright-controller".to_owned(),
        holder: holder.to_owned(),
    }
}

/// Waits until nothing but Leases has been asked for a while.
pub(crate) async fn rest(api: &FakeApi) {
    let count = || {
        api.requests()
            .iter()
            .filter(|request| request.access.resource != "leases")
            .count()
    };
    let resting = async {
        let mut before = count();
        loop {
            sleep(QUIET).await;
            let now = count();
            if std::mem::replace(&mut before, now) == now {
                return;
            }
        }
    };
    timeout(PATIENCE, resting)
        .await
        .expect("the controller comes to rest");
}

/// Scales a server's StatefulSet as its proxy does, or an autoscaler.
pub(crate) fn scale(api: &FakeApi, name: &str, replicas: u32) {
    let patch = json!({ "spec": { "replicas": replicas } });
    api.merge("statefulsets", NAMESPACE, name, &patch);
}

/// An MCPServer as a user would write it.
pub(crate) fn fetch(name: &str) -> Value {
    json!({
        "apiVersion": "toolhive.stacklok.dev/v1alpha1",
        "kind": "MCPServer",
        "metadata": { "name": name, "namespace": NAMESPACE },
        "spec": {
            "image": "docker.io/mcp/fetch",
            "transport": "stdio",
            "port": 8080,
            "permissionProfile": { "type": "builtin", "name": "network" },
        },
    })
}

/// A condition in a status: its status, reason and message.
pub(crate) fn condition(server: &Value, kind: &str) -> (String, String, String) {
    let all = server["status"]["conditions"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let of =
        |condition: &Value, field: &str| condition[field].as_str().unwrap_or_default().to_owned();
    all.iter()
        .find(|condition| condition["type"] == kind)
        .map(|condition| {
            (
                of(condition, "status"),
                of(condition, "reason"),
                of(condition, "message"),
            )
        })
        .unwrap_or_default()
}

//! What the scenarios share: manifests, a served echo server, and the two ways to run.

use std::time::Duration;

use anyhow::{Context as _, Result};
use hivewright_api::names;
use hivewright_harness::{
    forward::Forward,
    mcp::raw::Raw,
    ns::{Ns, with_ns, with_temp_ns},
    wait::{Look, SERVER_READY, until},
};
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api,
    api::{ApiResource, DynamicObject, GroupVersionKind},
};
use serde_json::{Value, json};
use tokio::sync::RwLock;

use crate::law;

/// The image of the echo server.
pub(crate) const ECHO_IMAGE: &str = "hivewright.test/echo";
/// The image of the outside world.
pub(crate) const WORLD_IMAGE: &str = "hivewright.test/world";
/// The port of the echo server's proxy: not the default, so that a mix-up shows.
pub(crate) const PORT: u16 = 8085;

/// Held for reading by scenarios that run beside others, for writing by those that need quiet.
static QUIET: RwLock<()> = RwLock::const_new(());

/// Runs a scenario beside others.
pub(crate) async fn beside_others(
    story: &str,
    scenario: impl AsyncFnOnce(Ns) -> Result<()>,
) -> Result<()> {
    let _together = QUIET.read().await;
    with_temp_ns(story, lawful(scenario)).await
}

/// Held for reading by scenarios that take minutes, for writing by those that need quiet: these wait
/// here, where they keep nobody else from beginning.
static LONG: RwLock<()> = RwLock::const_new(());

/// Runs a scenario of several minutes beside others.
pub(crate) async fn long_beside_others(
    story: &str,
    scenario: impl AsyncFnOnce(Ns) -> Result<()>,
) -> Result<()> {
    let _long = LONG.read().await;
    beside_others(story, scenario).await
}

/// Runs a scenario beside others, in the namespace that its manifest names.
pub(crate) async fn beside_others_in(
    story: &str,
    namespace: &str,
    scenario: impl AsyncFnOnce(Ns) -> Result<()>,
) -> Result<()> {
    let _together = QUIET.read().await;
    with_ns(story, namespace, lawful(scenario)).await
}

/// Runs a scenario while no other runs.
pub(crate) async fn alone(story: &str, scenario: impl AsyncFnOnce(Ns) -> Result<()>) -> Result<()> {
    let _no_long_one = LONG.write().await;
    let _quiet = QUIET.write().await;
    with_temp_ns(story, lawful(scenario)).await
}

/// The scenario, and then what holds of every one: the journal tells the statuses that are there.
fn lawful(scenario: impl AsyncFnOnce(Ns) -> Result<()>) -> impl AsyncFnOnce(Ns) -> Result<()> {
    async |ns: Ns| {
        scenario(ns.clone()).await?;
        law::holds(&ns.cluster, Some(&ns.name)).await.map(drop)
    }
}

/// An MCPServer of the echo image with these arguments.
pub(crate) fn echo(ns: &Ns, name: &str, args: &[&str]) -> Result<Value> {
    Ok(json!({
        "apiVersion": format!("{}/{}", names::GROUP, names::VERSION),
        "kind": names::KIND,
        "metadata": { "name": name },
        "spec": {
            "image": ns.cluster.image(ECHO_IMAGE)?,
            "transport": "stdio",
            "port": PORT,
            "args": args,
            "permissionProfile": { "type": "builtin", "name": "network" },
        },
    }))
}

/// The MCPServers of a namespace, as anybody's client sees them: without our types.
pub(crate) fn mcpservers(ns: &Ns) -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk(names::GROUP, names::VERSION, names::KIND);
    let resource = ApiResource::from_gvk_with_plural(&kind, "mcpservers");
    Api::namespaced_with(ns.cluster.client.clone(), &ns.name, &resource)
}

/// The status of an MCPServer; null before there is one.
pub(crate) async fn status(ns: &Ns, name: &str) -> Result<Value> {
    let server = mcpservers(ns).get(name).await?;
    Ok(server.data.get("status").cloned().unwrap_or_default())
}

/// The condition of this type.
pub(crate) fn condition<'a>(status: &'a Value, kind: &str) -> Option<&'a Value> {
    status["conditions"]
        .as_array()?
        .iter()
        .find(|condition| condition["type"] == kind)
}

/// Waits for a status that fits and gives it.
pub(crate) async fn status_when(
    ns: &Ns,
    name: &str,
    what: &str,
    bound: Duration,
    fits: impl Fn(&Value) -> bool,
) -> Result<Value> {
    until(what, bound, async || {
        let status = status(ns, name).await?;
        Ok(if fits(&status) {
            Look::Done(status)
        } else {
            Look::NotYet(status.to_string())
        })
    })
    .await
}

/// Waits until the MCPServer is Ready and the status speaks of its present spec.
pub(crate) async fn ready(ns: &Ns, name: &str) -> Result<Value> {
    let generation = mcpservers(ns).get(name).await?.metadata.generation;
    let what = format!("{name} Ready");
    status_when(ns, name, &what, SERVER_READY, |status| {
        status["phase"] == "Ready" && status["observedGeneration"].as_i64() == generation
    })
    .await
}

/// An echo server that is up, and a way to its proxy.
#[derive(Debug)]
pub(crate) struct Echo {
    pub(crate) ns: Ns,
    pub(crate) name: String,
    pub(crate) forward: Forward,
    pub(crate) raw: Raw,
}

impl Echo {
    /// Applies the manifest and waits until the server is Ready.
    pub(crate) async fn serve(ns: &Ns, manifest: &Value) -> Result<Self> {
        ns.apply(manifest).await?;
        let name = manifest["metadata"]["name"]
            .as_str()
            .context("a name")?
            .to_owned();
        ready(ns, &name).await?;
        let forward = proxy(ns, &name, PORT).await?;
        let raw = Raw::new(&forward.url(""))?;
        Ok(Self {
            ns: ns.clone(),
            name,
            forward,
            raw,
        })
    }

    /// The pod of the server.
    pub(crate) fn pod(&self) -> String {
        names::pod(&self.name, 0)
    }
}

/// A way to a server's proxy through its Service.
pub(crate) async fn proxy(ns: &Ns, server: &str, port: u16) -> Result<Forward> {
    let service = names::proxy_service(server);
    Forward::service(ns.cluster.client.clone(), &ns.name, &service, port).await
}

/// The running pods with these labels.
pub(crate) async fn pods(ns: &Ns, labels: &str) -> Result<Vec<Pod>> {
    let params = kube::api::ListParams::default().labels(labels);
    Ok(ns.cluster.api::<Pod>(&ns.name).list(&params).await?.items)
}

/// The labels that select a server's proxy pods.
pub(crate) fn proxy_labels(server: &str) -> String {
    format!(
        "{}={server},{}={}",
        names::SERVER_LABEL,
        names::COMPONENT_LABEL,
        names::COMPONENT_PROXY
    )
}

/// Starts the outside world as a pod and a Service `world` and gives the pod's address. The Service
/// answers at `addresses` too, inside the cluster alone.
pub(crate) async fn world(ns: &Ns, addresses: &[&str]) -> Result<String> {
    let labels = json!({ "app": "world" });
    let port = hivewright_e2e::world::PORT;
    ns.apply(&json!({
        "apiVersion": "v1", "kind": "List",
        "items": [
            {
                "apiVersion": "v1", "kind": "Pod",
                "metadata": { "name": "world", "labels": labels },
                "spec": {
                    "automountServiceAccountToken": false,
                    "terminationGracePeriodSeconds": 0,
                    "securityContext": hivewright_harness::packets::restricted(),
                    "containers": [{
                        "name": "world",
                        "image": ns.cluster.image(WORLD_IMAGE)?,
                        "imagePullPolicy": "IfNotPresent",
                        "args": ["serve"],
                        "readinessProbe": { "tcpSocket": { "port": port }, "periodSeconds": 1 },
                    }],
                },
            },
            {
                "apiVersion": "v1", "kind": "Service",
                "metadata": { "name": "world" },
                "spec": { "selector": labels, "ports": [{ "port": port }], "externalIPs": addresses },
            },
        ],
    }))
    .await?;
    until("the world", SERVER_READY, async || {
        let pod = ns.cluster.api::<Pod>(&ns.name).get("world").await?;
        let address = pod.status.as_ref().and_then(|status| status.pod_ip.clone());
        Ok(match address {
            Some(address) if hivewright_harness::forward::is_ready(&pod) => Look::Done(address),
            other => Look::not_yet(other),
        })
    })
    .await
}

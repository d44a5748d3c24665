//! A real Prometheus scrapes whatever runs: by the annotations that are the default, by what the
//! operator's kinds select, through the NetworkPolicies, and without a series too many.

mod exposition;
mod flood;
mod monitors;
mod policy;

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context as _, Result};
use hivewright_api::names;
use hivewright_harness::{
    access::Cluster,
    charts,
    forward::is_ready,
    ns::{Ns, with_temp_ns},
    prometheus::{Health, JOB, Prometheus, Target},
    wait::{Look, until},
};
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, api::ListParams};
use serde_json::json;

use crate::support::{Echo, beside_others, echo};

/// From a pod that is ready to its second scrape, on a machine with more to do than it can.
pub(crate) const SCRAPED: Duration = Duration::from_mins(1);
/// The annotation by which pods are found.
const SCRAPE: &str = "prometheus.io/scrape";
/// The label of a target that names its server, as Prometheus writes a label with dots.
const SERVER: &str = "hivewright_dev_mcpserver";

/// Pods of every namespace.
async fn all_pods(cluster: &Cluster) -> Result<Vec<Pod>> {
    let pods = Api::<Pod>::all(cluster.client.clone());
    Ok(pods.list(&ListParams::default()).await?.items)
}

/// Whether the pod asks to be scraped by its annotations.
fn is_annotated(pod: &Pod) -> bool {
    let annotations = pod.metadata.annotations.as_ref();
    annotations.is_some_and(|all| all.get(SCRAPE).is_some_and(|value| value == "true"))
}

/// Namespace and name.
fn place_of(pod: &Pod) -> (String, String) {
    let (namespace, name) = (&pod.metadata.namespace, &pod.metadata.name);
    (
        namespace.clone().unwrap_or_default(),
        name.clone().unwrap_or_default(),
    )
}

/// Namespaces and names of the pods whose last scrape was good.
fn up(targets: &[Target]) -> BTreeSet<(String, String)> {
    let of_pods = targets.iter().filter(|target| target.scrape_pool == JOB);
    let up = of_pods.filter(|target| target.health == Health::Up);
    up.map(|target| {
        (
            target.label("namespace").to_owned(),
            target.label("pod").to_owned(),
        )
    })
    .collect()
}

/// An echo server that may send nothing out: the strictest policy that there is.
async fn strict(ns: &Ns, name: &str) -> Result<Echo> {
    let mut manifest = echo(ns, name, &[])?;
    manifest["spec"]["permissionProfile"]["name"] = json!("none");
    Echo::serve(ns, &manifest).await
}

#[tokio::test]
async fn every_pod_that_asks_for_it_is_a_target_that_is_up() -> Result<()> {
    beside_others("scraped", async |ns| {
        with_temp_ns("scraped-too", async |other| {
            let first = strict(&ns, "first").await?;
            let second = strict(&other, "second").await?;
            let prometheus = Prometheus::connect(&ns.cluster).await?;
            until("every ready pod's target up", SCRAPED, async || {
                // The targets first: what gets ready meanwhile is not missed.
                let up = up(&prometheus.targets().await?);
                let pods = all_pods(&ns.cluster).await?;
                let asked = pods
                    .iter()
                    .filter(|pod| is_annotated(pod) && is_ready(pod));
                let missed: Vec<_> = asked.map(place_of).filter(|pod| !up.contains(pod)).collect();
                Ok(if missed.is_empty() {
                    Look::Done(())
                } else {
                    Look::not_yet(missed)
                })
            })
            .await?;
            for echo in [&first, &second] {
                is_found_once(&prometheus, &echo.ns.name, &echo.name).await?;
            }
            let controllers = format!(
                "up{{job=\"{JOB}\",namespace=\"{}\",app_kubernetes_io_component=\"controller\"}} == 1",
                charts::NAMESPACE
            );
            until("the controller's target up", SCRAPED, async || {
                let found = prometheus.instant(&controllers).await?.len();
                Ok(if found > 0 { Look::Done(()) } else { Look::not_yet(found) })
            })
            .await
        })
        .await
    })
    .await
}

/// One target: the port of the annotation, not one for each port of each container.
async fn is_found_once(prometheus: &Prometheus, namespace: &str, server: &str) -> Result<()> {
    let targets = prometheus.targets().await?;
    let ours: Vec<&Target> = targets
        .iter()
        .filter(|target| target.label("namespace") == namespace && target.label(SERVER) == server)
        .collect();
    let [target] = ours[..] else {
        anyhow::bail!("{namespace}/{server} has {} targets", ours.len())
    };
    let port = format!(":{}/metrics", names::PROXY_ADMIN_PORT);
    anyhow::ensure!(
        target.scrape_url.ends_with(&port),
        "it is scraped at {}",
        target.scrape_url
    );
    Ok(())
}

/// The number of calls of one tool that Prometheus has seen a server answer.
async fn calls_seen(prometheus: &Prometheus, ns: &Ns, server: &str) -> Result<f64> {
    let query = format!(
        "sum(mcp_server_operation_duration_seconds_count{{namespace=\"{}\",{SERVER}=\"{server}\",\
         mcp_method_name=\"tools/call\",gen_ai_tool_name=\"echo\",error_type=\"\"}})",
        ns.name
    );
    Ok(prometheus.value(&query).await?.unwrap_or_default())
}

#[tokio::test]
async fn the_calls_of_a_client_are_counted_for_the_server_that_it_called() -> Result<()> {
    beside_others("counted", async |ns| {
        let busy = Echo::serve(&ns, &echo(&ns, "busy", &[])?).await?;
        Echo::serve(&ns, &echo(&ns, "idle", &[])?).await?;
        let session = busy.raw.open("caller").await?;
        for id in 1..=7 {
            session.text(id, "echo", json!({ "text": "x" })).await?;
        }
        let prometheus = Prometheus::connect(&ns.cluster).await?;
        until("seven calls of one server", SCRAPED, async || {
            let busy = calls_seen(&prometheus, &ns, "busy").await?;
            let idle = calls_seen(&prometheus, &ns, "idle").await?;
            Ok(if (busy, idle) == (7.0, 0.0) {
                Look::Done(())
            } else {
                Look::not_yet((busy, idle))
            })
        })
        .await
        .context("what Prometheus has counted of busy and of idle")
    })
    .await
}

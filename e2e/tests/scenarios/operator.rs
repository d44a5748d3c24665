//! The controller itself: two of them, one leads; and quiet while nothing changes.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_harness::{
    access::Cluster,
    charts::{NAMESPACE, RELEASE},
    forward::{Forward, is_ready},
    ns::{LABEL, Ns},
    scrape::Scrape,
    wait::{GONE, Look, RECOVERY, until},
};
use k8s_openapi::api::{
    apps::v1::Deployment,
    coordination::v1::Lease,
    core::v1::{Namespace, Pod},
};
use kube::{
    Api,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::support::{Echo, alone, echo, pods, proxy_labels, ready};

/// How long nothing may be written while nothing changes.
const IDLE: Duration = Duration::from_secs(20);
/// Time after the last change in which the controller may still write what followed from it.
const SETTLE: Duration = Duration::from_secs(5);
/// Verbs of the metric that write nothing.
const READS: [&str; 3] = ["get", "list", "watch"];
/// The metric of requests to the API server.
const REQUESTS: &str = "hivewright_controller_api_requests_total";

fn controllers(cluster: &Cluster) -> Api<Pod> {
    cluster.api(NAMESPACE)
}

/// The controller's pods, as the chart labels them.
async fn controller_pods(cluster: &Cluster) -> Result<Vec<Pod>> {
    let labels = format!("app.kubernetes.io/instance={RELEASE},app.kubernetes.io/name=hivewright");
    let list = controllers(cluster)
        .list(&ListParams::default().labels(&labels))
        .await?;
    Ok(list.items.into_iter().filter(is_ready).collect())
}

/// The pod that holds the lease.
pub(crate) async fn leader(cluster: &Cluster) -> Result<String> {
    let leases = cluster
        .api::<Lease>(NAMESPACE)
        .list(&ListParams::default())
        .await?;
    let holder = leases
        .items
        .into_iter()
        .find_map(|lease| lease.spec?.holder_identity);
    let holder = holder
        .filter(|holder| !holder.is_empty())
        .context("nobody leads")?;
    let pods = controller_pods(cluster).await?;
    let names = pods.into_iter().filter_map(|pod| pod.metadata.name);
    names
        .into_iter()
        .find(|name| holder.starts_with(name.as_str()))
        .context("a stranger leads")
}

/// What the leading controller says about itself.
pub(crate) async fn controller_metrics(cluster: &Cluster) -> Result<Scrape> {
    let pod = leader(cluster).await?;
    let port = names::CONTROLLER_ADMIN_PORT;
    let forward = Forward::pod(cluster.client.clone(), NAMESPACE, &pod, port).await?;
    Scrape::get(&forward.url("/metrics")).await
}

/// What a server's proxy says about itself.
pub(crate) async fn proxy_metrics(ns: &Ns, server: &str) -> Result<Scrape> {
    let pod = pods(ns, &proxy_labels(server))
        .await?
        .into_iter()
        .find(is_ready);
    let name = pod
        .and_then(|pod| pod.metadata.name)
        .context("no proxy is ready")?;
    let client = ns.cluster.client.clone();
    let forward = Forward::pod(client, &ns.name, &name, names::PROXY_ADMIN_PORT).await?;
    Scrape::get(&forward.url("/metrics")).await
}

/// Requests that write, the lease's renewals aside.
fn writes(scrape: &Scrape) -> f64 {
    let total = scrape.sum(REQUESTS, &[]);
    let reads: f64 = READS
        .iter()
        .map(|verb| scrape.sum(REQUESTS, &[("verb", verb)]))
        .sum();
    let lease_reads = READS
        .iter()
        .map(|verb| scrape.sum(REQUESTS, &[("verb", verb), ("resource", "leases")]));
    total - reads - (scrape.sum(REQUESTS, &[("resource", "leases")]) - lease_reads.sum::<f64>())
}

async fn scale(cluster: &Cluster, replicas: usize) -> Result<()> {
    let deployments = cluster.api::<Deployment>(NAMESPACE);
    let patch = Patch::Merge(json!({ "spec": { "replicas": replicas } }));
    let release = ListParams::default().labels(&format!("app.kubernetes.io/instance={RELEASE}"));
    let list = deployments.list(&release).await?.items;
    let name = list
        .into_iter()
        .next()
        .and_then(|d| d.metadata.name)
        .context("no controller")?;
    deployments
        .patch_scale(&name, &PatchParams::default(), &patch)
        .await?;
    until(&format!("{replicas} controllers"), RECOVERY, async || {
        let ready = controller_pods(cluster).await?.len();
        Ok(if ready == replicas {
            Look::Done(())
        } else {
            Look::not_yet(ready)
        })
    })
    .await
}

/// The kubelet asks the process to end before it kills it, so this leader may give its lease back. One
/// that is lost with its node cannot: then the others wait for the lease to run out, 15 s.
async fn the_other_takes_over(ns: &Ns) -> Result<()> {
    let cluster = &ns.cluster;
    let first = leader(cluster).await?;
    let kill = DeleteParams::default().grace_period(0);
    controllers(cluster).delete(&first, &kill).await?;
    let begin = Instant::now();
    let second = until("another leader", RECOVERY, async || {
        let now = leader(cluster).await?;
        Ok(if now == first {
            Look::not_yet(now)
        } else {
            Look::Done(now)
        })
    })
    .await?;
    println!(
        "leader's pod deleted: the next leads after {:.1} s",
        begin.elapsed().as_secs_f64()
    );
    ns.apply(&echo(ns, "under-the-second", &[])?).await?;
    ready(ns, "under-the-second").await?;
    ensure!(first != second, "the dead leads");
    Ok(())
}

#[tokio::test]
async fn when_the_leaders_pod_is_deleted_the_other_takes_over() -> Result<()> {
    alone("leader", async |ns| {
        scale(&ns.cluster, 2).await?;
        let outcome = the_other_takes_over(&ns).await;
        scale(&ns.cluster, 1).await?;
        outcome
    })
    .await
}

/// Waits until what other scenarios have left is gone: its end is change enough to write about.
async fn no_other_namespace(ns: &Ns) -> Result<()> {
    let namespaces = Api::<Namespace>::all(ns.cluster.client.clone());
    until("the end of other scenarios' namespaces", GONE, async || {
        let list = namespaces
            .list(&ListParams::default().labels(LABEL))
            .await?;
        let names: Vec<_> = list
            .items
            .into_iter()
            .filter_map(|item| item.metadata.name)
            .collect();
        let alone = names.iter().all(|name| *name == ns.name);
        Ok(if alone {
            Look::Done(())
        } else {
            Look::not_yet(names)
        })
    })
    .await
}

#[tokio::test]
async fn nothing_is_written_while_nothing_changes() -> Result<()> {
    alone("idle", async |ns| {
        Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        no_other_namespace(&ns).await?;
        until("a quiet controller", RECOVERY, async || {
            let before = writes(&controller_metrics(&ns.cluster).await?);
            sleep(SETTLE).await;
            let after = writes(&controller_metrics(&ns.cluster).await?);
            Ok(if after > before {
                Look::not_yet(after - before)
            } else {
                Look::Done(())
            })
        })
        .await?;
        let before = controller_metrics(&ns.cluster).await?;
        ensure!(writes(&before) > 0.0, "the metric counts nothing");
        sleep(IDLE).await;
        let written = writes(&controller_metrics(&ns.cluster).await?) - writes(&before);
        ensure!(
            written.abs() < f64::EPSILON,
            "{written} writes within {IDLE:?} of quiet"
        );
        Ok(())
    })
    .await
}

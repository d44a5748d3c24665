//! Faults of a controller, on a release of the chart of its own: it watches a namespace without
//! servers, so the one that serves the other scenarios does not notice.

use std::time::Duration;

use anyhow::{Context as _, Result};
use hivewright_harness::{
    charts,
    forward::is_ready,
    ns::Ns,
    prometheus,
    wait::{Look, RECOVERY, until},
};
use k8s_openapi::api::{core::v1::Pod, rbac::v1::RoleBinding};
use kube::api::DeleteParams;
use serde_json::{Value, json};
use tokio::{
    time::{Instant, sleep},
    try_join,
};

use super::{alarm::Alarm, servers::kill};
use crate::support::pods;

/// What is made to fire here.
pub(super) const ALERTS: [&str; 5] = [
    "HivewrightControllerApiFailing",
    "HivewrightControllerRestarting",
    "HivewrightJournalUnavailable",
    "HivewrightNoLeader",
    "HivewrightTelemetryDropping",
];

/// The release, and all that is named after it.
const RELEASE: &str = "hivewright-alerts";
/// Its container.
const CONTAINER: &str = "controller";
/// Time in which a series is scraped twice.
const SEEN: Duration = Duration::from_secs(6);
/// Time for one run of Helm: longer than it waits itself.
const HELM: Duration = Duration::from_mins(3);

/// Its faults, one after the other; their ends are waited for together.
pub(super) async fn story(alarm: &Alarm, ns: &Ns) -> Result<()> {
    let installed = Instant::now();
    helm(ns, &deaf_collector()).await?;
    let pod = controller(ns).await?;
    let at = [("namespace", ns.name.as_str()), ("pod", &pod)];
    let logs = [at[0], at[1], ("signal", "metrics")];
    alarm
        .fires("HivewrightTelemetryDropping", &logs, installed)
        .await?;
    no_lease(alarm, ns).await?;
    let filled = full_disk_and_crashes(alarm, ns, &pod).await?;
    ns.cluster.on_node(&["rm", &filled]).await?;
    let freed = Instant::now();
    alarm
        .ends("HivewrightJournalUnavailable", &at, freed)
        .await?;
    helm(ns, &json!({})).await?;
    let mended = Instant::now();
    let refused = [at[0], ("code", "403")];
    try_join!(
        alarm.ends("HivewrightTelemetryDropping", &logs, mended),
        alarm.ends("HivewrightControllerRestarting", &at, mended),
        alarm.ends("HivewrightControllerApiFailing", &refused, mended),
    )?;
    uninstall(ns).await
}

/// A collector that refuses what it is given: an address that takes no telemetry.
fn deaf_collector() -> Value {
    let deaf = format!(
        "http://{}.{}:{}/nowhere",
        prometheus::NAME,
        prometheus::NAMESPACE,
        prometheus::PORT
    );
    json!({
        "otlp": { "endpoint": deaf, "metrics": true },
        "env": { "OTEL_METRIC_EXPORT_INTERVAL": "1000" },
    })
}

/// The right to its lease is taken away: its requests are refused, and it no longer leads.
async fn no_lease(alarm: &Alarm, ns: &Ns) -> Result<()> {
    let bindings = ns.cluster.api::<RoleBinding>(&ns.name);
    let name = format!("{RELEASE}-lease");
    let mut taken = bindings.get(&name).await?;
    bindings.delete(&name, &DeleteParams::default()).await?;
    let fault = Instant::now();
    let (at, refused) = (
        [("namespace", ns.name.as_str())],
        [("namespace", ns.name.as_str()), ("code", "403")],
    );
    try_join!(
        alarm.fires("HivewrightControllerApiFailing", &refused, fault),
        alarm.fires("HivewrightNoLeader", &at, fault)
    )?;
    taken.metadata.resource_version = None;
    taken.metadata.uid = None;
    bindings
        .create(&kube::api::PostParams::default(), &taken)
        .await?;
    let mended = Instant::now();
    alarm.ends("HivewrightNoLeader", &at, mended).await
}

/// The disk of its journal is filled and its process killed twice. Gives the file that fills it.
async fn full_disk_and_crashes(alarm: &Alarm, ns: &Ns, pod: &str) -> Result<String> {
    let found = ns.cluster.api::<Pod>(&ns.name).get(pod).await?;
    let uid = found.metadata.uid.context("a pod without a uid")?;
    let file = format!("/var/lib/kubelet/pods/{uid}/volumes/kubernetes.io~empty-dir/journal/full");
    // It ends when there is no room left, which it takes for a failure.
    let until_full = format!("dd if=/dev/zero of={file} bs=4k 2>/dev/null || true");
    ns.cluster.on_node(&["sh", "-c", &until_full]).await?;
    let first = kill(ns, pod, CONTAINER).await?;
    sleep(SEEN).await;
    let second = kill(ns, pod, CONTAINER).await?;
    let at = [("namespace", ns.name.as_str()), ("pod", pod)];
    try_join!(
        alarm.fires("HivewrightJournalUnavailable", &at, first),
        alarm.fires("HivewrightControllerRestarting", &at, second)
    )?;
    Ok(file)
}

/// Installs or upgrades the release, with the images of the one that serves the others.
async fn helm(ns: &Ns, telemetry: &Value) -> Result<()> {
    let values = ns.cluster.cmd("helm");
    let values = values.args(["get", "values", charts::RELEASE, "-o", "json"]);
    let values = values.args(["--namespace", charts::NAMESPACE]);
    let theirs: Value = serde_json::from_str(&values.text().await?)?;
    let own = json!({
        "controller": theirs["controller"], "proxy": theirs["proxy"],
        "watchNamespaces": [ns.name], "reader": { "enabled": false },
        "journal": { "emptyDir": { "medium": "Memory", "sizeLimit": "1Mi" } },
        "telemetry": telemetry,
    });
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("values.json");
    std::fs::write(&file, own.to_string())?;
    let chart = ns.cluster.place().project.join("charts/hivewright");
    ns.cluster
        .cmd("helm")
        .args(["upgrade", "--install", RELEASE])
        .arg(&chart)
        .args(["--namespace", &ns.name, "--wait", "--timeout", "120s"])
        .arg("--values")
        .arg(&file)
        .bound(HELM)
        .text()
        .await?;
    Ok(())
}

async fn uninstall(ns: &Ns) -> Result<()> {
    let gone = ns.cluster.cmd("helm").args(["uninstall", RELEASE]);
    gone.args(["--namespace", &ns.name])
        .bound(HELM)
        .text()
        .await?;
    Ok(())
}

/// The pod of the controller.
async fn controller(ns: &Ns) -> Result<String> {
    let labels = format!("app.kubernetes.io/instance={RELEASE}");
    until("the controller's pod", RECOVERY, async || {
        let pods = pods(ns, &labels).await?;
        let ready = pods.into_iter().find(is_ready);
        Ok(match ready.and_then(|pod| pod.metadata.name) {
            Some(name) => Look::Done(name),
            None => Look::NotYet("none is ready".to_owned()),
        })
    })
    .await
}

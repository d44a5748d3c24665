//! The chart's NetworkPolicy for the controller: the scraper comes in, nobody else does.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_harness::{
    images::OWN,
    ns::Ns,
    prometheus::{self, JOB, Prometheus},
    wait::{Look, until},
};
use serde_json::json;

use super::SCRAPED;
use crate::support::{beside_others, pods};

/// A release beside the cluster's own, which watches its own namespace alone.
const RELEASE: &str = "scraped";

/// Installs it with the chart's NetworkPolicy, open to the namespace of Prometheus.
async fn install(ns: &Ns) -> Result<()> {
    let from = json!([{ "namespaceSelector": { "matchLabels": {
        "kubernetes.io/metadata.name": prometheus::NAMESPACE,
    } } }]);
    let tag = |binary: usize| -> Result<&str> {
        let image = ns.cluster.image(OWN[binary].image)?;
        Ok(image.rsplit_once(':').context("a tag")?.1)
    };
    ns.cluster
        .cmd("helm")
        .args(["install", RELEASE])
        .arg(ns.cluster.place().project.join("charts/hivewright"))
        .args(["--namespace", &ns.name, "--wait", "--timeout", "120s"])
        .args(["--set-json", &format!("watchNamespaces=[\"{}\"]", ns.name)])
        .args(["--set-json", &format!("networkPolicy.from={from}")])
        .args(["--set", "networkPolicy.enabled=true"])
        .args(["--set-string", &format!("controller.image.tag={}", tag(0)?)])
        .args(["--set-string", &format!("proxy.image.tag={}", tag(1)?)])
        .bound(std::time::Duration::from_mins(3))
        .text()
        .await?;
    Ok(())
}

async fn uninstall(ns: &Ns) -> Result<()> {
    let helm = ns.cluster.cmd("helm").args(["uninstall", RELEASE]);
    helm.args(["--namespace", &ns.name]).text().await?;
    Ok(())
}

async fn is_scraped_and_closed(ns: &Ns) -> Result<()> {
    let prometheus = Prometheus::connect(&ns.cluster).await?;
    let up = format!("up{{job=\"{JOB}\",namespace=\"{}\"}} == 1", ns.name);
    until("the controller behind its policy up", SCRAPED, async || {
        let up = prometheus.instant(&up).await?;
        Ok(if up.len() == 1 {
            Look::Done(())
        } else {
            Look::not_yet(prometheus.targets().await?.len())
        })
    })
    .await?;
    let labels = format!("app.kubernetes.io/instance={RELEASE}");
    let controller = pods(ns, &labels).await?.into_iter().next();
    let address = controller
        .and_then(|pod| pod.status?.pod_ip)
        .context("an address")?;
    let target = format!("{address}:{}", names::CONTROLLER_ADMIN_PORT);
    let came = ns.probe("stranger", &BTreeMap::new(), &[&target]).await?;
    ensure!(came == ["no-answer"], "a stranger at {target}: {came:?}");
    Ok(())
}

#[tokio::test]
async fn a_controller_that_is_closed_to_strangers_is_open_to_the_scraper() -> Result<()> {
    beside_others("scraper-only", async |ns| {
        install(&ns).await?;
        let outcome = is_scraped_and_closed(&ns).await;
        uninstall(&ns).await?;
        outcome
    })
    .await
}

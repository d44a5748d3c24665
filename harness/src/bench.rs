//! Figures of the whole road, measured inside the cluster.
//!
//! ```text
//!  load pod ──HTTP──> Service ──> proxy pod ──attach──> API server ──> kubelet ──> echo pod
//!     │ calls a second, p50, p99, errors    │ CPU seconds, resident memory (from /proc on the node)
//!     └────────────────────> Run ──────────────────────────────────────> table (Markdown)
//! ```
//!
//! All traffic stays between pods of our own cluster, for a bounded time, from at most 20
//! connections.

pub mod journal;
pub mod kills;
pub mod load;
pub mod page;
pub mod starts;
pub mod table;

use std::time::Duration;

use anyhow::{Context as _, Result};
use hivewright_api::names;
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use serde_json::json;

use crate::{
    forward::is_ready,
    mcp::raw::Raw,
    ns::{Ns, with_temp_ns},
    wait::{Look, SERVER_READY, until},
};

/// The image of the server that is called.
const ECHO_IMAGE: &str = "hivewright.test/echo";
/// Name of the MCPServer that is measured.
pub(crate) const SERVER: &str = "echo";
/// Port of its proxy.
pub(crate) const PORT: u16 = 8080;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Connections of each measurement.
    pub connections: Vec<u32>,
    /// Seconds of each, after two of warm-up.
    pub seconds: u32,
    /// How often each is repeated; the median is reported.
    pub runs: usize,
    /// How often the process is killed.
    pub kills: usize,
    /// How often each documented server is started; the median is reported.
    pub starts: usize,
}

/// What was measured.
#[derive(Clone, Debug)]
pub struct Figures {
    /// For each number of connections, the run with the median rate.
    pub runs: Vec<load::Run>,
    /// From each kill to the next good answer on the same session.
    pub kills: Vec<Duration>,
    /// What each documented server took to start.
    pub starts: Vec<starts::Start>,
}

/// Serves the echo server in a namespace of its own and measures it.
///
/// # Errors
/// No cluster, the server does not become ready, or a load pod failed.
pub async fn run(plan: &Plan) -> Result<Figures> {
    let starts = starts::run(plan.starts).await?;
    with_temp_ns("bench", async |ns| {
        serve(&ns).await?;
        let proxy = proxy_pod(&ns).await?;
        let mut runs = Vec::new();
        for connections in &plan.connections {
            runs.push(median(&ns, plan, &proxy, *connections).await?);
        }
        let kills = kill(&ns, plan.kills).await?;
        Ok(Figures {
            runs,
            kills,
            starts,
        })
    })
    .await
}

async fn median(ns: &Ns, plan: &Plan, proxy: &str, connections: u32) -> Result<load::Run> {
    let mut runs = Vec::new();
    for number in 0..plan.runs {
        let run = load::run(ns, proxy, connections, plan.seconds).await?;
        eprintln!(
            "{connections} connections, run {}: {}",
            number + 1,
            table::sentence(&run)
        );
        runs.push(run);
    }
    runs.sort_by(|a, b| {
        a.report
            .calls_per_second
            .total_cmp(&b.report.calls_per_second)
    });
    runs.into_iter()
        .nth(plan.runs / 2)
        .context("--runs must be at least 1")
}

async fn kill(ns: &Ns, kills: usize) -> Result<Vec<Duration>> {
    let service = names::proxy_service(SERVER);
    let client = ns.cluster.client.clone();
    let forward = crate::forward::Forward::service(client, &ns.name, &service, PORT).await?;
    let session = Raw::new(&forward.url(""))?.open("bench").await?;
    let mut times = Vec::new();
    for _ in 0..kills {
        times.push(kills::once(ns, &session).await?);
    }
    Ok(times)
}

async fn serve(ns: &Ns) -> Result<()> {
    ns.apply(&json!({
        "apiVersion": format!("{}/{}", names::GROUP, names::VERSION),
        "kind": names::KIND,
        "metadata": { "name": SERVER },
        "spec": { "image": ns.cluster.image(ECHO_IMAGE)?, "transport": "stdio", "port": PORT },
    }))
    .await?;
    until("the server Ready", SERVER_READY, async || {
        let path = ["-o", "jsonpath={.status.phase}"];
        let phase = ns
            .kubectl(&[&["get", "mcpserver", SERVER][..], &path].concat())
            .await?;
        Ok(if phase == "Ready" {
            Look::Done(())
        } else {
            Look::NotYet(phase)
        })
    })
    .await
}

async fn proxy_pod(ns: &Ns) -> Result<String> {
    let labels = format!(
        "{}={SERVER},{}={}",
        names::SERVER_LABEL,
        names::COMPONENT_LABEL,
        names::COMPONENT_PROXY
    );
    let pods = ns
        .cluster
        .api::<Pod>(&ns.name)
        .list(&ListParams::default().labels(&labels))
        .await?;
    let ready = pods
        .items
        .into_iter()
        .find(is_ready)
        .and_then(|pod| pod.metadata.name);
    ready.context("no proxy is ready")
}

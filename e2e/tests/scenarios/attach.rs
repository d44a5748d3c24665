//! The way to a process breaks, and the process does not: nobody notices, but for the time it takes.
//!
//! The proxy speaks with a process by an attach connection through the API server, so both tests
//! break that way: one cuts the connection, the other one kills the API server.

mod traffic;

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_harness::{
    access::Cluster,
    bench::load,
    forward::is_ready,
    mcp::{messages::Messages, streamable::Session},
    ns::Ns,
    scrape::Scrape,
    wait::{Look, POLL, RECOVERY, until},
};
use k8s_openapi::api::core::v1::{Pod, Service};
use kube::api::ListParams;
use serde_json::json;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use self::traffic::{Tally, flow};
use crate::{
    operator::{controller_metrics, proxy_metrics},
    support::{Echo, PORT, alone, beside_others, echo, pods, proxy_labels},
};

/// How often the connection is cut.
const CUTS: u32 = 5;
/// Calls flow for so long before each cut: time for slow calls to be under way, and for some of the
/// lines before it to be proven by a ping and others not.
const FLOWS: Duration = Duration::from_millis(2500);
/// Longest that a call may take: a break is mended within 90 s, and calls that are still in doubt
/// 30 s later fail.
const PATIENCE: Duration = Duration::from_mins(3);
/// Connections that call while the API server is away, and for how many seconds.
const CALLERS: u32 = 8;
const CALLING: u32 = 75;
/// An API server that was killed is there again: its start, and the kubelet's back-off before it.
const BACK: Duration = Duration::from_mins(3);
/// Where Kubernetes' own pods live.
const SYSTEM: &str = "kube-system";
/// The container of the API server, and the beginning of its pod's name.
const API_SERVER: &str = "kube-apiserver";

const RECOVERIES: &str = "hivewright_backend_attach_recoveries_total";
const BREAK_SECONDS: &str = "hivewright_backend_attach_break_seconds_sum";
const LINES: &str = "hivewright_backend_attach_recovered_lines_total";
const LOST_CALLS: &str = "hivewright_proxy_lost_calls_total";
const OPERATIONS: &str = "mcp_server_operation_duration_seconds_count";

/// What must not change: the start of the process, and its container.
async fn process(echo: &Echo, session: &Session) -> Result<(String, String)> {
    let start = session.text(1, "whoami", json!({})).await?;
    let pod = echo.pod();
    let container = echo.ns.container_id(&pod, names::MCP_CONTAINER).await?;
    Ok((start, container))
}

async fn same_process(echo: &Echo, session: &Session, before: &(String, String)) -> Result<()> {
    let now = until("an answer afterwards", RECOVERY, async || {
        Ok(Look::Done(process(echo, session).await?))
    })
    .await?;
    ensure!(now == *before, "{before:?} was replaced by {now:?}");
    Ok(())
}

fn recovered(scrape: &Scrape) -> f64 {
    scrape.sum(RECOVERIES, &[("outcome", "recovered")])
}

/// Waits until one more break is mended than before, and says how long it took.
async fn mended(echo: &Echo, before: &Scrape, what: &str) -> Result<Scrape> {
    let after = until("a mended connection", RECOVERY, async || {
        let scrape = proxy_metrics(&echo.ns, &echo.name).await?;
        Ok(if recovered(&scrape) > recovered(before) {
            Look::Done(scrape)
        } else {
            Look::not_yet(recovered(&scrape))
        })
    })
    .await?;
    let seconds = after.sum(BREAK_SECONDS, &[]) - before.sum(BREAK_SECONDS, &[]);
    println!("{what}: spoken with again after {seconds:.3} s");
    Ok(after)
}

/// Every break was mended, no process was taken for lost, and no call failed but those in doubt.
fn nothing_was_lost(scrape: &Scrape, in_doubt: u32) -> Result<()> {
    let others = scrape.sum(RECOVERIES, &[]) - recovered(scrape);
    ensure!(others < 1.0, "{others} breaks were not mended");
    let lost = scrape.sum(LOST_CALLS, &[]);
    ensure!(lost < 1.0, "{lost} calls were lost with their process");
    let failed = scrape.sum(OPERATIONS, &[("error_type", "lost")]);
    ensure!(
        (failed - f64::from(in_doubt)).abs() < 1.0,
        "{failed} calls failed and {in_doubt} were said to be in doubt"
    );
    Ok(())
}

/// IP:PORT at which pods reach the API server.
pub(crate) async fn api_server(cluster: &Cluster) -> Result<String> {
    let service = cluster.api::<Service>("default").get("kubernetes").await?;
    let spec = service.spec.context("a Service without a spec")?;
    let port = spec.ports.and_then(|ports| Some(ports.first()?.port));
    let ip = spec.cluster_ip.context("a Service without an address")?;
    Ok(format!(
        "{ip}:{}",
        port.context("a Service without a port")?
    ))
}

/// Cuts what the proxy has to the API server again and again while calls flow.
async fn cuts(echo: &Echo) -> Result<()> {
    let proxy = pods(&echo.ns, &proxy_labels(&echo.name)).await?;
    let proxy = proxy.into_iter().find_map(|pod| pod.metadata.name);
    let proxy = proxy.context("there is no proxy")?;
    let api_server = api_server(&echo.ns.cluster).await?;
    let mut before = proxy_metrics(&echo.ns, &echo.name).await?;
    for number in 1..=CUTS {
        sleep(FLOWS).await;
        let cut = echo.ns.cut(&proxy, names::PROXY_CONTAINER, &api_server);
        let what = format!("cut {number} of {} connections", cut.await?);
        before = mended(echo, &before, &what).await?;
    }
    sleep(FLOWS).await;
    Ok(())
}

/// Nothing came on the stream of what belongs to no call: there was nothing of the kind.
async fn nothing_stray(stream: &mut Messages) -> Result<()> {
    match timeout(POLL, stream.next()).await {
        Err(_nothing) => Ok(()),
        Ok(other) => anyhow::bail!("a stray message: {other:?}"),
    }
}

async fn cut_while_calls_flow(echo: &Echo) -> Result<(Session, Tally)> {
    let session = echo.raw.clone().waiting(PATIENCE).open("through").await?;
    let mut stray = session.listen().await?;
    let (say_stop, stop) = watch::channel(false);
    let cutting = async {
        cuts(echo).await?;
        say_stop.send_replace(true);
        Ok(())
    };
    let (tally, ()) = tokio::try_join!(flow(&session, &stop), cutting)?;
    nothing_stray(&mut stray).await?;
    Ok((session, tally))
}

#[tokio::test]
async fn an_attach_connection_that_breaks_loses_nothing() -> Result<()> {
    beside_others("attach-cut", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        let before = process(&echo, &echo.raw.open("before").await?).await?;
        let (session, tally) = cut_while_calls_flow(&echo).await?;
        same_process(&echo, &session, &before).await?;
        let scrape = proxy_metrics(&ns, &echo.name).await?;
        println!("{tally:?}, {} lines from the log", scrape.sum(LINES, &[]));
        nothing_was_lost(&scrape, tally.in_doubt)
    })
    .await
}

/// The namespace of Kubernetes' own pods.
fn system(cluster: &Cluster) -> Ns {
    Ns {
        cluster: cluster.clone(),
        name: SYSTEM.to_owned(),
    }
}

/// Another container of the API server than `before` runs, all that depends on it is ready again,
/// and the controller leads.
async fn healthy(cluster: &Cluster, api_server: &str, before: &str) -> Result<()> {
    let system = system(cluster);
    let pods = cluster.api::<Pod>(SYSTEM);
    until("Kubernetes as it was", BACK, async || {
        let now = system.container_id(api_server, API_SERVER).await?;
        let all = pods.list(&ListParams::default()).await?;
        let unready = all.items.iter().filter(|pod| !is_ready(pod));
        let unready: Vec<_> = unready.map(|pod| &pod.metadata.name).collect();
        Ok(if now != before && unready.is_empty() {
            Look::Done(())
        } else {
            Look::not_yet((now, unready))
        })
    })
    .await?;
    until("a controller that leads", RECOVERY, async || {
        Ok(Look::Done(controller_metrics(cluster).await?))
    })
    .await?;
    Ok(())
}

/// Kills the API server's process when the load flows, and waits until the cluster is well again.
async fn restart_api_server(ns: &Ns) -> Result<()> {
    let load = ns.cluster.api::<Pod>(&ns.name);
    until("the load", RECOVERY, async || {
        let phase = load.get(load::POD).await?.status.and_then(|s| s.phase);
        Ok(if phase.as_deref() == Some("Running") {
            Look::Done(())
        } else {
            Look::not_yet(phase)
        })
    })
    .await?;
    sleep(2 * FLOWS).await;
    let system = system(&ns.cluster);
    let pod = format!("{API_SERVER}-{}", ns.cluster.place().node());
    let before = system.container_id(&pod, API_SERVER).await?;
    let killed = system.kill(&pod, API_SERVER).await?;
    healthy(&ns.cluster, &pod, &before).await?;
    println!("the cluster is well again after {:.0?}", killed.elapsed());
    Ok(())
}

/// Calls from inside the cluster while the API server is away; gives the number of calls in doubt.
async fn called_meanwhile(ns: &Ns, server: &str) -> Result<u32> {
    let target = format!("{}:{PORT}", names::proxy_host(server, &ns.name));
    let calling = load::report(ns, &target, CALLERS, CALLING);
    // Both to their end: whatever became of the calls, the cluster is left in good health.
    let (report, restarted) = tokio::join!(calling, restart_api_server(ns));
    restarted?;
    let report = report?;
    println!("{report:?}");
    ensure!(report.calls > 0, "no call was answered");
    let first = report.first_error.unwrap_or_default();
    ensure!(
        first.is_empty() || first.contains("delivery_unknown"),
        "a call failed: {first}"
    );
    Ok(u32::try_from(report.errors)?)
}

#[tokio::test]
async fn an_api_server_that_dies_under_load_fails_no_call() -> Result<()> {
    alone("api-server", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        let session = echo.raw.open("through").await?;
        let before = process(&echo, &session).await?;
        let metrics = proxy_metrics(&ns, &echo.name).await?;
        let in_doubt = called_meanwhile(&ns, &echo.name).await?;
        let scrape = mended(&echo, &metrics, "the API server died").await?;
        same_process(&echo, &session, &before).await?;
        println!(
            "{in_doubt} in doubt, {} lines from the log",
            scrape.sum(LINES, &[])
        );
        nothing_was_lost(&scrape, in_doubt)
    })
    .await
}

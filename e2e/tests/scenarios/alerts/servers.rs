//! Faults of servers and their proxies, each on a server of its own.

use std::time::Duration;

use anyhow::{Context as _, Result};
use hivewright_api::names;
use hivewright_harness::{
    forward::is_ready,
    ns::Ns,
    wait::{Look, RECOVERY, until},
};
use k8s_openapi::api::{
    core::v1::{Pod, ServiceAccount},
    networking::v1::NetworkPolicy,
};
use kube::api::DeleteParams;
use serde_json::json;
use tokio::{
    time::{Instant, sleep},
    try_join,
};

use super::{alarm::Alarm, traffic};
use crate::{
    attach::api_server,
    support::{Echo, echo, pods, proxy_labels, ready},
};

/// What is made to fire here.
pub(super) const ALERTS: [&str; 12] = [
    "MCPServerAttachFlapping",
    "MCPServerAvailabilityBurnFast",
    "MCPServerAvailabilityBurnSlow",
    "MCPServerCrashLooping",
    "MCPServerHandshakeFailing",
    "MCPServerLatencyBurnFast",
    "MCPServerLatencyBurnSlow",
    "MCPServerNotReady",
    "MCPServerPolicyNotEnforced",
    "MCPServerProxyApiFailing",
    "MCPServerProxyNotScraped",
    "MCPServerProxyRestarting",
];

/// Time in which a series is scraped twice.
const SEEN: Duration = Duration::from_secs(6);
/// Breaks of the attach connection that are taken for flapping, and one more.
const CUTS: u32 = 4;
/// Longest that a client waits for its answer.
const PATIENCE: Duration = Duration::from_secs(90);

/// Both labels of alerts about this server.
fn labels<'a>(ns: &'a Ns, server: &'a str) -> [(&'a str, &'a str); 2] {
    [("namespace", &ns.name), ("mcpserver", server)]
}

/// A server with these arguments makes the alerts fire, and one without makes them end.
async fn with_arguments(
    alarm: &Alarm,
    ns: &Ns,
    (server, args): (&str, &[&str]),
    alerts: [&str; 2],
) -> Result<()> {
    let of = labels(ns, server);
    let fault = Instant::now();
    ns.apply(&echo(ns, server, args)?).await?;
    let [one, other] = alerts;
    try_join!(alarm.fires(one, &of, fault), alarm.fires(other, &of, fault))?;
    ns.apply(&echo(ns, server, &[])?).await?;
    ready(ns, server).await?;
    let mended = Instant::now();
    try_join!(alarm.ends(one, &of, mended), alarm.ends(other, &of, mended))?;
    Ok(())
}

pub(super) async fn speaks_no_mcp(alarm: &Alarm, ns: &Ns) -> Result<()> {
    let alerts = ["MCPServerHandshakeFailing", "MCPServerNotReady"];
    with_arguments(alarm, ns, ("mute", &["--not-mcp"]), alerts).await
}

pub(super) async fn ends_at_once(alarm: &Alarm, ns: &Ns) -> Result<()> {
    let alerts = ["MCPServerCrashLooping", "MCPServerNotReady"];
    with_arguments(alarm, ns, ("crash", &["--exit-at-once", "7"]), alerts).await
}

/// First too slow, then not at all; then so many good calls that neither matters.
pub(super) async fn fails_its_clients(alarm: &Alarm, ns: &Ns) -> Result<()> {
    let server = Echo::serve(ns, &echo(ns, "busy", &[])?).await?;
    let of = labels(ns, "busy");
    let session = server.raw.clone().waiting(PATIENCE).open("busy").await?;
    // A first call of the tool: what its series begins with is no increase.
    session
        .text(1, "slow", json!({ "ms": 0, "text": "x" }))
        .await?;
    sleep(SEEN).await;
    traffic::too_slow(&session).await?;
    let late = Instant::now();
    try_join!(
        alarm.fires("MCPServerLatencyBurnFast", &of, late),
        alarm.fires("MCPServerLatencyBurnSlow", &of, late)
    )?;
    traffic::lost(&session).await?;
    let lost = Instant::now();
    try_join!(
        alarm.fires("MCPServerAvailabilityBurnFast", &of, lost),
        alarm.fires("MCPServerAvailabilityBurnSlow", &of, lost)
    )?;
    traffic::good(&session).await?;
    let mended = Instant::now();
    try_join!(
        alarm.ends("MCPServerLatencyBurnFast", &of, mended),
        alarm.ends("MCPServerLatencyBurnSlow", &of, mended),
        alarm.ends("MCPServerAvailabilityBurnFast", &of, mended),
        alarm.ends("MCPServerAvailabilityBurnSlow", &of, mended)
    )?;
    Ok(())
}

/// The way to the process breaks again and again; then the proxy's token is no longer taken.
pub(super) async fn loses_its_way(alarm: &Alarm, ns: &Ns) -> Result<()> {
    Echo::serve(ns, &echo(ns, "far", &[])?).await?;
    let of = labels(ns, "far");
    for _ in 0..CUTS {
        sleep(SEEN / 3).await;
        cut(ns, "far").await?;
    }
    let cuts = Instant::now();
    alarm.fires("MCPServerAttachFlapping", &of, cuts).await?;

    // The one that is made in its place has another uid, for which the token was not made out.
    let accounts = ns.cluster.api::<ServiceAccount>(&ns.name);
    let account = names::proxy("far");
    accounts.delete(&account, &DeleteParams::default()).await?;
    let refused = Instant::now();
    let refusals = [of[0], of[1], ("code", "401")];
    tokio::select! {
        fires = alarm.fires("MCPServerProxyApiFailing", &refusals, refused) => fires?,
        never = cut_again_and_again(ns, "far") => match never {},
    }
    replace_proxy(ns, "far").await?;
    let mended = Instant::now();
    try_join!(
        alarm.ends("MCPServerProxyApiFailing", &refusals, mended),
        alarm.ends("MCPServerAttachFlapping", &of, mended)
    )?;
    Ok(())
}

/// Cuts what the proxy has to the API server.
async fn cut(ns: &Ns, server: &str) -> Result<()> {
    let (pod, api_server) = (proxy(ns, server).await?, api_server(&ns.cluster).await?);
    until("a connection to cut", RECOVERY, async || {
        let cut = ns.cut(&pod, names::PROXY_CONTAINER, &api_server).await?;
        Ok(Look::Done(cut))
    })
    .await
    .map(drop)
}

/// A connection that is open stays open, whatever becomes of the token by which it was opened.
async fn cut_again_and_again(ns: &Ns, server: &str) -> std::convert::Infallible {
    loop {
        sleep(SEEN / 3).await;
        // There is none while each attempt is refused.
        let _none = cut(ns, server).await;
    }
}

async fn proxy(ns: &Ns, server: &str) -> Result<String> {
    let pods = pods(ns, &proxy_labels(server)).await?;
    let name = pods.into_iter().find_map(|pod| pod.metadata.name);
    name.context("there is no proxy")
}

async fn replace_proxy(ns: &Ns, server: &str) -> Result<()> {
    let name = proxy(ns, server).await?;
    let api = ns.cluster.api::<Pod>(&ns.name);
    api.delete(&name, &DeleteParams::default().grace_period(1))
        .await?;
    until("another proxy", RECOVERY, async || {
        let now = pods(ns, &proxy_labels(server)).await?;
        let ready = now.iter().find(|pod| is_ready(pod));
        Ok(match ready.and_then(|pod| pod.metadata.name.clone()) {
            Some(other) if other != name => Look::Done(()),
            other => Look::not_yet(other),
        })
    })
    .await
}

/// A policy of others adds to ours, and opens what ours keeps shut.
pub(super) async fn is_not_confined(alarm: &Alarm, ns: &Ns) -> Result<()> {
    let labels_of_proxy = json!({
        names::SERVER_LABEL: "open",
        names::COMPONENT_LABEL: names::COMPONENT_PROXY,
    });
    ns.apply(&json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": { "name": "hole" },
        "spec": {
            "podSelector": { "matchLabels": labels_of_proxy },
            "policyTypes": ["Ingress"],
            "ingress": [{ "ports": [{ "port": names::PROXY_CANARY_PORT }] }],
        },
    }))
    .await?;
    ns.apply(&echo(ns, "open", &[])?).await?;
    ready(ns, "open").await?;
    let of = labels(ns, "open");
    let fault = Instant::now();
    alarm
        .fires("MCPServerPolicyNotEnforced", &of, fault)
        .await?;
    let policies = ns.cluster.api::<NetworkPolicy>(&ns.name);
    policies.delete("hole", &DeleteParams::default()).await?;
    // Tried again after five minutes, or at once with a new proxy.
    replace_proxy(ns, "open").await?;
    let mended = Instant::now();
    alarm.ends("MCPServerPolicyNotEnforced", &of, mended).await
}

/// Its proxy is killed twice, and then hangs.
pub(super) async fn has_a_sick_proxy(alarm: &Alarm, ns: &Ns) -> Result<()> {
    Echo::serve(ns, &echo(ns, "sick", &[])?).await?;
    let of = labels(ns, "sick");
    let pod = proxy(ns, "sick").await?;
    let mut killed = Instant::now();
    for _ in 0..2 {
        sleep(SEEN).await;
        killed = kill(ns, &pod, names::PROXY_CONTAINER).await?;
    }
    alarm.fires("MCPServerProxyRestarting", &of, killed).await?;

    let pid = ns.pid(&pod, names::PROXY_CONTAINER).await?;
    ns.cluster.on_node(&["kill", "-STOP", &pid]).await?;
    let stopped = Instant::now();
    let fires = alarm.fires("MCPServerProxyNotScraped", &of, stopped).await;
    // Whatever came of it: a process that is stopped holds up the end of its pod.
    ns.cluster.on_node(&["kill", "-CONT", &pid]).await?;
    fires?;
    let mended = Instant::now();
    try_join!(
        alarm.ends("MCPServerProxyNotScraped", &of, mended),
        alarm.ends("MCPServerProxyRestarting", &of, mended)
    )?;
    Ok(())
}

/// Kills a container's process and waits for its successor to be ready.
pub(super) async fn kill(ns: &Ns, pod: &str, container: &str) -> Result<Instant> {
    let before = ns.container_id(pod, container).await?;
    let killed = ns.kill(pod, container).await?;
    until("another container", RECOVERY, async || {
        let now = ns.container_id(pod, container).await?;
        let seen = ns.cluster.api::<Pod>(&ns.name).get(pod).await?;
        Ok(if now != before && is_ready(&seen) {
            Look::Done(())
        } else {
            Look::not_yet(now)
        })
    })
    .await?;
    Ok(killed)
}

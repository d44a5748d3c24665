//! A profile with `allow_host`: the egress gateway lets through what the profile names, and packets
//! show that there is no other way out. Each "blocked" has its "open" beside it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_e2e::world;
use hivewright_harness::{
    mcp::streamable::Session,
    ns::Ns,
    wait::{Look, TRUTH, until},
};
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use crate::{
    operator::proxy_metrics,
    policy::{cluster_dns, connect, expect, pod_address},
    support::{self, Echo, PORT, beside_others, echo, pods, proxy_labels},
};

/// The ConfigMap of the profile, and its key.
const PROFILE: &str = "few-hosts";
const KEY: &str = "profile.json";
/// Where clouds serve instance credentials.
const METADATA: &str = "169.254.169.254";
/// A host that is in no profile, and that nobody has.
const FOREIGN: &str = "evil.example";
/// Port of DNS.
const DNS: u16 = 53;

/// A profile that allows these hosts at the world's port.
fn profile(hosts: &[&str]) -> Value {
    let outbound = json!({ "allow_host": hosts, "allow_port": [world::PORT] });
    let document = json!({ "network": { "outbound": outbound } });
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": { "name": PROFILE },
        "data": { KEY: document.to_string() },
    })
}

/// An echo server under the profile.
async fn prisoner(ns: &Ns, hosts: &[&str]) -> Result<Echo> {
    ns.apply(&profile(hosts)).await?;
    let mut manifest = echo(ns, "prisoner", &[])?;
    manifest["spec"]["permissionProfile"] =
        json!({ "type": "configmap", "name": PROFILE, "key": KEY });
    Echo::serve(ns, &manifest).await
}

fn world_name(ns: &Ns) -> String {
    format!("world.{}.svc.cluster.local", ns.name)
}

/// What the proxy of the server's environment says to a URL or HOST:PORT.
async fn through(session: &Session, target: &str) -> Result<String> {
    session.text(1, "through", json!({ "name": target })).await
}

async fn expect_through(session: &Session, target: &str, status: &str, part: &str) -> Result<()> {
    let said = through(session, target).await?;
    ensure!(
        said.starts_with(status) && said.contains(part),
        "{target} through the gateway: {said:?}, not {status} with {part:?}"
    );
    Ok(())
}

/// What the server says of a DNS query over UDP.
async fn expect_query(session: &Session, host: &str, word: &str) -> Result<()> {
    let arguments = json!({ "host": host, "port": DNS });
    let came = session.text(1, "query", arguments).await?;
    ensure!(
        came == word,
        "the server's query to {host}: {came}, not {word}"
    );
    Ok(())
}

/// Whole URLs and tunnels to the world, by HTTP_PROXY and HTTPS_PROXY.
async fn the_named_host_is_reached(session: &Session, host: &str) -> Result<()> {
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
        let proxy = session.text(1, "env", json!({ "name": name })).await?;
        let port = format!(":{}", names::PROXY_EGRESS_PORT);
        ensure!(proxy.ends_with(&port), "{name} is {proxy:?}");
    }
    let port = world::PORT;
    let url = format!("http://{host}:{port}/");
    expect_through(session, &url, "200", world::SENTENCE).await?;
    expect_through(session, &format!("{host}:{port}"), "200", world::SENTENCE).await
}

/// Each with the sentence that names the rule to add, if there is one.
async fn the_gateway_refuses_the_rest(session: &Session, host: &str, world: &str) -> Result<()> {
    let port = world::PORT;
    let rule = format!("add \"{FOREIGN}\" to its network.outbound.allow_host");
    expect_through(session, &format!("{FOREIGN}:{port}"), "403", &rule).await?;
    expect_through(session, &format!("http://{FOREIGN}:{port}/"), "403", &rule).await?;
    let rule = "add 22 to its network.outbound.allow_port";
    expect_through(session, &format!("{host}:22"), "403", rule).await?;
    let rule = format!("add \"{world}\" to its network.outbound.allow_host");
    expect_through(session, &format!("{world}:{port}"), "403", &rule).await?;
    // In the list, and closed nevertheless.
    let metadata = format!("{METADATA}:{port}");
    expect_through(session, &metadata, "403", "no permission profile opens").await?;
    // The same address in a spelling that no list holds.
    expect_through(
        session,
        &format!("0xa9fea9fe:{port}"),
        "400",
        "four decimal",
    )
    .await
}

/// Straight packets: to the host that is allowed through the gateway, and to the DNS by both
/// protocols, at the address that all pods use and at one of a DNS server itself.
async fn there_is_no_way_round(ns: &Ns, session: &Session, world: &str) -> Result<()> {
    expect(session, world, world::PORT, "no-answer").await?;
    // The dot at its end makes the name whole: no search domain is tried, each with its own wait.
    let name = format!("{}.", world_name(ns));
    expect(session, &name, world::PORT, "no-address").await?;
    for dns in [cluster_dns(ns).await?, dns_server(ns).await?] {
        expect(session, &dns, DNS, "no-answer").await?;
        expect_query(session, &dns, "no-answer").await?;
    }
    Ok(())
}

/// What is closed to the prisoner is open to a server with another profile.
async fn the_ways_round_are_there(ns: &Ns, world: &str) -> Result<()> {
    let free = Echo::serve(ns, &echo(ns, "free", &[])?).await?;
    let session = free.raw.open("control").await?;
    expect(&session, world, world::PORT, "open").await?;
    for dns in [cluster_dns(ns).await?, dns_server(ns).await?] {
        expect(&session, &dns, DNS, "open").await?;
        expect_query(&session, &dns, "open").await?;
    }
    Ok(())
}

/// The address of a pod that serves the cluster's DNS.
async fn dns_server(ns: &Ns) -> Result<String> {
    let params = kube::api::ListParams::default().labels("k8s-app=kube-dns");
    let servers = ns.cluster.api::<Pod>("kube-system").list(&params).await?;
    let address = |pod: Pod| pod.status?.pod_ip;
    let mut addresses = servers.items.into_iter().filter_map(address);
    addresses.next().context("the cluster has no DNS server")
}

/// Denials are counted by the proxy, and told by an event of the MCPServer.
async fn denials_are_told(ns: &Ns, server: &str) -> Result<()> {
    let metrics = proxy_metrics(ns, server).await?;
    for outcome in [
        "allowed",
        "host_denied",
        "port_denied",
        "address_denied",
        "bad_request",
    ] {
        let count = metrics.sum("hivewright_egress_requests_total", &[("outcome", outcome)]);
        ensure!(count >= 1.0, "{count} requests were {outcome}");
    }
    let about = format!(
        "reason={},involvedObject.kind={},involvedObject.name={server}",
        names::EGRESS_DENIED,
        names::KIND
    );
    until("the event of the denials", TRUTH, async || {
        let events = ns
            .kubectl(&["get", "events", "--field-selector", &about, "-o", "json"])
            .await?;
        let events: Value = serde_json::from_str(&events)?;
        let told = events["items"][0]["message"].as_str().unwrap_or_default();
        let warned = events["items"][0]["type"] == "Warning";
        let named = told.contains("network.outbound") || told.contains(METADATA);
        Ok(if warned && named {
            Look::Done(())
        } else {
            Look::NotYet(events.to_string())
        })
    })
    .await
}

#[tokio::test]
async fn a_server_reaches_the_hosts_of_its_profile_and_nothing_else() -> Result<()> {
    beside_others("gateway", async |ns| {
        let world = support::world(&ns, &[]).await?;
        let host = world_name(&ns);
        let echo = prisoner(&ns, &[&host, METADATA]).await?;
        let session = echo.raw.open("prisoner").await?;
        the_named_host_is_reached(&session, &host).await?;
        the_gateway_refuses_the_rest(&session, &host, &world).await?;
        there_is_no_way_round(&ns, &session, &world).await?;
        the_ways_round_are_there(&ns, &world).await?;
        denials_are_told(&ns, &echo.name).await
    })
    .await
}

/// The gateway is for the server's own pods, the canary port for nobody; the doors beside them are
/// open, so that a broken network cannot pass for an enforced rule.
#[tokio::test]
async fn no_other_pod_reaches_the_gateway() -> Result<()> {
    beside_others("gateway-closed", async |ns| {
        let host = world_name(&ns);
        let echo = prisoner(&ns, &[&host]).await?;
        let proxy = pods(&ns, &proxy_labels(&echo.name)).await?;
        let proxy = proxy.into_iter().next().and_then(|pod| pod.metadata.name);
        let address = pod_address(&ns, &proxy.context("a proxy")?).await?;
        let service = names::proxy_host(&echo.name, &ns.name);
        let at = |host: &str, port: u16| format!("{host}:{port}");
        let closed = [
            at(&service, names::PROXY_EGRESS_PORT),
            at(&address, names::PROXY_EGRESS_PORT),
            at(&address, names::PROXY_CANARY_PORT),
        ];
        let open = [at(&service, PORT), at(&address, PORT)];
        let targets: Vec<&str> = closed.iter().chain(&open).map(String::as_str).collect();
        let came = ns.probe("stranger", &BTreeMap::new(), &targets).await?;
        let expected = ["no-answer", "no-answer", "no-answer", "open", "open"];
        ensure!(came == expected, "a stranger to {targets:?}: {came:?}");
        // The gateway is there: the server itself is answered.
        let session = echo.raw.open("prisoner").await?;
        let target = format!("{FOREIGN}:{}", world::PORT);
        expect_through(&session, &target, "403", "allow_host").await?;
        // And it is no way to the canary either.
        let came = connect(&session, &address, names::PROXY_CANARY_PORT).await?;
        ensure!(came == "no-answer", "the server to the canary: {came}");
        Ok(())
    })
    .await
}

/// Waits until the gateway answers so.
async fn becomes(session: &Session, target: &str, status: &str) -> Result<()> {
    until(&format!("{status} for {target}"), TRUTH, async || {
        let said = through(session, target).await?;
        Ok(if said.starts_with(status) {
            Look::Done(())
        } else {
            Look::NotYet(said)
        })
    })
    .await
}

/// Names and ids of the server's pod and its proxy's.
async fn identities(ns: &Ns, server: &str) -> Result<Vec<(Option<String>, Option<String>)>> {
    let label = format!("{}={server}", names::SERVER_LABEL);
    let pods = pods(ns, &label).await?.into_iter();
    let mut found: Vec<_> = pods
        .map(|pod| (pod.metadata.name, pod.metadata.uid))
        .collect();
    found.sort();
    Ok(found)
}

#[tokio::test]
async fn a_changed_profile_takes_effect_without_a_restart() -> Result<()> {
    beside_others("gateway-live", async |ns| {
        support::world(&ns, &[]).await?;
        let host = world_name(&ns);
        let target = format!("{host}:{}", world::PORT);
        let echo = prisoner(&ns, &[FOREIGN]).await?;
        let session = echo.raw.open("prisoner").await?;
        let start = session.text(1, "whoami", json!({})).await?;
        let before = identities(&ns, &echo.name).await?;
        expect_through(&session, &target, "403", "allow_host").await?;
        ns.apply(&profile(&[FOREIGN, &host])).await?;
        becomes(&session, &target, "200").await?;
        ns.apply(&profile(&[FOREIGN])).await?;
        becomes(&session, &target, "403").await?;
        let after = identities(&ns, &echo.name).await?;
        ensure!(before == after, "pods were {before:?} and are {after:?}");
        let now = session.text(1, "whoami", json!({})).await?;
        ensure!(start == now, "the server's process was started anew");
        Ok(())
    })
    .await
}

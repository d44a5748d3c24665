//! Permission profiles, shown by packets. Each "blocked" has its "open" beside it, so that a broken
//! network cannot pass for an enforced rule.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_e2e::{echo::GREETING, world};
use hivewright_harness::{
    forward::Forward,
    mcp::streamable::Session,
    ns::Ns,
    wait::{ANSWER, Look, TRUTH, until},
};
use k8s_openapi::api::core::v1::{Pod, Service};
use serde_json::json;
use tokio::{io::AsyncReadExt as _, net::TcpStream};

use crate::support::{self, Echo, PORT, beside_others, echo, pods, proxy_labels};

/// A TCP port that the echo server opens, although it speaks MCP over stdio.
const SIDE_PORT: u16 = 9000;
/// Where clouds serve instance credentials.
const METADATA: &str = "169.254.169.254";
/// The port there; the world listens on it in this cluster.
const METADATA_PORT: u16 = world::PORT;
/// Label that a Deployment puts on its pods; a probe with it would be adopted.
const TEMPLATE_HASH: &str = "pod-template-hash";

/// What the server says of a connection to `host`.
pub(crate) async fn connect(session: &Session, host: &str, port: u16) -> Result<String> {
    session
        .text(1, "connect", json!({ "host": host, "port": port }))
        .await
}

pub(crate) async fn expect(session: &Session, host: &str, port: u16, word: &str) -> Result<()> {
    let came = connect(session, host, port).await?;
    ensure!(
        came == word,
        "the server's connection to {host}:{port}: {came}, not {word}"
    );
    Ok(())
}

pub(crate) async fn pod_address(ns: &Ns, name: &str) -> Result<String> {
    let pod = ns.cluster.api::<Pod>(&ns.name).get(name).await?;
    pod.status
        .and_then(|status| status.pod_ip)
        .context("the pod has no address")
}

pub(crate) async fn cluster_dns(ns: &Ns) -> Result<String> {
    let service = ns
        .cluster
        .api::<Service>("kube-system")
        .get("kube-dns")
        .await?;
    service
        .spec
        .and_then(|spec| spec.cluster_ip)
        .context("the cluster has no DNS")
}

fn none(ns: &Ns) -> Result<serde_json::Value> {
    let mut manifest = echo(ns, "echo", &["--listen", &SIDE_PORT.to_string()])?;
    manifest["spec"]["permissionProfile"]["name"] = json!("none");
    Ok(manifest)
}

/// The proxy's own labels: what the server's NetworkPolicy lets in.
async fn labels_of_the_proxy(ns: &Ns, server: &str) -> Result<BTreeMap<String, String>> {
    let proxy = pods(ns, &proxy_labels(server))
        .await?
        .into_iter()
        .next()
        .context("a proxy")?;
    let mut labels = proxy.metadata.labels.unwrap_or_default();
    labels.remove(TEMPLATE_HASH);
    Ok(labels)
}

#[tokio::test]
async fn profile_none_lets_nothing_out() -> Result<()> {
    beside_others("egress", async |ns| {
        let world = support::world(&ns, &[]).await?;
        let echo = Echo::serve(&ns, &none(&ns)?).await?;
        let session = echo.raw.open("prisoner").await?;
        expect(&session, &world, world::PORT, "no-answer").await?;
        expect(&session, &cluster_dns(&ns).await?, 53, "no-answer").await?;
        // The dot at its end makes the name whole: no search domain is tried, each with its own wait.
        let name = format!("world.{}.svc.cluster.local.", ns.name);
        expect(&session, &name, world::PORT, "no-address").await?;
        let target = format!("{world}:{}", world::PORT);
        let control = ns.probe("control", &BTreeMap::new(), &[&target]).await?;
        ensure!(
            control == ["open"],
            "the world cannot be reached by anybody: {control:?}"
        );
        Ok(())
    })
    .await
}

/// What the server's side port says to a connection that begins inside its own pod, where no policy
/// stands in the way.
async fn from_inside(ns: &Ns, pod: &str) -> Result<String> {
    let forward = Forward::pod(ns.cluster.client.clone(), &ns.name, pod, SIDE_PORT).await?;
    let mut stream = TcpStream::connect(forward.address).await?;
    let mut said = String::new();
    tokio::time::timeout(ANSWER, stream.read_to_string(&mut said)).await??;
    Ok(said)
}

/// The proxy of a stdio server comes through the API server, so no packet has any business there:
/// not even one from a pod with the proxy's labels.
#[tokio::test]
async fn nobody_reaches_the_server_and_everybody_its_proxy() -> Result<()> {
    beside_others("ingress", async |ns| {
        let echo = Echo::serve(&ns, &none(&ns)?).await?;
        let address = pod_address(&ns, &echo.pod()).await?;
        let side = format!("{address}:{SIDE_PORT}");
        let door = format!("{}:{PORT}", names::proxy_host(&echo.name, &ns.name));
        let labels = labels_of_the_proxy(&ns, &echo.name).await?;
        let inside = from_inside(&ns, &echo.pod()).await?;
        ensure!(
            inside == GREETING,
            "the server's port says {inside:?} even inside"
        );
        let stranger = ns
            .probe("stranger", &BTreeMap::new(), &[&side, &door])
            .await?;
        ensure!(
            stranger == ["no-answer", "open"],
            "a stranger: {stranger:?}"
        );
        let disguised = ns.probe("disguised", &labels, &[&side]).await?;
        ensure!(
            disguised == ["no-answer"],
            "a pod with the proxy's labels: {disguised:?}"
        );
        let session = echo.raw.open("client").await?;
        let answer = session.text(1, "echo", json!({ "text": "in" })).await?;
        ensure!(
            answer == "in",
            "the proxy does not reach its server: {answer}"
        );
        Ok(())
    })
    .await
}

/// Makes the world's pod answer at the metadata address, as a cloud would: the node routes it there.
async fn serve_metadata(ns: &Ns, world: &str) -> Result<()> {
    let address = format!("{METADATA}/32");
    let pid = ns.pid("world", "world").await?;
    let inside = ["nsenter", "--net", "--target", &pid];
    let add = [
        &inside[..],
        &["ip", "address", "add", &address, "dev", "lo"],
    ]
    .concat();
    ns.cluster.on_node(&add).await?;
    let route = ns
        .cluster
        .on_node(&["ip", "-o", "route", "get", world])
        .await?;
    let mut words = route.split_whitespace().skip_while(|word| *word != "dev");
    let device = words.nth(1).context("the node has no way to the world")?;
    let replace = ["ip", "route", "replace", &address, "dev", device];
    ns.cluster
        .on_node(&[&replace[..], &["via", world, "onlink"]].concat())
        .await?;
    Ok(())
}

#[tokio::test]
async fn profile_network_lets_everything_out_but_metadata() -> Result<()> {
    beside_others("network", async |ns| {
        let world = support::world(&ns, &[]).await?;
        serve_metadata(&ns, &world).await?;
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        let session = echo.raw.open("traveller").await?;
        expect(&session, &world, world::PORT, "open").await?;
        // A policy is enforced some moments after the pod starts; names work from the first.
        until("the world by its name", TRUTH, async || {
            let came = connect(&session, "world", world::PORT).await?;
            Ok(if came == "open" {
                Look::Done(())
            } else {
                Look::NotYet(came)
            })
        })
        .await?;
        let target = format!("{METADATA}:{METADATA_PORT}");
        let control = ns.probe("control", &BTreeMap::new(), &[&target]).await?;
        ensure!(
            control == ["open"],
            "metadata cannot be reached by anybody: {control:?}"
        );
        expect(&session, METADATA, METADATA_PORT, "no-answer").await
    })
    .await
}

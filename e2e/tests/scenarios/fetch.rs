//! The documented manifest, unchanged, from `kubectl apply` to the text of a web page.

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_e2e::world;
use hivewright_harness::{
    mcp::{
        python::{self, Door},
        rust_sdk::RustClient,
    },
    ns::Ns,
    wait::{GONE, Look, until},
};
use serde_json::json;

use crate::{
    operator::{controller_metrics, proxy_metrics},
    support::{self, beside_others_in, condition, proxy, ready},
};

/// The manifest, as the documentation has it.
const MANIFEST: &str = "e2e/manifests/fetch.yaml";
/// The name in it.
const NAME: &str = "fetch";
/// The namespace in it.
const NAMESPACE: &str = "toolhive-system";
/// The port in it.
const PORT: u16 = 8080;
/// Where the page is. The fetch server refuses private addresses, and a cluster has no others; this
/// one counts as public (TURN anycast, RFC 8155), serves no web anywhere, and leads to the world's
/// Service inside the cluster alone.
const PAGE_ADDRESS: &str = "192.0.0.10";
/// Everything that can carry a label and that a server might leave behind.
const KINDS: &str = "mcpservers,deployments,replicasets,statefulsets,controllerrevisions,pods,\
     services,endpointslices,configmaps,secrets,serviceaccounts,roles,rolebindings,networkpolicies,\
     persistentvolumeclaims";

/// Applies the manifest as it stands.
async fn apply(ns: &Ns) -> Result<()> {
    let path = ns.cluster.place().project.join(MANIFEST);
    ns.apply_file(path.to_str().context("a path in UTF-8")?)
        .await?;
    Ok(())
}

async fn seen_by_kubectl(ns: &Ns) -> Result<()> {
    let table = ns.kubectl(&["get", "mcpservers"]).await?;
    let (head, row) = table.trim_end().split_once('\n').context("a table")?;
    let heads: Vec<&str> = head.split_whitespace().collect();
    ensure!(
        heads == ["NAME", "STATUS", "URL", "AGE"],
        "the table is headed {heads:?}"
    );
    let row: Vec<&str> = row.split_whitespace().collect();
    let url = names::url(NAME, &ns.name, PORT);
    ensure!(
        row[..3] == [NAME, "Ready", url.as_str()],
        "the row says {row:?}"
    );
    let text = ns.kubectl(&["describe", "mcpserver", NAME]).await?;
    let (_, events) = text
        .split_once("Events:")
        .context("no events are described")?;
    for reason in ["Accepted", "Initialized", "Ready"] {
        ensure!(events.contains(reason), "no event {reason} in {events}");
    }
    println!("{table}{events}");
    Ok(())
}

async fn read_by_rust(url: &str, page: &str) -> Result<()> {
    let client = RustClient::connect(url, "rust-sdk").await?;
    ensure!(client.server_name().is_some(), "the server has no name");
    let tools = client.tools().await?;
    ensure!(
        tools.contains(&"fetch".to_owned()),
        "the tools are {tools:?}"
    );
    let text = client.call("fetch", json!({ "url": page })).await?;
    ensure!(text.contains(world::SENTENCE), "the page came as {text}");
    client.close().await
}

async fn read_by_python(ns: &Ns, door: Door, url: &str, page: &str) -> Result<()> {
    let calls = [("fetch", json!({ "url": page }))];
    let story = python::run(ns.cluster.place(), door, url, &calls).await?;
    ensure!(
        story.tools.contains(&"fetch".to_owned()),
        "the tools are {:?}",
        story.tools
    );
    ensure!(
        story.texts[0].contains(world::SENTENCE),
        "the page came as {}",
        story.texts[0]
    );
    println!("Python SDK on {door:?}: revision {}", story.revision);
    Ok(())
}

/// The proxy has counted the three calls, and the controller this server.
async fn counted(ns: &Ns) -> Result<()> {
    let proxy = proxy_metrics(ns, NAME).await?;
    let calls = [
        ("mcp_method_name", "tools/call"),
        ("gen_ai_tool_name", "fetch"),
    ];
    let count = proxy.sum("mcp_server_operation_duration_seconds_count", &calls);
    ensure!(
        (count - 3.0).abs() < f64::EPSILON,
        "{count} calls were counted, not 3"
    );
    ensure!(
        proxy.sum("hivewright_proxy_server_up", &[]) > 0.0,
        "the server is not up"
    );
    for name in proxy.names() {
        let known = ["hivewright_", "mcp_server_", "process_"];
        ensure!(
            known.iter().any(|prefix| name.starts_with(prefix)),
            "a metric {name}"
        );
    }
    let controller = controller_metrics(&ns.cluster).await?;
    let server = [
        ("mcpserver", NAME),
        ("mcpserver_namespace", ns.name.as_str()),
    ];
    let ready = controller.sum("hivewright_mcpserver_ready", &server);
    ensure!(
        (ready - 1.0).abs() < f64::EPSILON,
        "the controller's gauge says {ready}"
    );
    let became = controller.sum("hivewright_controller_servers_became_ready_total", &[]);
    ensure!(became >= 1.0, "no server became ready, says the controller");
    Ok(())
}

async fn nothing_is_left(ns: &Ns) -> Result<()> {
    let label = format!("{}={NAME}", names::SERVER_LABEL);
    ns.kubectl(&[
        "delete",
        "mcpserver",
        NAME,
        "--ignore-not-found",
        "--wait=true",
    ])
    .await?;
    until("nothing left", GONE, async || {
        let left = ns
            .kubectl(&["get", KINDS, "-l", &label, "-o", "name"])
            .await?;
        let pods = ns.kubectl(&["get", "pods", "-o", "name"]).await?;
        let pods: Vec<&str> = pods.lines().filter(|pod| pod.contains(NAME)).collect();
        let none = left.trim().is_empty() && pods.is_empty();
        Ok(if none {
            Look::Done(())
        } else {
            Look::NotYet(format!("{left} {pods:?}"))
        })
    })
    .await
}

#[tokio::test]
async fn the_documented_manifest_gives_clients_a_page_of_the_web() -> Result<()> {
    beside_others_in("fetch", NAMESPACE, async |ns| {
        // The manifest's namespace may hold a fetch server already, from `make demo` for one.
        nothing_is_left(&ns).await?;
        support::world(&ns, &[PAGE_ADDRESS]).await?;
        apply(&ns).await?;
        let status = ready(&ns, NAME).await?;
        let accepted = condition(&status, "Accepted").context("no condition Accepted")?;
        ensure!(accepted["status"] == "True", "not accepted: {accepted}");
        seen_by_kubectl(&ns).await?;
        let forward = proxy(&ns, NAME, PORT).await?;
        let page = format!("http://{PAGE_ADDRESS}:{}/", world::PORT);
        read_by_rust(&forward.url("/mcp"), &page)
            .await
            .context("rmcp on /mcp")?;
        read_by_python(&ns, Door::Sse, &forward.url("/sse"), &page).await?;
        read_by_python(&ns, Door::Streamable, &forward.url("/mcp"), &page).await?;
        counted(&ns).await?;
        a_private_page_is_refused(&forward.url("/mcp"), &page).await?;
        nothing_is_left(&ns).await?;
        ns.kubectl(&["delete", "pod,service", "world"]).await?;
        Ok(())
    })
    .await
}

/// The server reads robots.txt before it fetches by itself; a refusal is its own answer, which comes
/// through as a result that says so.
async fn a_private_page_is_refused(url: &str, page: &str) -> Result<()> {
    let client = RustClient::connect(url, "robot").await?;
    let answer = client
        .call("fetch", json!({ "url": format!("{page}private") }))
        .await;
    let told = match answer {
        Ok(text) => text,
        Err(error) => format!("{error:#}"),
    };
    ensure!(
        told.contains("robots.txt"),
        "a private page was answered {told}"
    );
    client.close().await
}

//! From `kubectl apply` of each documented manifest to Ready, and to the first answer of a tool.
//!
//! ```text
//!  apply ──> objects ──> pod starts ──> handshake ──> Ready ──> client connects ──> tool ──> outside
//!    └──────────────── ready ─────────────────────────┘                               │
//!    └──────────────── answer ────────────────────────────────────────────────────────┘
//! ```
//!
//! The images are on the node before the clock starts; everything of the run before is gone.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use kube::{
    Api,
    api::{ApiResource, DynamicObject, GroupVersionKind},
    runtime::wait::await_condition,
};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::{
    forward::Forward,
    images::WORLD,
    mcp::rust_sdk::RustClient,
    ns::{Ns, with_ns},
    outside,
    wait::{GONE, Look, SERVER_READY, until},
};

/// Port of every documented manifest.
const PORT: u16 = 8080;

/// A documented manifest and one call to it.
struct Server {
    name: &'static str,
    file: &'static str,
    namespace: &'static str,
    road: &'static str,
    tool: &'static str,
    arguments: Value,
    /// What the answer holds.
    says: &'static str,
}

/// What one server took, each the median of all runs.
#[derive(Clone, Debug)]
pub struct Start {
    /// Its name.
    pub name: &'static str,
    /// Its transport and what it is made of.
    pub road: &'static str,
    /// From apply to Ready.
    pub ready: Duration,
    /// From apply to the first tool's answer.
    pub answer: Duration,
}

fn servers() -> [Server; 3] {
    [
        Server {
            name: "osv",
            file: "osv.yaml",
            namespace: "my-namespace",
            road: "SSE, Python",
            tool: "query_vulnerability",
            arguments: json!({ "package_name": "lodash", "ecosystem": "npm", "version": "4.17.15" }),
            says: "CVE-2020-28500",
        },
        Server {
            name: "fetch",
            file: "fetch.yaml",
            namespace: "toolhive-system",
            road: "stdio, Python",
            tool: "fetch",
            arguments: json!({ "url": outside::PAGE }),
            says: "The hive hums",
        },
        Server {
            name: "github",
            file: "github.yaml",
            namespace: "toolhive-system",
            road: "stdio, Go, a Secret",
            tool: "get_me",
            arguments: json!({}),
            says: "keeper-",
        },
    ]
}

/// Starts each server `runs` times.
///
/// # Errors
/// No cluster, or a server does not become ready or answers something else.
pub async fn run(runs: usize) -> Result<Vec<Start>> {
    let mut starts = Vec::new();
    for server in servers() {
        if runs > 0 {
            starts.push(median(&server, runs).await?);
        }
    }
    Ok(starts)
}

async fn median(server: &Server, runs: usize) -> Result<Start> {
    with_ns("starts", server.namespace, async |ns| {
        put_token(&ns).await?;
        gone(&ns, server.name).await?;
        let (mut ready, mut answer) = (Vec::new(), Vec::new());
        for number in 1..=runs {
            let (one, two) = once(&ns, server).await?;
            eprintln!(
                "{}, run {number}: Ready {:.1} s, answer {:.1} s",
                server.name,
                one.as_secs_f64(),
                two.as_secs_f64()
            );
            ready.push(one);
            answer.push(two);
            gone(&ns, server.name).await?;
        }
        ns.kubectl(&["delete", "secret", "github-token"]).await?;
        Ok(Start {
            name: server.name,
            road: server.road,
            ready: middle(ready),
            answer: middle(answer),
        })
    })
    .await
}

/// Of at least one.
fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// One start: apply to Ready, and apply to the answer.
async fn once(ns: &Ns, server: &Server) -> Result<(Duration, Duration)> {
    let file = ns.cluster.place().project.join("e2e/manifests");
    let file = file.join(server.file);
    let begin = Instant::now();
    ns.apply_file(file.to_str().context("a path in UTF-8")?)
        .await?;
    let ready = timeout(SERVER_READY, is_ready(ns, server.name));
    ready
        .await
        .with_context(|| format!("{} not Ready", server.name))??;
    let ready = begin.elapsed();
    let service = names::proxy_service(server.name);
    let forward = Forward::service(ns.cluster.client.clone(), &ns.name, &service, PORT).await?;
    let client = RustClient::connect(&forward.url("/mcp"), "starts").await?;
    let text = client.call(server.tool, server.arguments.clone()).await?;
    let answer = begin.elapsed();
    client.close().await?;
    ensure!(
        text.contains(server.says),
        "{} answered {text}",
        server.name
    );
    Ok((ready, answer))
}

async fn is_ready(ns: &Ns, name: &str) -> Result<()> {
    let kind = GroupVersionKind::gvk(names::GROUP, names::VERSION, names::KIND);
    let resource = ApiResource::from_gvk_with_plural(&kind, "mcpservers");
    let api: Api<DynamicObject> =
        Api::namespaced_with(ns.cluster.client.clone(), &ns.name, &resource);
    let phase = |object: Option<&DynamicObject>| {
        object.is_some_and(|object| object.data["status"]["phase"] == "Ready")
    };
    await_condition(api, name, phase).await?;
    Ok(())
}

/// A token that the stand-in believes: its own program makes it.
async fn put_token(ns: &Ns) -> Result<()> {
    let image = ns.cluster.image(WORLD)?;
    let run = ["run", "--rm", "--network", "none", image, "token", "bench"];
    let token = ns.cluster.cmd("docker").args(run).text().await?;
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": { "name": "github-token" }, "stringData": { "token": token },
    });
    ns.apply(&secret).await?;
    Ok(())
}

/// Deletes the server and waits for the end of its pods.
async fn gone(ns: &Ns, name: &str) -> Result<()> {
    ns.kubectl(&["delete", "mcpserver", name, "--ignore-not-found"])
        .await?;
    let label = format!("{}={name}", names::SERVER_LABEL);
    until("the end of the run before", GONE, async || {
        let left = ["get", "pods,statefulsets", "-l", &label, "-o", "name"];
        let left = ns.kubectl(&left).await?;
        Ok(if left.trim().is_empty() {
            Look::Done(())
        } else {
            Look::NotYet(left)
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_manifest_is_there_and_names_what_the_start_expects() {
        for server in servers() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../e2e/manifests");
            let text = std::fs::read_to_string(format!("{folder}/{}", server.file));
            let text = text.expect("readable");
            for line in [
                format!("  name: {}\n", server.name),
                format!("  namespace: {}", server.namespace),
                format!("  port: {PORT}\n"),
            ] {
                assert!(text.contains(&line), "{line:?} in {text}");
            }
        }
    }

    #[test]
    fn the_middle_of_five_is_the_third() {
        let times = [5, 1, 4, 2, 3].map(Duration::from_secs).to_vec();
        assert_eq!(middle(times), Duration::from_secs(3));
    }
}

//! What a user does first, told step by step: apply the documented manifest, wait, connect, call.
//!
//! ```text
//!  kubectl apply fetch.yaml --> wait for Ready --> kubectl get mcpservers
//!  rmcp client --> port-forward --> mcp-fetch-proxy --> attach --> fetch --> a page beside it
//! ```

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use kube::config::{Config, KubeConfigOptions, Kubeconfig};
use serde_json::json;

use crate::command::{Cmd, Output};
use crate::forward::Forward;
use crate::images::Record;
use crate::mcp::rust_sdk::RustClient;
use crate::place::Place;
use crate::scenarios::{DEMO_NAMESPACE as NAMESPACE, DEMO_WORLD_NAMESPACE as WORLD_NAMESPACE};
use crate::step::{Done, Log, StepFailed, step};

/// The documented manifest, applied unchanged.
const MANIFEST: &str = "e2e/manifests/fetch.yaml";

/// The page's server, from `e2e/world`.
const WORLD: &str = "hivewright.test/world";

/// The page's address. The fetch server refuses private ones, and the cluster has no others: this one
/// counts as public (Port Control Protocol anycast, RFC 7723), serves no web anywhere, and leads to
/// the page's Service inside the cluster alone.
const PAGE_ADDRESS: &str = "192.0.0.9";

/// What the page says; an answer without it is a refusal in polite words.
const SENTENCE: &str = "The hive hums at forty-one degrees";

/// Service of the documented manifest's proxy, and its port.
const SERVICE: (&str, u16) = ("mcp-fetch-proxy", 8080);

/// Time from apply to Ready: the image is pulled and Python imports its libraries.
const READY: &str = "--timeout=150s";

/// Longer than kubectl waits itself, so that its own message is heard.
const WAIT_BOUND: Duration = Duration::from_secs(170);

/// The demo on a cluster where Hivewright is installed.
///
/// # Errors
/// When a step failed; it has said so.
pub async fn run(place: &Place) -> Result<(), StepFailed> {
    tell(place, "demo page", async |log: &Log| {
        world(place, log).await
    })
    .await?;
    tell(place, "fetch applied", async |log: &Log| {
        apply(place, log).await
    })
    .await?;
    tell(place, "fetch ready", async |log: &Log| {
        ready(place, log).await
    })
    .await?;
    let story = tell(place, "tool call", async |_: &Log| call(place).await).await?;
    let table = tell(place, "table", async |_: &Log| {
        Ok(Done::new(
            kubectl(place, &["get", "mcpservers"]).text().await?,
            "printed below",
        ))
    })
    .await?;
    println!(
        "\n$ kubectl -n {NAMESPACE} get mcpservers\n{table}\n\n{story}\n\n{}",
        how_to(place)
    );
    Ok(())
}

/// anyhow's errors as steps see errors.
async fn tell<T>(
    place: &Place,
    name: &str,
    work: impl AsyncFnOnce(&Log) -> Result<Done<T>>,
) -> Result<T, StepFailed> {
    step(place, name, async |log: &Log| {
        work(log).await.map_err(Into::<Told>::into)
    })
    .await
}

/// An [`anyhow::Error`] that is an error again.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
struct Told(#[from] anyhow::Error);

fn kubectl(place: &Place, args: &[&str]) -> Cmd {
    in_namespace(place, NAMESPACE, args)
}

fn in_namespace(place: &Place, namespace: &str, args: &[&str]) -> Cmd {
    let kubectl = place.cmd("kubectl").args(["--namespace", namespace]);
    kubectl.args(args)
}

async fn world(place: &Place, log: &Log) -> Result<Done<()>> {
    let images = Record::load(place).context("no images are recorded; run `make images`")?;
    let image = images
        .get(WORLD)
        .with_context(|| format!("no image {WORLD} was built; run `make images`"))?;
    let labels = json!({ "app": "world" });
    let objects = json!({ "apiVersion": "v1", "kind": "List", "items": [
        { "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } },
        { "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": WORLD_NAMESPACE } },
        { "apiVersion": "v1", "kind": "Service", "metadata": { "name": "world" },
          "spec": { "selector": labels, "ports": [{ "port": 80, "targetPort": 8000 }],
                    "externalIPs": [PAGE_ADDRESS] } },
        { "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "world" },
          "spec": { "selector": { "matchLabels": labels }, "template": {
              "metadata": { "labels": labels },
              "spec": { "containers": [{ "name": "world", "image": image, "args": ["serve"] }] } } } },
    ]});
    let file = place.cache.join("work/demo.json");
    std::fs::create_dir_all(place.cache.join("work"))?;
    std::fs::write(&file, objects.to_string())?;
    in_namespace(place, WORLD_NAMESPACE, &["apply", "-f"])
        .arg(&file)
        .run(log.file())
        .await?;
    in_namespace(
        place,
        WORLD_NAMESPACE,
        &["rollout", "status", "deployment/world", READY],
    )
    .bound(WAIT_BOUND)
    .run(log.file())
    .await?;
    Ok(Done::new((), page()))
}

async fn apply(place: &Place, log: &Log) -> Result<Done<()>> {
    let manifest: PathBuf = place.project.join(MANIFEST);
    kubectl(place, &["apply", "-f"])
        .arg(&manifest)
        .run(log.file())
        .await?;
    Ok(Done::new((), format!("{MANIFEST}, unchanged")))
}

async fn ready(place: &Place, log: &Log) -> Result<Done<()>> {
    let wait = kubectl(
        place,
        &["wait", "mcpserver/fetch", "--for=condition=Ready", READY],
    )
    .bound(WAIT_BOUND);
    let Output { status, stderr, .. } = wait.output().await?;
    if !status.success() {
        log.note(&stderr);
        kubectl(place, &["describe", "mcpserver/fetch"])
            .run(log.file())
            .await?;
        kubectl(place, &["get", "pods,events"])
            .run(log.file())
            .await?;
    }
    ensure!(
        status.success(),
        "the fetch server did not get ready; its status and events are in the log"
    );
    Ok(Done::new((), "an MCP client would be answered"))
}

/// What a client sees, as text: its tools, and the answer to one call.
async fn call(place: &Place) -> Result<Done<String>> {
    crate::access::use_one_tls_provider();
    let kubeconfig = Kubeconfig::read_from(place.kubeconfig())?;
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    let client = kube::Client::try_from(config)?;
    let (name, port) = SERVICE;
    let forward = Forward::service(client, NAMESPACE, name, port).await?;
    let mcp = RustClient::connect(&forward.url("/mcp"), "hivewright-demo").await?;
    let server = mcp.server_name().unwrap_or_default();
    let tools = mcp.tools().await?.join(", ");
    let url = page();
    let text = mcp.call("fetch", json!({ "url": url })).await?;
    mcp.close().await?;
    ensure!(
        text.contains(SENTENCE),
        "the fetch server answered without the page: {text}"
    );
    let story = format!(
        "tools of {server}: {tools}\n\nfetch(url = \"{url}\") answered:\n{}",
        indented(&text)
    );
    Ok(Done::new(
        story,
        format!("{} bytes from {server}", text.len()),
    ))
}

fn page() -> String {
    format!("http://{PAGE_ADDRESS}/")
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  | {line}")).collect();
    lines.join("\n")
}

fn how_to(place: &Place) -> String {
    let (service, port) = SERVICE;
    let kubeconfig = place.kubeconfig();
    let bin = place.bin();
    format!(
        "To connect a client of your own:\n  \
         export KUBECONFIG={}\n  \
         export PATH={}:$PATH\n  \
         kubectl -n {NAMESPACE} port-forward service/{service} {port}:{port}\n\
         and give it http://127.0.0.1:{port}/mcp (Streamable HTTP) or http://127.0.0.1:{port}/sse (HTTP+SSE).\n\
         `make down` deletes the cluster.",
        kubeconfig.display(),
        bin.display(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_name_the_kubeconfig_and_both_doors() {
        let place = Place {
            project: "/p".into(),
            cache: "/c".into(),
            cluster: "x".to_owned(),
        };
        let text = how_to(&place);
        for part in [
            "KUBECONFIG=/c/kubeconfig-x",
            "8080/mcp",
            "8080/sse",
            "make down",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn the_manifest_names_the_namespace_that_is_made_for_it() {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../e2e/manifests/fetch.yaml");
        let manifest = std::fs::read_to_string(manifest).expect("readable");
        assert!(
            manifest.contains(&format!("namespace: {NAMESPACE}\n")),
            "{manifest}"
        );
    }

    #[test]
    fn the_page_says_what_the_demo_looks_for() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../e2e/world/index.html");
        let page = std::fs::read_to_string(page).expect("readable");
        assert!(page.contains(SENTENCE), "{page}");
    }

    #[test]
    fn every_line_of_an_answer_is_marked() {
        assert_eq!(indented("a\n\nb"), "  | a\n  | \n  | b");
    }
}

//! Both formats of `/metrics`, as Prometheus asks for them; its own linter; and exemplars, which lead
//! from a histogram to a trace.

use std::{io::Write as _, time::Duration};

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_harness::{
    charts,
    forward::{Forward, is_ready},
    mcp::message,
    ns::Ns,
    prometheus::{self, Prometheus, Window},
    scrape,
    wait::{Look, until},
};
use k8s_openapi::api::core::v1::Pod;
use serde_json::json;

use super::{SCRAPED, SERVER};
use crate::support::{Echo, beside_others, echo, pods, proxy_labels};

/// What Prometheus 3 sends.
const OF_PROMETHEUS: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
    application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
    text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
/// A trace and a span of a client that keeps its traces.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

/// What a pod says on `/metrics` to a client that accepts this: its content type and its text.
async fn said(ns: &Ns, pod: &Pod, port: u16, accept: &str) -> Result<(String, String)> {
    let meta = &pod.metadata;
    let (namespace, name) = (meta.namespace.as_deref(), meta.name.as_deref());
    let client = ns.cluster.client.clone();
    let name = name.context("a name")?;
    let forward = Forward::pod(client, namespace.context("a namespace")?, name, port).await?;
    scrape::said(&forward.url("/metrics"), accept).await
}

/// What Prometheus' linter has against the text; empty if nothing.
async fn complaints(ns: &Ns, text: &str) -> Result<String> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(text.as_bytes())?;
    let lint =
        ns.cluster
            .cmd("bash")
            .args(["-c", "promtool check metrics < \"$1\" 2>&1 || true", "bash"]);
    lint.arg(file.path()).text().await.map_err(Into::into)
}

async fn is_well_said(ns: &Ns, pod: &Pod, port: u16) -> Result<()> {
    let (kind, text) = said(ns, pod, port, OF_PROMETHEUS).await?;
    ensure!(
        kind.starts_with("application/openmetrics-text; version=1.0.0"),
        "to Prometheus it says {kind}"
    );
    ensure!(text.ends_with("# EOF\n"), "OpenMetrics without an end");
    let (kind, text) = said(ns, pod, port, "*/*").await?;
    ensure!(
        kind.starts_with("text/plain; version=0.0.4"),
        "to others it says {kind}"
    );
    ensure!(!text.contains("# EOF"), "the end of another format");
    let complaints = complaints(ns, &text).await?;
    ensure!(complaints.trim().is_empty(), "promtool says: {complaints}");
    Ok(())
}

#[tokio::test]
async fn metrics_are_said_as_the_scraper_asks_and_its_linter_finds_no_fault() -> Result<()> {
    beside_others("formats", async |ns| {
        prometheus::promtool(ns.cluster.place()).await?;
        let busy = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        let session = busy.raw.open("caller").await?;
        session.text(1, "echo", json!({ "text": "x" })).await?;
        let proxies = pods(&ns, &proxy_labels("echo")).await?;
        let proxy = proxies
            .iter()
            .find(|pod| is_ready(pod))
            .context("a proxy")?;
        is_well_said(&ns, proxy, names::PROXY_ADMIN_PORT)
            .await
            .context("the proxy")?;
        let release = Ns {
            cluster: ns.cluster.clone(),
            name: charts::NAMESPACE.to_owned(),
        };
        let labels = format!("app.kubernetes.io/instance={}", charts::RELEASE);
        let controllers = pods(&release, &labels).await?;
        let controller = controllers.iter().find(|pod| is_ready(pod));
        let controller = controller.context("a controller")?;
        is_well_said(&ns, controller, names::CONTROLLER_ADMIN_PORT)
            .await
            .context("the controller")
    })
    .await
}

/// The collector is nobody: traces are kept nowhere, and the trace's id is in the histogram all the same.
#[tokio::test]
async fn a_traced_call_is_an_exemplar_of_its_histogram() -> Result<()> {
    beside_others("exemplars", async |ns| {
        let mut manifest = echo(&ns, "echo", &[])?;
        manifest["spec"]["telemetry"] = json!({ "openTelemetry": {
            "enabled": true, "endpoint": "http://192.0.2.1:4318", "insecure": true,
            "tracing": { "enabled": true, "samplingRate": "0" },
        } });
        let echo = Echo::serve(&ns, &manifest).await?;
        let session = echo.raw.open("traced").await?;
        let parent = format!("00-{TRACE}-{SPAN}-01");
        let mut headers = session.headers().to_vec();
        headers.push(("traceparent", &parent));
        let call = message::call(1, "echo", json!({ "text": "x" }));
        let answer = echo.raw.post("/mcp", &headers, call.to_string()).await?;
        ensure!(answer.status == 200, "the call: HTTP {}", answer.status);
        let prometheus = Prometheus::connect(&ns.cluster).await?;
        let query = format!(
            "mcp_server_operation_duration_seconds_bucket{{namespace=\"{}\",{SERVER}=\"echo\"}}",
            ns.name
        );
        until("the exemplar", SCRAPED, async || {
            let window = Window::last(Duration::from_mins(5), Duration::from_secs(1));
            let found = prometheus.exemplars(&query, window).await?;
            let ids = found.iter().flat_map(|series| &series.exemplars);
            let ids: Vec<_> = ids.filter_map(|one| one.labels.get("trace_id")).collect();
            Ok(if ids.iter().any(|id| *id == TRACE) {
                Look::Done(())
            } else {
                Look::not_yet(ids)
            })
        })
        .await
    })
    .await
}

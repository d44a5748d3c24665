//! Traces and the audit log of a server's proxy, as a collector in the cluster gets them and as the
//! proxy's stdout has them.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hivewright_api::{CloudEvent, audit, names};
use hivewright_e2e::world::collector::{GOT, Got, PORT as COLLECTOR_PORT, Span};
use hivewright_harness::{
    forward::{Forward, is_ready},
    mcp::{
        raw::{Answer, Raw},
        streamable::Session,
    },
    ns::Ns,
    packets::restricted,
    wait::{Look, SERVER_READY, until},
};
use http::Method;
use k8s_openapi::api::core::v1::Pod;
use kube::api::LogParams;
use serde_json::{Value, json};

use crate::support::{Echo, WORLD_IMAGE, beside_others, echo, pods, proxy_labels};

/// From a call to what a collector and a log have of it: the exporter sends every few seconds.
const TOLD: Duration = Duration::from_secs(30);
/// The histogram of all calls.
const OPERATION: &str = "mcp_server_operation_duration_seconds";
/// The client's span.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A collector as a pod and a Service `collector`, and a way to ask it what it got.
async fn collector(ns: &Ns) -> Result<Forward> {
    let labels = json!({ "app": "collector" });
    ns.apply(&json!({
        "apiVersion": "v1", "kind": "List",
        "items": [
            {
                "apiVersion": "v1", "kind": "Pod",
                "metadata": { "name": "collector", "labels": labels },
                "spec": {
                    "automountServiceAccountToken": false,
                    "terminationGracePeriodSeconds": 0,
                    "securityContext": restricted(),
                    "containers": [{
                        "name": "collector",
                        "image": ns.cluster.image(WORLD_IMAGE)?,
                        "imagePullPolicy": "IfNotPresent",
                        "args": ["collector"],
                        "readinessProbe": { "tcpSocket": { "port": COLLECTOR_PORT }, "periodSeconds": 1 },
                    }],
                },
            },
            {
                "apiVersion": "v1", "kind": "Service",
                "metadata": { "name": "collector" },
                "spec": { "selector": labels, "ports": [{ "port": COLLECTOR_PORT }] },
            },
        ],
    }))
    .await?;
    until("the collector", SERVER_READY, async || {
        let pod = ns.cluster.api::<Pod>(&ns.name).get("collector").await?;
        Ok(if is_ready(&pod) {
            Look::Done(())
        } else {
            Look::NotYet("not ready".to_owned())
        })
    })
    .await?;
    Forward::service(
        ns.cluster.client.clone(),
        &ns.name,
        "collector",
        COLLECTOR_PORT,
    )
    .await
}

/// The echo server with what its manifest says of telemetry, as upstream documents it.
async fn served(ns: &Ns, sampling: &str) -> Result<Echo> {
    let mut manifest = echo(ns, "told", &[])?;
    manifest["spec"]["telemetry"] = json!({
        "openTelemetry": {
            "enabled": true,
            "endpoint": format!("collector.{}.svc.cluster.local:{COLLECTOR_PORT}", ns.name),
            "insecure": true,
            "serviceName": "mcp-told",
            "metrics": { "enabled": true },
            "tracing": { "enabled": true, "samplingRate": sampling },
            "logs": { "enabled": true },
        },
        "prometheus": { "enabled": true },
    });
    manifest["spec"]["audit"] = json!({ "enabled": true });
    let every_second = json!([{ "name": "OTEL_METRIC_EXPORT_INTERVAL", "value": "1000" }]);
    manifest["spec"]["resourceOverrides"] = json!({ "proxyDeployment": { "env": every_second } });
    Echo::serve(ns, &manifest).await
}

/// What the collector got, once that is enough.
async fn got(collector: &Forward, what: &str, enough: impl Fn(&Got) -> bool) -> Result<Got> {
    let raw = Raw::new(&collector.url(""))?;
    until(what, TOLD, async || {
        let answer = raw.send(Method::GET, GOT, &[]).await?;
        let got: Got = serde_json::from_str(&answer.body)?;
        Ok(if enough(&got) {
            Look::Done(got)
        } else {
            let names: Vec<&str> = got.spans.iter().map(|span| &*span.name).collect();
            Look::NotYet(format!("spans {names:?}, {} records", got.records.len()))
        })
    })
    .await
}

fn of_trace<'a>(got: &'a Got, name: &str) -> Option<&'a Span> {
    let mut spans = got.spans.iter().filter(|span| span.trace == TRACE);
    spans.find(|span| span.name == name)
}

fn traced_call(id: u32) -> Value {
    let meta = json!({ "traceparent": PARENT });
    let params = json!({ "name": "echo", "arguments": { "text": "a secret word" }, "_meta": meta });
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
}

/// One call of the client whose span is [`PARENT`].
async fn call(echo: &Echo, session: &Session, id: u32) -> Result<()> {
    let headers = [("mcp-session-id", &*session.id)];
    let body = traced_call(id).to_string();
    let answer: Answer = echo.raw.post("/mcp", &headers, body).await?;
    ensure!(answer.status == 200, "call {id}: {answer:?}");
    Ok(())
}

#[tokio::test]
async fn a_clients_trace_goes_through_the_cluster_and_its_call_is_in_the_audit_log() -> Result<()> {
    beside_others("told", async |ns| {
        let collector = collector(&ns).await?;
        let echo = served(&ns, "0").await?;
        let session = echo.raw.open("telemetry").await?;
        call(&echo, &session, 7).await?;
        let whole =
            |got: &Got| of_trace(got, "POST /mcp").is_some() && of_trace(got, "server").is_some();
        let got = got(&collector, "the trace", |got| {
            whole(got)
                && got
                    .records
                    .iter()
                    .any(|record| record.event == audit::CALL && record.trace == TRACE)
                && got.metrics.iter().any(|name| name == OPERATION)
        })
        .await?;
        stages(&got)?;
        let resource = ("mcp-told".to_owned(), ns.name.clone());
        ensure!(
            got.resource == resource,
            "the resource is {:?}",
            got.resource
        );
        audited(&ns).await
    })
    .await
}

/// Every stage is there, below the call, which is below the exchange, which is below the client.
fn stages(got: &Got) -> Result<()> {
    let named = |name: &str| of_trace(got, name).with_context(|| format!("no span {name}"));
    let (http, call) = (named("POST /mcp")?, named("tools/call echo")?);
    ensure!(
        http.parent == "b7ad6b7169203331",
        "the client's span is above: {http:?}"
    );
    ensure!(
        call.parent == http.id,
        "the call is below the exchange: {call:?}"
    );
    for stage in ["queue", "write to server", "server"] {
        let span = named(stage)?;
        ensure!(
            span.parent == call.id && span.duration <= http.duration,
            "{span:?}"
        );
    }
    ensure!(
        named("write to client")?.parent == http.id,
        "the answer's way is the exchange's"
    );
    Ok(())
}

/// The proxy's stdout has the call as a CloudEvent, without its arguments.
async fn audited(ns: &Ns) -> Result<()> {
    let found = pods(ns, &proxy_labels("told")).await?;
    let pod = found.first().and_then(|pod| pod.metadata.name.clone());
    let pod = pod.context("no proxy pod")?;
    let params = LogParams {
        container: Some(names::PROXY_CONTAINER.to_owned()),
        ..LogParams::default()
    };
    let event = until("the audit log", TOLD, async || {
        let log = ns.cluster.api::<Pod>(&ns.name).logs(&pod, &params).await?;
        ensure!(!log.contains("a secret word"), "arguments are in a log");
        let mut events = log.lines().filter_map(|line| {
            let event = serde_json::from_str::<CloudEvent<Value>>(line).ok()?;
            (event.kind == audit::CALL && event.data["method"] == "tools/call").then_some(event)
        });
        Ok(events
            .next()
            .map_or_else(|| Look::NotYet("no entry".to_owned()), Look::Done))
    })
    .await?;
    let call: audit::Call = serde_json::from_value(event.data)?;
    ensure!(
        event.subject == format!("{}/told", ns.name),
        "subject {}",
        event.subject
    );
    ensure!(call.outcome == audit::Outcome::Ok, "{call:?}");
    ensure!(
        call.caller
            .client
            .as_ref()
            .is_some_and(|client| client.name == "telemetry"),
        "{call:?}"
    );
    ensure!(
        event
            .traceparent
            .is_some_and(|parent| parent.contains(TRACE)),
        "its trace is named"
    );
    Ok(())
}

#[tokio::test]
async fn a_collector_that_is_not_there_costs_calls_nothing() -> Result<()> {
    beside_others("told-to-nobody", async |ns| {
        let echo = served(&ns, "1").await?;
        let session = echo.raw.open("telemetry").await?;
        for id in 1..=50 {
            call(&echo, &session, id).await?;
        }
        audited(&ns).await
    })
    .await
}

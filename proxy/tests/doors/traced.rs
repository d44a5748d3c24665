//! Traces of calls, as a collector gets them.

use std::collections::BTreeMap;

use axum::body::Body;
use hivewright_bridge::traced;
use hivewright_proxy::{exchange::Scribe, fleet::Fleet};
use hivewright_telemetry::{
    Choice, Format, Identity, Process, Sampler, Settings, Source, Telemetry,
    collector::{Collector, Got, attribute, otlp::trace::v1::Span},
};
use http::Request;
use serde_json::{Value, json};

use crate::support::*;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Exports this share of the traces that begin here to the collector.
pub(crate) async fn telemetry(collector: &Collector, share: f64, fleet: &Fleet) -> Telemetry {
    let (at, _served) = collector.open().await.expect("a free port");
    let choice = Choice {
        endpoint: Some(format!("http://{at}")),
        sampler: Some(Sampler::parent_based(share)),
        ..Choice::default()
    };
    let identity = Identity::default();
    let settings = Settings::new(&choice, identity, &|_| None).expect("valid settings");
    let process = Process {
        counts: fleet.metrics().telemetry().clone(),
        source: Source::new(Vec::new),
        exemplars: fleet.metrics().exemplars().clone(),
    };
    let (telemetry, running) = Telemetry::start(&settings, process).expect("no TLS");
    // It sends until the end of the test.
    std::mem::forget(running);
    telemetry
}

/// Doors with the scripted server, whose traces the collector gets.
async fn world(share: f64) -> (World, Collector) {
    let collector = Collector::default();
    let mut made = None;
    let bare = World::of_pods(1);
    let telemetry = telemetry(&collector, share, &bare.fleet).await;
    let world = World::scribed(1, |fleet| {
        made = Some(());
        Scribe::new(telemetry, None, fleet.metrics().clone(), false)
    });
    assert!(made.is_some());
    server::start(&world.bridge);
    (world, collector)
}

fn with_header(mut request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    let value = value.parse().expect("a header value");
    request.headers_mut().insert(name, value);
    request
}

/// The spans of this trace by their names.
fn of_trace(got: &Got, trace: &str) -> BTreeMap<String, Span> {
    let spans = got.spans.iter().filter(|span| hex(&span.trace_id) == trace);
    spans
        .map(|span| (span.name.clone(), span.clone()))
        .collect()
}

#[tokio::test]
async fn one_trace_goes_from_the_client_through_every_stage_to_the_answer() {
    let (world, collector) = world(0.0).await;
    let session = world.session().await;
    let call = post(Some(&session), call(7, "echo", &json!({ "a": 1 })));
    let (status, _) = world.ask(with_header(call, "traceparent", PARENT)).await;
    assert_eq!(status, 200);
    let got = collector.until(|got| got.spans.len() >= 6).await;
    let spans = of_trace(&got, TRACE);
    let names: Vec<&str> = spans.keys().map(String::as_str).collect();
    let expected = [
        "POST /mcp",
        "queue",
        "server",
        "tools/call echo",
        "write to client",
        "write to server",
    ];
    assert_eq!(names, expected);
    let (http, called) = (&spans["POST /mcp"], &spans["tools/call echo"]);
    assert_eq!(http.parent_span_id, 0xb7ad_6b71_6920_3331_u64.to_be_bytes());
    assert_eq!(called.parent_span_id, http.span_id);
    assert_eq!(spans["write to client"].parent_span_id, http.span_id);
    for phase in ["queue", "write to server", "server"] {
        assert_eq!(spans[phase].parent_span_id, called.span_id, "{phase}");
    }
    let ends = |name: &str| spans[name].end_time_unix_nano;
    let begins = |name: &str| spans[name].start_time_unix_nano;
    assert_eq!(begins("tools/call echo"), begins("queue"));
    assert_eq!(ends("queue"), begins("write to server"));
    assert_eq!(ends("write to server"), begins("server"));
    assert_eq!(ends("server"), ends("tools/call echo"));
    assert_eq!(ends("tools/call echo"), begins("write to client"));
    assert!(begins("POST /mcp") <= begins("queue") && ends("write to client") <= ends("POST /mcp"));
    let of_call = |name| attribute(&called.attributes, name);
    assert_eq!(of_call("mcp.method.name").as_deref(), Some("tools/call"));
    assert_eq!(of_call("gen_ai.tool.name").as_deref(), Some("echo"));
    assert_eq!(
        of_call("hivewright.session").as_deref(),
        Some(&session[..8])
    );
    assert_eq!(
        attribute(&http.attributes, "http.response.status_code").as_deref(),
        Some("200")
    );
}

#[tokio::test]
async fn the_server_is_told_its_place_in_the_trace_and_nothing_else_changes() {
    let (world, _collector) = world(0.0).await;
    let session = world.session().await;
    world
        .bridge
        .server_down(hivewright_bridge::io::Loss::ProcessExited);
    let mut queue = world.bridge.server_up();
    server::greet(&world.bridge, &mut queue).await;
    let body = rpc(
        1,
        "tools/call",
        &json!({ "name": "x", "arguments": { "n": 1 } }),
    );
    let _traced = tokio::spawn({
        let request = with_header(post(Some(&session), body.clone()), "traceparent", PARENT);
        let router = world.router.clone();
        async move { tower::ServiceExt::oneshot(router, request).await }
    });
    let told = server::read_method(&mut queue, "tools/call").await;
    let parent = told["params"]["_meta"]["traceparent"]
        .as_str()
        .expect("it is told");
    assert!(
        parent.starts_with(&format!("00-{TRACE}-")) && parent != PARENT,
        "{parent}"
    );
    let mut rest = told["params"].clone();
    rest.as_object_mut().expect("an object").remove("_meta");
    assert_eq!(rest, json!({ "name": "x", "arguments": { "n": 1 } }));
}

#[tokio::test]
async fn what_is_not_recorded_crosses_byte_for_byte_and_leaves_no_span() {
    let (world, collector) = world(0.0).await;
    let session = world.session().await;
    let unsampled = PARENT.replace("-01", "-00");
    let params = json!({ "name": "echo", "arguments": {}, "_meta": { "traceparent": unsampled } });
    let (_, answer) = world
        .ask(post(Some(&session), rpc(1, "tools/call", &params)))
        .await;
    assert!(answer["result"].is_object());
    let call = post(Some(&session), call(2, "echo", &json!({})));
    world.ask(with_header(call, "traceparent", PARENT)).await;
    let got = collector.until(|got| got.spans.len() >= 6).await;
    assert_eq!(got.spans.len(), 6, "those of the second call alone");
}

#[tokio::test]
async fn a_call_that_fails_says_so_and_an_unknown_tool_is_in_no_name() {
    let (world, collector) = world(1.0).await;
    let session = world.session().await;
    let (_, answer) = world
        .ask(post(Some(&session), call(3, "die", &json!({}))))
        .await;
    assert!(answer["error"].is_object());
    let failed = |got: &Got| {
        got.spans
            .iter()
            .find(|span| span.name == "tools/call")
            .cloned()
    };
    let got = collector.until(|got| failed(got).is_some()).await;
    let span = failed(&got).expect("it is there");
    assert_eq!(
        attribute(&span.attributes, "error.type").as_deref(),
        Some("lost")
    );
    assert_eq!(span.status.map(|status| status.code), Some(2));
}

#[tokio::test]
async fn every_call_of_a_batch_has_a_span_below_the_exchange() {
    let (world, collector) = world(1.0).await;
    let session = world.session_as("2025-03-26").await;
    let batch = format!(
        "[{},{}]",
        call(1, "echo", &json!({})),
        call(2, "echo", &json!({}))
    );
    let response = world.send(post(Some(&session), batch)).await;
    bytes_of(response).await;
    let calls = |got: &Got| {
        got.spans
            .iter()
            .filter(|span| span.name == "tools/call echo")
            .count()
    };
    let got = collector.until(|got| calls(got) == 2).await;
    let called: Vec<_> = got
        .spans
        .iter()
        .filter(|span| span.name == "tools/call echo")
        .collect();
    assert_eq!(called[0].parent_span_id, called[1].parent_span_id);
    assert_eq!(called[0].trace_id, called[1].trace_id);
}

#[tokio::test]
async fn a_request_without_a_session_is_traced_by_what_its_meta_says() {
    let (world, collector) = world(0.0).await;
    world.session().await;
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "c", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
        "traceparent": PARENT,
    });
    let body = rpc(
        1,
        "tools/call",
        &json!({ "name": "echo", "arguments": {}, "_meta": meta }),
    );
    let request = with_header(post(None, body), "mcp-protocol-version", "2026-07-28");
    let request = with_header(request, "mcp-method", "tools/call");
    let (status, answer) = world.ask(with_header(request, "mcp-name", "echo")).await;
    assert_eq!(status, 200, "{answer}");
    let got = collector.until(|got| got.spans.len() >= 6).await;
    assert_eq!(of_trace(&got, TRACE).len(), 6);
}

#[tokio::test]
async fn the_histogram_names_the_trace_of_a_recorded_call() {
    let (world, _collector) = world(0.0).await;
    let session = world.session().await;
    let request = post(Some(&session), call(7, "echo", &json!({})));
    world.ask(with_header(request, "traceparent", PARENT)).await;
    let metrics = world.fleet.metrics();
    let format = Format::negotiate(Some("application/openmetrics-text;version=1.0.0"));
    let text = metrics
        .encode(&world.fleet.gauges(), format)
        .expect("metrics can be written");
    let exemplar = format!("trace_id=\"{TRACE}\"");
    let mut of_calls = text.lines().filter(|line| line.contains(&exemplar));
    let line = of_calls.next().expect("an exemplar");
    assert!(
        line.starts_with("mcp_server_operation_duration_seconds_bucket{"),
        "{line}"
    );
    assert!(line.contains("gen_ai_tool_name=\"echo\""), "{line}");
}

#[tokio::test]
async fn a_collector_that_hangs_costs_calls_nothing() {
    let (world, collector) = world(1.0).await;
    collector.becomes(hivewright_telemetry::collector::Mood::Hangs);
    let session = world.session().await;
    for id in 0..500 {
        let (status, _) = world
            .ask(post(Some(&session), call(id, "echo", &json!({}))))
            .await;
        assert_eq!(status, 200);
    }
}

#[test]
fn the_keys_in_meta_are_those_of_the_headers() {
    let body = rpc(
        1,
        "x",
        &json!({ "_meta": { "traceparent": PARENT, "tracestate": "a=1" } }),
    );
    let said = traced::said(body.as_bytes());
    assert_eq!(said.parent.as_deref(), Some(PARENT));
    let value: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        value["params"]["_meta"]["tracestate"],
        said.state.expect("it is said").into_owned()
    );
}

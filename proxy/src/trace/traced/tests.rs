use hivewright_telemetry::{Choice, Identity, Process, Sampler, Settings, Source};
use http::{HeaderName, HeaderValue};

use super::*;
use crate::metrics::Metrics;

const A: &str = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-1111111111111111-01";
const A_BELOW: &str = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-2222222222222222-01";
const B: &str = "00-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-3333333333333333-01";
const UNSAMPLED: &str = "00-cccccccccccccccccccccccccccccccc-4444444444444444-00";

/// Records this share of the traces that begin here, and sends them nowhere that answers.
fn telemetry(share: f64) -> Telemetry {
    let choice = Choice {
        endpoint: Some("http://127.0.0.1:1".to_owned()),
        sampler: Some(Sampler::parent_based(share)),
        ..Choice::default()
    };
    let settings = Settings::new(&choice, Identity::default(), &|_| None).expect("valid");
    let metrics = Metrics::new();
    let process = Process {
        counts: metrics.telemetry().clone(),
        source: Source::new(Vec::new),
        exemplars: metrics.exemplars().clone(),
    };
    Telemetry::start(&settings, process).expect("no TLS").0
}

fn headers(of: &[(&'static str, &str)]) -> HeaderMap {
    let pairs = of.iter().map(|(name, value)| {
        let value = HeaderValue::from_str(value).expect("a header value");
        (HeaderName::from_static(name), value)
    });
    pairs.collect()
}

fn body(meta: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"_meta":{meta}}}}}"#)
}

fn decide(share: f64, header: Option<&str>, meta: &str) -> Option<Traced> {
    let headers = header.map(|header| ("traceparent", header));
    let headers = self::headers(&headers.into_iter().collect::<Vec<_>>());
    Traced::decide(&telemetry(share), &headers, body(meta).as_bytes())
}

fn meta(parent: &str) -> String {
    format!(r#"{{"traceparent":"{parent}"}}"#)
}

fn context(text: &str) -> Context {
    Context::parse(text.as_bytes()).expect("a traceparent")
}

#[tokio::test]
async fn a_request_without_a_trace_begins_one_or_none() {
    let trace = decide(1.0, None, "{}").expect("all are recorded");
    assert_eq!((trace.parent, trace.link), (None, None));
    assert_eq!(trace.place().parent, trace.http.span);
    assert!(decide(0.0, None, "{}").is_none());
    assert!(decide(0.0, Some("nonsense"), &meta("nonsense")).is_none());
}

#[tokio::test]
async fn the_callers_decision_is_followed() {
    for (header, meta) in [(Some(A), "{}".to_owned()), (None, meta(A))] {
        let trace = decide(0.0, header, &meta).expect("the caller records it");
        assert_eq!(trace.http.trace, context(A).trace);
        assert_eq!(trace.parent, Some(context(A).span));
        assert_eq!(trace.place().parent, trace.http.span);
    }
    assert!(decide(1.0, Some(UNSAMPLED), "{}").is_none());
    assert!(
        decide(1.0, Some(A), &meta(UNSAMPLED)).is_none(),
        "_meta says which"
    );
}

#[tokio::test]
async fn in_one_trace_the_header_is_nearer_to_the_exchange_and_meta_to_the_call() {
    let trace = decide(0.0, Some(A_BELOW), &meta(A)).expect("recorded");
    assert_eq!(trace.parent, Some(context(A_BELOW).span));
    let place = trace.place();
    assert_eq!(
        (place.parent, place.parent_is_remote),
        (context(A).span, true)
    );
    assert_eq!(trace.link, None);
}

#[tokio::test]
async fn of_two_traces_the_one_in_meta_goes_on_and_the_other_is_linked() {
    let trace = decide(0.0, Some(B), &meta(A)).expect("recorded");
    assert_eq!(trace.http.trace, context(A).trace);
    assert_eq!(
        (trace.parent, trace.link),
        (Some(context(A).span), Some(context(B)))
    );
}

#[tokio::test]
async fn the_server_is_told_the_calls_place_and_the_state_that_came_by_header() {
    let headers = headers(&[("traceparent", A), ("tracestate", "v=1")]);
    let body = body(r#"{"own":1}"#);
    let trace = Traced::decide(&telemetry(0.0), &headers, body.as_bytes()).expect("recorded");
    let told = trace.tell(body.as_bytes()).expect("one request");
    let said = traced::said(&told);
    assert_eq!(
        said.parent.as_deref(),
        Some(&*trace.place().own.to_string())
    );
    assert_eq!(said.state.as_deref(), Some("v=1"));
}

#[tokio::test]
async fn a_state_that_is_too_long_is_not_passed_on() {
    for (length, expected) in [(MAX_STATE, true), (MAX_STATE + 1, false)] {
        let state = "s".repeat(length);
        let headers = headers(&[("traceparent", A), ("tracestate", &state)]);
        let trace = Traced::decide(&telemetry(0.0), &headers, body("{}").as_bytes());
        assert_eq!(trace.expect("recorded").state.is_some(), expected);
    }
}

#[tokio::test]
async fn calls_of_a_batch_are_below_the_exchange() {
    let trace = decide(1.0, None, "{}").expect("recorded");
    let (one, other) = (trace.further_place(), trace.further_place());
    assert_eq!(
        (one.parent, one.own.trace),
        (trace.http.span, trace.http.trace)
    );
    assert_ne!(one.own.span, other.own.span);
}

#[tokio::test]
async fn moments_before_and_after_the_decision_are_told_in_order() {
    let before = Instant::now() - std::time::Duration::from_millis(5);
    let trace = decide(1.0, None, "{}").expect("recorded");
    assert!(trace.time(before) < trace.time(Instant::now()));
}

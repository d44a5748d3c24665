//! Log lines as records.

use tracing::field::{Empty, display};
use tracing_subscriber::layer::SubscriberExt as _;

use super::{Scene, place};
use crate::{
    LogLayer, MAX_TEXT, Telemetry,
    collector::{Got, attribute, text},
};

async fn said(said: impl FnOnce()) -> Got {
    let scene = Scene::new().await;
    let layer = LogLayer::default();
    layer.connect(&scene.telemetry);
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        said();
        tracing::info!(target: "tested", "The end");
    });
    let got = scene.until(|got| !got.records.is_empty()).await;
    let last = got.records.back().and_then(|record| record.body.as_ref());
    assert_eq!(last.and_then(text).as_deref(), Some("The end"));
    got
}

#[tokio::test]
async fn a_line_is_a_record_with_its_fields_and_its_level() {
    let error = std::io::Error::other("why not");
    let got = said(|| {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(target: "tested", tries = 3_u64, name = "osv", error, "It failed");
    });
    let got = got.await;
    let record = &got.records[0];
    assert_eq!(text(record.body.as_ref().unwrap()).unwrap(), "It failed");
    assert_eq!(record.severity_text, "WARN");
    let field = |name| attribute(&record.attributes, name).unwrap();
    let fields = [
        field("tries"),
        field("name"),
        field("error"),
        field("target"),
    ];
    assert_eq!(fields, ["3", "osv", "why not", "tested"]);
}

#[tokio::test]
async fn a_line_within_a_recorded_span_has_its_place() {
    let place = place();
    let got = said(|| {
        let span = tracing::info_span!("reconcile", trace_id = Empty, span_id = Empty);
        span.record("trace_id", display(place.trace));
        span.record("span_id", display(place.span));
        let _entered = span.enter();
        let _inner = tracing::info_span!("inner").entered();
        tracing::info!(target: "tested", "Within");
    });
    let got = got.await;
    assert_eq!(got.records[0].trace_id, place.trace.bytes());
    assert_eq!(got.records[0].span_id, place.span.bytes());
    assert!(got.records[1].trace_id.is_empty(), "that line was outside");
}

#[tokio::test]
async fn a_line_that_names_its_place_itself_has_it() {
    let place = place();
    let got = said(|| {
        let (trace, span) = (display(place.trace), display(place.span));
        tracing::info!(target: "tested", trace_id = trace, span_id = span, "Alone");
    });
    let got = got.await;
    assert_eq!(got.records[0].trace_id, place.trace.bytes());
    assert_eq!(
        got.records[0].attributes.len(),
        1,
        "the place is no attribute"
    );
}

#[tokio::test]
async fn long_text_is_cut_and_the_exporters_own_lines_are_not_exported() {
    let long = "ü".repeat(MAX_TEXT);
    let got = said(|| {
        tracing::warn!(target: "hivewright_telemetry::export", "Of the exporter");
        tracing::info!(target: "tested", line = &*long, "Long");
    });
    let got = got.await;
    assert_eq!(got.records.len(), 2);
    let line = attribute(&got.records[0].attributes, "line").unwrap();
    assert_eq!(line.len(), MAX_TEXT);
}

#[test]
fn a_layer_without_a_collector_lets_every_line_pass() {
    let layer = LogLayer::default();
    layer.connect(&Telemetry::default());
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        let _span = tracing::info_span!("s", trace_id = "0", span_id = "0").entered();
        tracing::info!("Nobody hears");
    });
}

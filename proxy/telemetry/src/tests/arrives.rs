//! What is told arrives as it was told.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use opentelemetry_proto::tonic::metrics::v1::{
    exemplar, metric::Data, number_data_point::Value as Number,
};
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts};

use super::{Scene, place};
use crate::{
    Event, Kind, Record, Severity, Span, Status,
    collector::{attribute, text},
};

#[tokio::test]
async fn a_span_arrives_with_its_place_its_times_and_all_that_it_tells() {
    let scene = Scene::with(&[("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=a%20b")]).await;
    let parent = place();
    let own = parent.child();
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    scene.telemetry.spans([Span {
        parent: Some(parent.span),
        parent_is_remote: true,
        state: Some("vendor=1".into()),
        kind: Kind::Server,
        attributes: vec![
            ("mcp.method.name", "tools/call".into()),
            ("size", 7_usize.into()),
        ],
        events: vec![Event {
            name: "sent".into(),
            time: start,
            attributes: vec![("ok", true.into())],
        }],
        status: Status::Error("it broke".into()),
        ..Span::new(own, "tools/call", start, start + Duration::from_nanos(5))
    }]);
    let got = scene.until(|got| !got.spans.is_empty()).await;
    let span = &got.spans[0];
    assert_eq!(span.trace_id, parent.trace.bytes());
    assert_eq!(span.span_id, own.span.bytes());
    assert_eq!(span.parent_span_id, parent.span.bytes());
    assert_eq!((span.flags, span.trace_state.as_str()), (0x301, "vendor=1"));
    assert_eq!(span.name, "tools/call");
    assert_eq!(span.end_time_unix_nano - span.start_time_unix_nano, 5);
    assert_eq!(
        attribute(&span.attributes, "mcp.method.name").unwrap(),
        "tools/call"
    );
    assert_eq!(attribute(&span.attributes, "size").unwrap(), "7");
    assert_eq!(attribute(&span.events[0].attributes, "ok").unwrap(), "true");
    assert_eq!(span.status.as_ref().unwrap().message, "it broke");
    assert_eq!(attribute(&got.resource, "service.name").unwrap(), "tested");
    assert_eq!(got.headers["x-tenant"], "a b");
}

#[tokio::test]
async fn a_record_arrives_with_the_span_that_it_was_said_in() {
    let scene = Scene::new().await;
    let context = place();
    scene.telemetry.log(Record {
        time: SystemTime::now(),
        severity: Severity::Warn,
        event: Some("dev.hivewright.example.v1"),
        body: "said".into(),
        attributes: vec![("share", 0.5.into())],
        context: Some(context),
    });
    let got = scene.until(|got| !got.records.is_empty()).await;
    let record = &got.records[0];
    assert_eq!(text(record.body.as_ref().unwrap()).unwrap(), "said");
    assert_eq!(record.trace_id, context.trace.bytes());
    assert_eq!(record.span_id, context.span.bytes());
    assert_eq!(record.event_name, "dev.hivewright.example.v1");
    assert_eq!(
        (record.severity_number, record.severity_text.as_str()),
        (13, "WARN")
    );
}

#[tokio::test]
async fn what_waits_at_the_end_is_sent() {
    let scene = Scene::new().await;
    let now = SystemTime::now();
    scene
        .telemetry
        .spans((0..3_000).map(|_| Span::new(place(), "late", now, now)));
    scene.running.end().await;
    assert_eq!(scene.collector.got().spans.len(), 3_000);
}

const BOUNDS: &[f64] = &[0.5, 1.0];

#[tokio::test]
async fn metrics_by_otlp_have_the_numbers_of_a_scrape() {
    let scene = Scene::new().await;
    let calls = IntCounterVec::new(Opts::new("calls_total", "Calls"), &["tool"]).unwrap();
    calls.with_label_values(&["a"]).inc_by(3);
    calls.with_label_values(&["b"]).inc_by(4);
    let open = IntGauge::new("open", "Open").unwrap();
    open.set(-2);
    let opts = HistogramOpts::new("time_seconds", "Time").buckets(BOUNDS.to_vec());
    let time = HistogramVec::new(opts, &["tool"]).unwrap();
    for seconds in [0.1, 0.5, 0.7, 3.0] {
        time.with_label_values(&["a"]).observe(seconds);
    }
    scene.registry.register(Box::new(calls)).unwrap();
    scene.registry.register(Box::new(open)).unwrap();
    scene.registry.register(Box::new(time)).unwrap();
    let slow = place();
    let exemplars = scene.exemplars.family("time_seconds", BOUNDS);
    exemplars.record(&[("tool", "a")], 3.0, &slow);
    let scraped = scene.text();
    scene.running.end().await;

    let got = scene.collector.got();
    let sent: BTreeMap<_, _> = got
        .metrics
        .iter()
        .map(|one| (one.name.as_str(), one))
        .collect();
    let Some(Data::Sum(calls)) = &sent["calls_total"].data else {
        panic!("a counter is a sum");
    };
    assert!(calls.is_monotonic);
    for point in &calls.data_points {
        let tool = attribute(&point.attributes, "tool").unwrap();
        let Some(Number::AsDouble(value)) = point.value else {
            panic!("numbers of a registry are doubles");
        };
        let line = format!("calls_total{{tool=\"{tool}\"}} {value}\n");
        assert!(scraped.contains(&line), "{line} in {scraped}");
    }
    let Some(Data::Gauge(open)) = &sent["open"].data else {
        panic!("a gauge is a gauge");
    };
    assert_eq!(open.data_points[0].value, Some(Number::AsDouble(-2.0)));
    let Some(Data::Histogram(time)) = &sent["time_seconds"].data else {
        panic!("a histogram is a histogram");
    };
    let time = &time.data_points[0];
    assert_eq!(sent["time_seconds"].unit, "s");
    assert_eq!((time.count, time.sum), (4, Some(4.3)));
    assert_eq!(time.explicit_bounds, BOUNDS);
    assert_eq!(time.bucket_counts, [2, 1, 1]);
    assert_eq!(time.exemplars[0].trace_id, slow.trace.bytes());
    assert_eq!(
        time.exemplars[0].value,
        Some(exemplar::Value::AsDouble(3.0))
    );
}

#[tokio::test(start_paused = true)]
async fn metrics_go_out_at_their_interval() {
    let scene = Scene::with(&[("OTEL_METRIC_EXPORT_INTERVAL", "5000")]).await;
    let began = tokio::time::Instant::now();
    scene.collector.until(|got| got.requests >= 3).await;
    assert!(
        began.elapsed() >= Duration::from_secs(15),
        "{:?}",
        began.elapsed()
    );
}

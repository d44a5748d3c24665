//! A collector that is dead, slow or picky costs telemetry, and nothing else.

use std::time::SystemTime;

use axum::http::StatusCode;
use tokio::time::Instant;

use super::{Scene, place};
use crate::{FLUSH, Span, collector::Mood};

/// Spans that find a place in the queue.
const ROOM: usize = 16_384;

fn spans(count: usize) -> impl Iterator<Item = Span> {
    let now = SystemTime::now();
    (0..count).map(move |_| Span::new(place(), "lost", now, now))
}

/// Not one await: whoever tells does not even yield.
#[tokio::test]
async fn what_finds_no_place_is_lost_at_once_and_counted() {
    let scene = Scene::new().await;
    scene.collector.becomes(Mood::Hangs);
    scene.telemetry.spans(spans(ROOM + 100));
    let line = r#"hivewright_telemetry_dropped_total{reason="queue_full",signal="traces"} 100"#;
    assert!(
        scene.text().lines().any(|other| other == line),
        "{}",
        scene.text()
    );
}

#[tokio::test]
async fn what_the_collector_refuses_is_counted() {
    let scene = Scene::new().await;
    scene
        .collector
        .becomes(Mood::Fails(StatusCode::UNAUTHORIZED));
    scene.telemetry.spans(spans(7));
    let line = r#"hivewright_telemetry_dropped_total{reason="refused",signal="traces"} 7"#;
    scene.counts(line).await;
}

#[tokio::test]
async fn what_the_collector_takes_in_part_is_counted_in_part() {
    let scene = Scene::new().await;
    scene.collector.becomes(Mood::Rejects(2));
    scene.telemetry.spans(spans(7));
    let rejected = r#"hivewright_telemetry_dropped_total{reason="rejected",signal="traces"} 2"#;
    scene.counts(rejected).await;
    scene
        .counts(r#"hivewright_telemetry_exported_total{signal="traces"} 5"#)
        .await;
}

#[tokio::test]
async fn a_collector_that_comes_back_gets_what_waited() {
    let scene = Scene::new().await;
    scene
        .collector
        .becomes(Mood::Fails(StatusCode::SERVICE_UNAVAILABLE));
    scene.telemetry.spans(spans(7));
    scene.until(|got| got.requests > 0).await;
    scene.collector.becomes(Mood::Takes);
    let got = scene.until(|got| !got.spans.is_empty()).await;
    assert_eq!(got.spans.len(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_collector_that_never_answers_does_not_hold_up_the_end() {
    let scene = Scene::new().await;
    scene.collector.becomes(Mood::Hangs);
    scene.telemetry.spans(spans(5_000));
    let began = Instant::now();
    let registry = scene.registry.clone();
    scene.running.end().await;
    assert!(began.elapsed() <= FLUSH, "{:?}", began.elapsed());
    let text = prometheus::TextEncoder::new().encode_to_string(&registry.gather());
    assert!(
        text.unwrap()
            .contains(r#"reason="shutdown",signal="traces"} "#)
    );
}

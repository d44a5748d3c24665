//! Which process a connection is to when the pod shows another one; no sockets.

use std::sync::Arc;

use hivewright_bridge::hub::HubConfig;
use http::StatusCode;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    backend::{
        Counters,
        pod::{
            fake::{process, running, site},
            gate::Gate,
            station::Stop,
        },
    },
    driver::Bridge,
    fleet::Ordinal,
    metrics::Metrics,
};

const START: &str = "c-1";

/// A worker whose pod runs the process [`START`].
fn worker() -> (Worker, watch::Sender<PodView>) {
    let (site, _) = site(|_| (StatusCode::OK, serde_json::Value::Null));
    let target = site.pod(Ordinal::FIRST);
    let (views, seen) = watch::channel(running("u1", START));
    let metrics = Metrics::new();
    let proxy = CancellationToken::new();
    let station = Station {
        counters: Counters::register(metrics.registry()),
        bridge: Bridge::new(HubConfig::new("test"), metrics),
        gate: Gate::new(target.clone(), proxy.clone()).0,
        target,
        views: seen,
        poke: Arc::default(),
        exclusive: false,
        stop: Stop {
            leave: proxy.child_token(),
            proxy,
        },
    };
    let web = Web {
        kind: Kind::Sse,
        service: "mcp-echo-headless".to_owned(),
        port: 8080,
        path: "/sse".to_owned(),
    };
    let worker = Worker {
        station,
        web,
        retry: Backoff::new(RECONNECT_BASE, RECONNECT_CAP),
        served: None,
        uses: Uses::default(),
    };
    (worker, views)
}

/// Whether the connection is still taken for one to a process that runs, after a minute, and to
/// which.
async fn after_a_minute(worker: &Worker, anew: Option<Instant>) -> (bool, ProcessId) {
    let mut connected = process("u1", START);
    let replaced = worker.replaced(&mut connected, anew);
    let kept = timeout(Duration::from_mins(1), replaced).await.is_err();
    (kept, connected)
}

#[tokio::test(start_paused = true)]
async fn a_connection_made_after_a_loss_is_to_the_process_that_the_pod_shows_next() {
    let (worker, views) = worker();
    let lost = Instant::now();
    views.send_replace(running("u1", "c-2"));
    let (kept, connected) = after_a_minute(&worker, Some(lost)).await;
    assert!(kept, "it is not cut a second time");
    assert_eq!(connected, process("u1", "c-2"));
}

#[tokio::test(start_paused = true)]
async fn the_process_after_that_one_ends_it() {
    let (worker, views) = worker();
    views.send_replace(running("u1", "c-2"));
    let later = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        views.send_replace(running("u1", "c-3"));
    };
    let lost = Some(Instant::now());
    let ((kept, _), ()) = tokio::join!(after_a_minute(&worker, lost), later);
    assert!(!kept);
}

#[tokio::test(start_paused = true)]
async fn the_first_connection_ends_with_its_process_and_so_does_one_made_long_after_a_loss() {
    let (worker, views) = worker();
    let long_ago = Instant::now();
    tokio::time::sleep(STATUS_LAG).await;
    views.send_replace(running("u1", "c-2"));
    for anew in [None, Some(long_ago)] {
        assert!(!after_a_minute(&worker, anew).await.0, "{anew:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_does_not_outlive_its_pod() {
    let (worker, views) = worker();
    views.send_replace(running("u2", START));
    assert!(!after_a_minute(&worker, Some(Instant::now())).await.0);
    views.send_replace(PodView::Absent);
    assert!(!after_a_minute(&worker, Some(Instant::now())).await.0);
}

#[tokio::test(start_paused = true)]
async fn a_status_that_is_behind_for_a_moment_ends_nothing_and_one_that_stays_so_does() {
    let (worker, views) = worker();
    let back = async {
        views.send_replace(running("u1", "c-2"));
        tokio::time::sleep(Duration::from_secs(2)).await;
        views.send_replace(running("u1", START));
    };
    let ((kept, _), ()) = tokio::join!(after_a_minute(&worker, None), back);
    assert!(kept);
    views.send_replace(running("u1", "c-2"));
    let start = Instant::now();
    assert!(!after_a_minute(&worker, None).await.0);
    assert_eq!(start.elapsed(), Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_is_missing_makes_the_count_be_looked_at_again_and_again() {
    let (mut worker, _views) = worker();
    let poke = worker.station.poke.clone();
    for _ in 0..3 {
        let start = Instant::now();
        worker.station.wait(&PodView::Absent, None).await;
        assert_eq!(start.elapsed(), Duration::from_secs(15));
        let poked = timeout(Duration::ZERO, poke.notified()).await;
        assert!(poked.is_ok());
    }
}

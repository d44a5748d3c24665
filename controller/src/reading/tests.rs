//! The endpoints over a journal, behind a gate whose cluster knows one reader of one namespace.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use axum::routing::post;
use futures::StreamExt as _;
use hivewright_core::{Event, Story, status};
use jiff::{SignedDuration, Timestamp};
use kube::client::ClientBuilder;
use serde_json::{Value, json};
use sse_stream::SseStream;
use tempfile::TempDir;
use tokio::time::timeout;
use tower::ServiceExt as _;

use super::*;
use crate::journal::{Pass, Store};
use crate::key::Key;

const BATCH: &str = "application/cloudevents-batch+json";
const STREAM: &str = "text/event-stream";

/// A controller that leads and has a journal.
struct Desk {
    directory: TempDir,
    store: Store,
    newest: watch::Sender<u64>,
    metrics: Metrics,
    stop: CancellationToken,
    now: Timestamp,
    revoked: Arc<AtomicBool>,
}

impl Desk {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let metrics = Metrics::new();
        metrics.leads(true);
        Self {
            store: Store::open(&directory.path().join("journal.db")).unwrap(),
            directory,
            newest: watch::channel(0).0,
            metrics,
            stop: CancellationToken::new(),
            now: "2026-11-23T12:00:00Z".parse().unwrap(),
            revoked: Arc::default(),
        }
    }

    fn router(&self) -> Router {
        let journal = Journal {
            path: self.directory.path().join("journal.db"),
            newest: self.newest.subscribe(),
        };
        self.over(Some(journal))
    }

    fn over(&self, journal: Option<Journal>) -> Router {
        let (metrics, stop) = (self.metrics.clone(), self.stop.clone());
        let gate = gate(&self.revoked);
        Reading::new(gate, journal, metrics, stop).router()
    }

    /// The generation of a server rises, a second later.
    fn tell(&mut self, namespace: &str, name: &str, events: &[Event]) {
        self.now += SignedDuration::from_secs(1);
        let server = Key::new(namespace, name);
        let path = self.directory.path().join("journal.db");
        let reader = crate::journal::Reader::open(&path).unwrap();
        let before = reader.server_at(&server, None).unwrap();
        let before = before.and_then(|known| known.status);
        let mut after = before.clone().unwrap_or_default();
        status::fold_all(&mut after, events, self.now);
        let pass = Pass {
            server,
            uid: "1".to_owned(),
            before,
            after: Some(after),
            events: events.to_vec(),
            at: self.now,
            traceparent: None,
        };
        self.store.append(&[pass.into()]).unwrap();
        self.newest.send_replace(reader.newest().unwrap());
    }
}

/// `ann` may read the namespace `team`, until that is revoked.
fn gate(revoked: &Arc<AtomicBool>) -> Gate {
    let revoked = Arc::clone(revoked);
    let token = async |Json(review): Json<Value>| {
        let known = review["spec"]["token"] == "ann" && review["spec"]["audiences"].is_null();
        let status = json!({ "authenticated": known, "user": { "username": "ann" } });
        Json(json!({ "spec": {}, "status": status }))
    };
    let right = async move |Json(review): Json<Value>| {
        let of = &review["spec"]["resourceAttributes"]["namespace"];
        let allowed = *of == "team" && !revoked.load(Ordering::Relaxed);
        Json(json!({ "spec": {}, "status": { "allowed": allowed } }))
    };
    let cluster = Router::new()
        .route("/apis/authentication.k8s.io/v1/tokenreviews", post(token))
        .route(
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            post(right),
        );
    Gate::new(ClientBuilder::new(cluster, "default").build())
}

async fn ask(router: &Router, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
    let mut request = Request::get(path).header(header::AUTHORIZATION, "Bearer ann");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    router.clone().oneshot(request).await.unwrap()
}

async fn json_of(answer: Response<Body>) -> Value {
    let text = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn sequences(batch: &Value) -> Vec<u64> {
    let number = |event: &Value| event["sequence"].as_str().unwrap().parse().unwrap();
    batch.as_array().unwrap().iter().map(number).collect()
}

#[tokio::test]
async fn a_batch_is_cloud_events_and_links_to_the_next() {
    let mut desk = Desk::new();
    for generation in 1..=5 {
        desk.tell("team", "osv", &[Event::GenerationObserved(generation)]);
        desk.tell("other", "osv", &[Event::GenerationObserved(generation)]);
    }
    let router = desk.router();
    let mut path = "/events?subject=team/osv&limit=2".to_owned();
    let mut seen = Vec::new();
    loop {
        let answer = ask(&router, &path, &[]).await;
        assert_eq!(answer.headers()[header::CONTENT_TYPE], BATCH);
        let link = answer.headers().get(header::LINK).cloned();
        let batch = json_of(answer).await;
        assert_eq!(batch[0]["specversion"], "1.0");
        assert_eq!(batch[0]["subject"], "team/osv");
        seen.extend(sequences(&batch));
        let Some(link) = link else { break };
        let link = link.to_str().unwrap();
        path = link[1..link.find('>').unwrap()].to_owned();
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    let since = desk.now - SignedDuration::from_secs(3);
    let path = format!("/events?namespace=team&since={since}&limit=10");
    let late = json_of(ask(&router, &path, &[]).await).await;
    assert_eq!(sequences(&late), [4, 5]);
}

#[tokio::test]
async fn nobody_reads_what_the_cluster_does_not_let_them_read() {
    let mut desk = Desk::new();
    desk.tell("other", "osv", &[Event::Accepted]);
    let router = desk.router();
    let mut answers = Vec::new();
    for path in [
        "/events",
        "/events?subject=other/osv",
        "/events?subject=other/osv&follow=true",
        "/state",
        "/state?namespace=other",
        "/why?subject=other/osv",
    ] {
        let stranger = Request::get(path).body(Body::empty()).unwrap();
        let stranger = router.clone().oneshot(stranger).await.unwrap();
        assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert!(stranger.headers().contains_key(header::WWW_AUTHENTICATE));
        let ann = ask(&router, path, &[]).await;
        assert_eq!(ann.status(), StatusCode::FORBIDDEN, "{path}");
        answers.push(json_of(ann).await.to_string());
    }
    assert!(
        answers
            .iter()
            .all(|answer| !answer.contains("dev.hivewright"))
    );
    // What is not there reads as what is not allowed, unless one may look.
    let there = ask(&router, "/why?subject=other/nothing", &[]).await;
    assert_eq!(there.status(), StatusCode::FORBIDDEN);
    let here = ask(&router, "/why?subject=team/nothing", &[]).await;
    assert_eq!(here.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_stream_begins_with_the_past_goes_on_and_is_resumed() {
    let mut desk = Desk::new();
    for generation in 1..=3 {
        desk.tell("team", "osv", &[Event::GenerationObserved(generation)]);
    }
    let router = desk.router();
    let path = "/events?subject=team/osv&newest=true&limit=2";
    let answer = ask(&router, path, &[("accept", STREAM)]).await;
    assert_eq!(answer.headers()[header::CONTENT_TYPE], STREAM);
    let mut stream = SseStream::new(answer.into_body());
    let mut ids = Vec::new();
    for expected in [2, 3] {
        let sent = stream.next().await.unwrap().unwrap();
        let event: Value = serde_json::from_str(&sent.data.unwrap()).unwrap();
        assert_eq!(sequences(&json!([event])), [expected]);
        ids.push(sent.id.unwrap());
    }
    desk.tell("other", "osv", &[Event::Accepted]);
    desk.tell("team", "osv", &[Event::Accepted]);
    let sent = stream.next().await.unwrap().unwrap();
    assert!(sent.data.unwrap().contains("spec.accepted"));
    drop(stream);
    // As after a lost connection.
    let headers = [("accept", STREAM), ("last-event-id", ids[0].as_str())];
    let mut resumed = SseStream::new(ask(&router, path, &headers).await.into_body());
    let mut missed = Vec::new();
    for _ in 0..2 {
        missed.push(resumed.next().await.unwrap().unwrap().id.unwrap());
    }
    assert_eq!(missed[0], ids[1]);
    let wrong = ask(&router, path, &[("accept", STREAM), ("last-event-id", "x")]).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_stream_ends_when_the_controller_stops_or_no_longer_leads() {
    let mut desk = Desk::new();
    desk.tell("team", "osv", &[Event::Accepted]);
    let path = "/events?subject=team/osv&follow=true";
    let router = desk.router();
    let mut stopped = SseStream::new(ask(&router, path, &[]).await.into_body());
    let mut deposed = SseStream::new(ask(&router, path, &[]).await.into_body());
    for stream in [&mut stopped, &mut deposed] {
        stream.next().await.unwrap().unwrap();
    }
    desk.metrics.leads(false);
    desk.newest.send_modify(|row| *row += 1);
    assert!(deposed.next().await.is_none());
    let late = ask(&router, path, &[]).await;
    assert_eq!(late.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(json_of(late).await["reason"], NOT_LEADING);
    desk.stop.cancel();
    assert!(stopped.next().await.is_none());
}

#[tokio::test]
async fn streams_past_the_bound_are_told_to_come_again() {
    let mut desk = Desk::new();
    desk.tell("team", "osv", &[Event::Accepted]);
    let router = desk.router();
    let path = "/events?namespace=team&follow=true";
    let mut open = Vec::new();
    for _ in 0..MOST_STREAMS {
        open.push(ask(&router, path, &[]).await);
    }
    assert!(open.iter().all(|answer| answer.status() == StatusCode::OK));
    let one_more = ask(&router, path, &[]).await;
    assert_eq!(json_of(one_more).await["reason"], "busy");
    // One that goes makes room, though it was never read.
    open.pop();
    assert_eq!(ask(&router, path, &[]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_reader_who_may_no_longer_read_is_cut_off() {
    let mut desk = Desk::new();
    desk.tell("team", "osv", &[Event::Accepted]);
    let path = "/events?subject=team/osv&follow=true";
    let answer = ask(&desk.router(), path, &[]).await;
    let mut stream = SseStream::new(answer.into_body());
    stream.next().await.unwrap().unwrap();
    tokio::time::pause();
    let looked = timeout(2 * RECHECK, stream.next()).await;
    assert!(
        !matches!(looked, Ok(None)),
        "still allowed at the next look"
    );
    desk.revoked.store(true, Ordering::Relaxed);
    let cut = async { while stream.next().await.is_some() {} };
    timeout(2 * RECHECK, cut).await.unwrap();
}

#[tokio::test]
async fn the_state_is_that_of_its_time_and_those_that_are_gone_are_left_out() {
    let mut desk = Desk::new();
    desk.tell(
        "team",
        "osv",
        &[Event::GenerationObserved(1), Event::Accepted],
    );
    let then = desk.now;
    let waits = Event::Backend(Story::Handshaking.into());
    desk.tell("team", "osv", &[waits]);
    desk.tell("team", "later", &[Event::Accepted]);
    let router = desk.router();
    let now = json_of(ask(&router, "/state?namespace=team", &[]).await).await;
    let subjects = |states: &Value| -> Vec<String> {
        let all = states["servers"].as_array().unwrap().iter();
        all.map(|state| state["subject"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(subjects(&now), ["team/later", "team/osv"]);
    assert_eq!(
        now["servers"][1]["status"]["backend"]["state"],
        "Handshaking"
    );
    let path = format!("/state?namespace=team&at={then}");
    let before = json_of(ask(&router, &path, &[]).await).await;
    assert_eq!(subjects(&before), ["team/osv"]);
    assert_eq!(
        before["servers"][0]["status"]["backend"]["state"],
        "NotCreated"
    );
    assert_eq!(before["servers"][0]["sequence"], 2);
}

#[tokio::test]
async fn why_is_one_paragraph_with_its_parts() {
    let mut desk = Desk::new();
    desk.tell(
        "team",
        "osv",
        &[Event::GenerationObserved(1), Event::Accepted],
    );
    let router = desk.router();
    let why = json_of(ask(&router, "/why?subject=team/osv", &[]).await).await;
    assert_eq!(
        (&why["subject"], &why["verdict"]),
        (&json!("team/osv"), &json!("Waiting"))
    );
    let paragraph = why["paragraph"].as_str().unwrap();
    assert!(
        paragraph.starts_with("team/osv is not ready yet"),
        "{paragraph}"
    );
}

#[tokio::test]
async fn without_a_journal_it_is_said_how_to_get_one() {
    let desk = Desk::new();
    let none = ask(&desk.over(None), "/events?namespace=team", &[]).await;
    assert_eq!(none.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(json_of(none).await["reason"], "no_journal");
    let lost = desk.router();
    drop(desk.store);
    std::fs::remove_file(desk.directory.path().join("journal.db")).unwrap();
    let lost = ask(&lost, "/state?namespace=team", &[]).await;
    assert_eq!(json_of(lost).await["reason"], "unreadable");
}

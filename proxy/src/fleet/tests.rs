mod pool;

use bytes::Bytes;
use hivewright_bridge::io::{FromClient, SessionId};
use serde_json::json;

use super::*;
use crate::driver::{ClientStream, StreamItem};

/// A fleet whose pods are all initialised.
fn fleet(size: usize) -> (Fleet, tokio_util::sync::DropGuard) {
    let ending = CancellationToken::new();
    let fleet = Fleet::new(HubConfig::new("test"), Metrics::new(), size, ending.clone());
    Ordinal::below(size).for_each(|pod| serve(fleet.bridge(pod)));
    (fleet, ending.drop_guard())
}

/// A legacy server that answers `initialize` and nothing else.
fn serve(bridge: &Bridge) {
    let mut queue = bridge.server_up();
    let bridge = bridge.clone();
    tokio::spawn(async move {
        while let Some(line) = queue.recv().await {
            let request: serde_json::Value = serde_json::from_slice(&line).expect("JSON");
            if request["method"] == "server/discover" {
                let error = json!({ "code": -32601, "message": "unknown method" });
                let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "error": error });
                bridge.server_line(Bytes::from(answer.to_string()));
            } else if request["method"] == "initialize" {
                let result = json!({
                    "protocolVersion": "2025-11-25", "capabilities": {},
                    "serverInfo": { "name": "s", "version": "1" },
                });
                let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "result": result });
                bridge.server_line(Bytes::from(answer.to_string()));
            }
        }
    });
}

fn initialize_body() -> Bytes {
    let params = json!({
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "c", "version": "1" },
    });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
    Bytes::from(body.to_string())
}

fn initialize(fleet: &Fleet) -> (SessionId, ClientStream) {
    let body = initialize_body();
    let input = |session, stream| FromClient::Open {
        session,
        stream,
        body,
    };
    fleet
        .open(StreamKind::Answer, input)
        .expect("there are pods")
}

async fn session(fleet: &Fleet) -> SessionId {
    let (session, mut stream) = initialize(fleet);
    let opened = stream.next().await;
    assert!(matches!(opened, Some(StreamItem::Opened(_))), "{opened:?}");
    session
}

fn pod_of(session: &str) -> usize {
    Ordinal::of(session).expect("an id of ours").index()
}

async fn all_up(fleet: &Fleet) {
    for (_, bridge) in fleet.bridges() {
        let mut status = bridge.status();
        let up = status.wait_for(|health| matches!(health, ServerHealth::Initialized(_)));
        let up = tokio::time::timeout(crate::driver::CLOCK_STALE, up).await;
        up.expect("in time").expect("the bridge lives");
    }
}

#[tokio::test]
async fn new_sessions_go_to_the_initialised_pod_with_the_fewest() {
    let (fleet, _ending) = fleet(3);
    all_up(&fleet).await;
    let mut pods = Vec::new();
    for _ in 0..6 {
        pods.push(pod_of(&session(&fleet).await));
    }
    assert_eq!(pods, [0, 1, 2, 0, 1, 2]);
    assert_eq!(fleet.health().label(), "initialized");

    fleet
        .bridge(Ordinal::FIRST)
        .server_down(Loss::ProcessExited);
    for _ in 0..4 {
        assert_ne!(pod_of(&session(&fleet).await), 0, "its server is lost");
    }
    let sessions: Vec<usize> = fleet.gauges().pods.iter().map(|pod| pod.sessions).collect();
    assert_eq!(sessions, [2, 4, 4], "those of the lost server stay");
    assert_eq!(
        fleet.health().label(),
        "initialized",
        "of those that are up"
    );
}

#[tokio::test]
async fn while_no_pod_is_initialised_clients_wait_where_the_handshake_is_nearest() {
    let ending = CancellationToken::new();
    let fleet = Fleet::new(HubConfig::new("test"), Metrics::new(), 3, ending);
    let handshaking = Ordinal::below(3).nth(1).expect("three pods");
    let queue = fleet.bridge(handshaking).server_up();
    let (waiting, _stream) = initialize(&fleet);
    assert_eq!(pod_of(&waiting), 1);
    drop(queue);
}

/// An `initialize` as the door opens it.
async fn open_first(fleet: &Fleet) -> ClientStream {
    let body = initialize_body();
    let input = |session, stream| FromClient::Open {
        session,
        stream,
        body: body.clone(),
    };
    let opened = fleet.open_first(StreamKind::Answer, input).await;
    opened.expect("there are pods")
}

/// Lets a client get there; it takes a few turns of its task.
async fn waits_at(fleet: &Fleet, pod: Ordinal) {
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(fleet.bridge(pod).clients(), 1, "it waits there");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_waits_for_a_handshake_is_served_by_the_pod_that_is_initialised_first() {
    let ending = CancellationToken::new();
    let fleet = Fleet::new(HubConfig::new("test"), Metrics::new(), 3, ending.clone());
    let slow = Ordinal::below(2).last().expect("two pods");
    let _queue = fleet.bridge(slow).server_up();
    let waits = tokio::spawn({
        let fleet = fleet.clone();
        async move { open_first(&fleet).await.next().await }
    });
    waits_at(&fleet, slow).await;
    let start = tokio::time::Instant::now();
    serve(fleet.bridge(Ordinal::below(3).last().expect("three pods")));
    let opened = waits.await.expect("no panic");
    let Some(StreamItem::Opened(session)) = opened else {
        panic!("{opened:?}")
    };
    assert_eq!(pod_of(&session), 2);
    assert_eq!(start.elapsed().as_millis(), 0, "at once");
    assert_eq!(fleet.bridge(slow).clients(), 0, "it waits nowhere else");
    ending.cancel();
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_is_added_meanwhile_serves_those_who_wait_too() {
    let ending = CancellationToken::new();
    let fleet = Fleet::new(HubConfig::new("test"), Metrics::new(), 1, ending.clone());
    let waits = tokio::spawn({
        let fleet = fleet.clone();
        async move { open_first(&fleet).await.next().await }
    });
    waits_at(&fleet, Ordinal::FIRST).await;
    fleet.resize(2);
    serve(fleet.bridge(Ordinal::below(2).last().expect("two pods")));
    let opened = waits.await.expect("no panic");
    assert!(matches!(opened, Some(StreamItem::Opened(_))), "{opened:?}");
    ending.cancel();
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_has_its_answer_is_not_taken_back() {
    let (fleet, _ending) = fleet(1);
    all_up(&fleet).await;
    let (_, stream) = initialize(&fleet);
    let mut stream = stream.withdraw().expect_err("it does not wait");
    let opened = stream.next().await;
    assert!(matches!(opened, Some(StreamItem::Opened(_))), "{opened:?}");
    assert_eq!(fleet.bridge(Ordinal::FIRST).clients(), 1);
}

#[tokio::test]
async fn a_session_is_found_by_its_id_alone_and_a_forged_digit_finds_nothing() {
    let (fleet, _ending) = fleet(2);
    all_up(&fleet).await;
    let session = session(&fleet).await;
    let known = |session: &str| {
        let bridge = fleet.of(session).ok()?;
        let shown = bridge.snapshot().sessions;
        Some(shown.iter().any(|one| session.starts_with(&one.id_prefix)))
    };
    assert_eq!(known(&session), Some(true));
    let random = &session[..session.len() - 1];
    assert_eq!(known(&format!("{random}1")), Some(false));
    assert_eq!(
        known(&format!("{random}9")),
        None,
        "there never was such a pod"
    );
    assert_eq!(known(&format!("{random}x")), None);
    assert_eq!(known(""), None);
}

#[tokio::test]
async fn a_pod_that_is_taken_away_takes_its_sessions_along_and_the_others_stay() {
    let (fleet, _ending) = fleet(2);
    all_up(&fleet).await;
    let (first, second) = (session(&fleet).await, session(&fleet).await);
    assert_eq!((pod_of(&first), pod_of(&second)), (0, 1));
    fleet.resize(1);
    let gauges = fleet.gauges();
    assert_eq!((gauges.pods.len(), gauges.sum.hub.sessions), (1, 1));
    let retired = fleet.of(&second).expect("its bridge is remembered");
    assert_eq!(retired.snapshot().sessions, []);
    assert_eq!(pod_of(&session(&fleet).await), 0);

    fleet.resize(2);
    serve(fleet.bridge(Ordinal::below(2).last().expect("two pods")));
    all_up(&fleet).await;
    let again = fleet.of(&second).expect("its bridge is remembered");
    assert_eq!(
        again.snapshot().sessions,
        [],
        "a new pod knows no old session"
    );
    assert_eq!(pod_of(&session(&fleet).await), 1, "it has the fewest");
}

#[tokio::test]
async fn without_pods_no_session_is_opened_and_the_bound_holds() {
    let (fleet, _ending) = fleet(0);
    let input = |session, stream| FromClient::OpenSse { session, stream };
    let refused = fleet.open(StreamKind::Sse, input);
    assert!(matches!(refused, Err(NotOpened::NoPods)), "{refused:?}");
    assert_eq!(fleet.health().label(), "failed");
    fleet.resize(MAX_PODS + 1);
    assert_eq!(fleet.size(), MAX_PODS);
}

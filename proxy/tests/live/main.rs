//! The live configuration, followed through an API server in this process.

use std::{collections::VecDeque, convert::Infallible, sync::Arc};

use axum::{
    Json, Router,
    body::Body,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::StreamExt;
use hivewright_api::proxy_config::{EgressRules, LiveConfig};
use hivewright_proxy::live;
use http::StatusCode;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc, watch},
};
use tokio_util::sync::CancellationToken;

/// The ConfigMap at the start, and the events that follow.
#[derive(Clone)]
struct Api {
    first: Value,
    /// Of each watch, in turn.
    events: Arc<Mutex<VecDeque<mpsc::UnboundedReceiver<Value>>>>,
    /// Told of each watch: all events of the one before have been read then.
    watched: Arc<Notify>,
}

fn map(version: u32, live: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": { "name": "echo-proxy", "namespace": "tools", "resourceVersion": version.to_string() },
        "data": { "proxy.json": "{}", "live.json": live },
    })
}

fn pods(replicas: u16) -> String {
    format!(r#"{{"replicas":{replicas},"keepScale":true}}"#)
}

async fn maps(State(api): State<Api>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    if !query.contains("fieldSelector=metadata.name%3Decho-proxy") {
        return StatusCode::FORBIDDEN.into_response();
    }
    if !query.contains("watch=true") {
        let list = json!({
            "apiVersion": "v1", "kind": "ConfigMapList",
            "metadata": { "resourceVersion": "1" }, "items": [api.first],
        });
        return Json(list).into_response();
    }
    api.watched.notify_one();
    let Some(events) = api.events.lock().pop_front() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let lines = futures::stream::unfold(events, |mut events| async {
        let event = events.recv().await?;
        Some((format!("{event}\n"), events))
    });
    let body = Body::from_stream(lines.map(Ok::<_, Infallible>));
    ([("content-type", "application/json")], body).into_response()
}

async fn until(live: &mut watch::Receiver<LiveConfig>, replicas: u16) {
    let seen = live.wait_for(|live| live.replicas == replicas);
    patient(seen).await.expect("it is followed");
}

/// Bounds a wait; reached only by a failure.
async fn patient<T>(wait: impl Future<Output = T>) -> T {
    let limit = hivewright_proxy::driver::CLOCK_STALE;
    tokio::time::timeout(limit, wait).await.expect("in time")
}

#[tokio::test]
async fn good_documents_are_followed_and_bad_ones_leave_the_last_good_one() {
    let (first, events) = mpsc::unbounded_channel();
    let (second, later) = mpsc::unbounded_channel();
    let watched = Arc::new(Notify::new());
    let api = Api {
        first: map(1, &pods(2)),
        events: Arc::new(Mutex::new([events, later].into())),
        watched: watched.clone(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new()
        .route("/api/v1/namespaces/tools/configmaps", get(maps))
        .with_state(api);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let config = kube::Config::new(url.parse().expect("a URL"));
    let client = kube::Client::try_from(config).expect("a client");
    let mounted = LiveConfig {
        replicas: 1,
        keep_scale: true,
        warm: None,
        egress: EgressRules::default(),
    };
    let (out, mut live) = watch::channel(mounted);
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    let following =
        tokio::spawn(async move { live::follow(client, ("tools", "echo-proxy"), out, stop).await });
    until(&mut live, 2).await;

    patient(watched.notified()).await;
    let event = |kind: &str, object: Value| json!({ "type": kind, "object": object });
    let say = |event| first.send(event).expect("it is watched");
    say(event("MODIFIED", map(2, &pods(3))));
    until(&mut live, 3).await;
    for (version, bad) in [(3, "no JSON"), (4, &pods(99))] {
        say(event("MODIFIED", map(version, bad)));
    }
    say(event("DELETED", map(5, &pods(5))));
    drop(first);
    patient(watched.notified()).await;
    assert_eq!(live.borrow().replicas, 3, "the last good one");
    let again = event("ADDED", map(6, &pods(4)));
    second.send(again).expect("it is watched again");
    until(&mut live, 4).await;
    shutdown.cancel();
    patient(following).await.expect("it does not panic");
}

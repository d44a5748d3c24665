//! The live configuration, followed through an API server in this process.

use std::{convert::Infallible, sync::Arc};

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
use tokio::{net::TcpListener, sync::mpsc, sync::watch};
use tokio_util::sync::CancellationToken;

/// The ConfigMap at the start, and the events that follow.
#[derive(Clone)]
struct Api {
    first: Value,
    events: Arc<Mutex<Option<mpsc::UnboundedReceiver<Value>>>>,
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
    let Some(events) = api.events.lock().take() else {
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
    let (send, events) = mpsc::unbounded_channel();
    let api = Api {
        first: map(1, &pods(2)),
        events: Arc::new(Mutex::new(Some(events))),
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
        egress: EgressRules::default(),
    };
    let (out, mut live) = watch::channel(mounted);
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    let following =
        tokio::spawn(async move { live::follow(client, ("tools", "echo-proxy"), out, stop).await });
    until(&mut live, 2).await;

    let say = |kind: &str, object: Value| {
        let event = json!({ "type": kind, "object": object });
        send.send(event).expect("it is watched");
    };
    say("MODIFIED", map(2, &pods(3)));
    until(&mut live, 3).await;
    say("MODIFIED", map(3, "no JSON"));
    say("MODIFIED", map(4, &pods(99)));
    say("DELETED", map(5, &pods(5)));
    say("ADDED", map(6, &pods(4)));
    // Everything before was read by then, in order.
    let mut seen = vec![live.borrow_and_update().replicas];
    let fourth = async {
        while live.borrow().replicas != 4 {
            live.changed().await.expect("it is followed");
            seen.push(live.borrow_and_update().replicas);
        }
    };
    patient(fourth).await;
    assert_eq!(seen, [3, 4]);
    shutdown.cancel();
    patient(following).await.expect("it does not panic");
}

//! A bridge with its doors, a scripted server behind it, and clients in front.

mod events;
mod requests;
pub(crate) mod server;
mod wire;

use axum::{Router, body::Body, http::Request, response::Response};
use bytes::Bytes;
use hivewright_bridge::hub::HubConfig;
use hivewright_proxy::{
    driver::Bridge,
    exchange::Scribe,
    fleet::{Fleet, Ordinal},
    http::{Guard, scribed_router},
    metrics::Metrics,
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt;

use crate::watchdog::Watchdog;

pub(crate) use self::{
    events::{Event, Events},
    requests::*,
    wire::{Listening, connect},
};

/// The proxy without sockets.
pub(crate) struct World {
    pub(crate) fleet: Fleet,
    /// The bridge of the first pod.
    pub(crate) bridge: Bridge,
    pub(crate) router: Router,
    _clock: DropGuard,
    _watchdog: Watchdog,
}

impl World {
    /// Doors without a server behind them.
    pub(crate) fn without_server() -> Self {
        Self::of_pods(1)
    }

    /// Doors in front of so many pods without servers.
    pub(crate) fn of_pods(pods: usize) -> Self {
        Self::scribed(pods, |_| Scribe::default())
    }

    /// As [`World::of_pods`], of which a scribe writes down what happens.
    pub(crate) fn scribed(pods: usize, scribe: impl FnOnce(&Fleet) -> Scribe) -> Self {
        let stop = CancellationToken::new();
        let config = HubConfig::new("0.0.0-test");
        let fleet = Fleet::new(config, Metrics::new(), pods, stop.clone());
        let guard = Guard::new(Vec::new(), vec!["https://app.example.com".to_owned()]);
        let guard = guard.with_service("fetch", "team-a");
        let router = scribed_router(fleet.clone(), guard, scribe(&fleet));
        Self {
            bridge: fleet.bridge(Ordinal::FIRST).clone(),
            fleet,
            router,
            _clock: stop.drop_guard(),
            _watchdog: Watchdog::start(),
        }
    }

    /// Doors with the scripted server behind them.
    pub(crate) fn new() -> Self {
        let world = Self::without_server();
        server::start(&world.bridge);
        world
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response {
        self.router
            .clone()
            .oneshot(request)
            .await
            .expect("the router answers everything")
    }

    /// Sends and reads a JSON answer.
    pub(crate) async fn ask(&self, request: Request<Body>) -> (u16, Value) {
        let response = self.send(request).await;
        (response.status().as_u16(), json_of(response).await)
    }

    /// Opens a Streamable HTTP session and gives its id.
    pub(crate) async fn session(&self) -> String {
        self.session_as("2025-11-25").await
    }

    pub(crate) async fn session_as(&self, revision: &str) -> String {
        let response = self.send(post(None, initialize_as(revision))).await;
        assert_eq!(response.status(), 200);
        let session = response.headers()["mcp-session-id"]
            .to_str()
            .expect("ASCII")
            .to_owned();
        let answer = json_of(response).await;
        assert_eq!(answer["result"]["protocolVersion"], revision);
        let accepted = self.send(post(Some(&session), initialized())).await;
        assert_eq!(accepted.status(), 202);
        session
    }

    /// The text of `/metrics`.
    pub(crate) fn scrape(&self) -> String {
        self.fleet
            .metrics()
            .scrape(&self.fleet.gauges())
            .expect("metrics can be written")
    }
}

pub(crate) async fn bytes_of(response: Response) -> Bytes {
    response
        .into_body()
        .collect()
        .await
        .expect("the body does not break")
        .to_bytes()
}

/// The JSON body, or null if the body is empty.
pub(crate) async fn json_of(response: Response) -> Value {
    let bytes = bytes_of(response).await;
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(&bytes).expect("JSON")
}

/// What `echo` answers to these arguments.
pub(crate) fn echoed(id: &Value, arguments: &Value) -> Value {
    let content = json!([{ "type": "text", "text": arguments.to_string() }]);
    json!({ "jsonrpc": "2.0", "id": id, "result": { "content": content } })
}

/// Bytes as text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves
        .filter_map(|half| char::from_digit(half.into(), 16))
        .collect()
}

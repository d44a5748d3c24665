//! 2025-03-26 to 2025-11-25: Streamable HTTP in a session.

use axum::{body::Body, http::Request, response::Response};
use serde_json::{Value, json};

use super::{
    Exchange,
    answers::{initialize, reply},
    events::{Messages, messages},
};
use crate::{revision::Revision, world::World};

/// A session.
pub(crate) struct Session {
    revision: Revision,
    id: Option<String>,
    ids: u64,
}

impl Session {
    pub(super) async fn open(world: &World, revision: Revision) -> (Self, Value) {
        let mut client = Self {
            revision,
            id: None,
            ids: 0,
        };
        let params = initialize(revision);
        let message =
            json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
        let response = client.post(world, &message).await;
        assert_eq!(response.status(), 200);
        let id = response.headers().get("mcp-session-id");
        let id = id.expect("a session").to_str().expect("ASCII");
        client.id = Some(id.to_owned());
        let answer = messages(response).await.next().await;
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        client.note(world, &initialized).await;
        (client, answer)
    }

    async fn post(&self, world: &World, message: &Value) -> Response {
        let mut post = Request::post("/mcp")
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        if let Some(id) = &self.id {
            post = post.header("mcp-session-id", id);
            if self.revision.has_version_header() {
                post = post.header("mcp-protocol-version", self.revision.name());
            }
        }
        let post = post.body(Body::from(message.to_string()));
        world.send(post.expect("a request")).await
    }

    /// Sends what is not answered.
    async fn note(&self, world: &World, message: &Value) {
        let response = self.post(world, message).await;
        assert_eq!(response.status(), 202, "{message}");
    }

    async fn start(&mut self, world: &World, method: &str, params: Value) -> Messages {
        self.ids += 1;
        let message =
            json!({ "jsonrpc": "2.0", "id": self.ids, "method": method, "params": params });
        let response = self.post(world, &message).await;
        assert_eq!(response.status(), 200, "{message}");
        messages(response).await
    }

    pub(super) async fn request(&mut self, world: &World, method: &str, params: Value) -> Exchange {
        let mut stream = self.start(world, method, params).await;
        let mut exchange = Exchange::default();
        loop {
            let message = stream.next().await;
            let asked = message["method"].as_str().map(str::to_owned);
            match (asked, message.get("id")) {
                (Some(asked), Some(ask)) => {
                    let answer = json!({ "jsonrpc": "2.0", "id": ask, "result": reply(&asked) });
                    self.note(world, &answer).await;
                    exchange.asked.push(asked);
                }
                (Some(_), None) => exchange.notes.push(message),
                (None, _) => {
                    assert_eq!(message["id"], self.ids, "{message}");
                    exchange.answer = message;
                    return exchange;
                }
            }
        }
    }

    pub(super) async fn cancel(&mut self, world: &World, method: &str, params: Value) {
        let mut stream = self.start(world, method, params).await;
        let note = stream.next().await;
        assert_eq!(note["method"], "notifications/progress", "{note}");
        let params = json!({ "requestId": self.ids, "reason": "enough" });
        let cancelled =
            json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params });
        self.note(world, &cancelled).await;
    }
}

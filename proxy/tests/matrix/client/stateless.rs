//! 2026-07-28: every request says everything.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use super::{
    Exchange,
    answers::{capabilities, reply},
    events::{Messages, messages},
};
use crate::{revision::Revision, world::World};

/// Rounds of one call: a server that asks more often does not make progress.
const ROUNDS: usize = 4;

/// The client's memory: which ids it has used.
#[derive(Default)]
pub(crate) struct Stateless {
    ids: std::cell::Cell<u64>,
}

impl Stateless {
    pub(super) async fn discover(&self, world: &World) -> Value {
        let mut stream = self.start(world, "server/discover", json!({})).await;
        stream.next().await
    }

    async fn start(&self, world: &World, method: &str, mut params: Value) -> Messages {
        let revision = Revision::V2026_07_28;
        self.ids.set(self.ids.get() + 1);
        if params["_meta"].is_null() {
            params["_meta"] = json!({});
        }
        let about = [
            ("protocolVersion", json!(revision.name())),
            ("clientInfo", json!({ "name": "raw", "version": "1" })),
            ("clientCapabilities", capabilities(revision)),
        ];
        for (key, value) in about {
            params["_meta"][format!("io.modelcontextprotocol/{key}")] = value;
        }
        let message =
            json!({ "jsonrpc": "2.0", "id": self.ids.get(), "method": method, "params": params });
        let mut post = Request::post("/mcp")
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", revision.name())
            .header("mcp-method", method);
        if let Some(name) = params["name"].as_str() {
            post = post.header("mcp-name", name);
        }
        let post = post.body(Body::from(message.to_string()));
        messages(world.send(post.expect("a request")).await).await
    }

    pub(super) async fn request(&self, world: &World, method: &str, params: Value) -> Exchange {
        let mut exchange = Exchange::default();
        let mut round = params.clone();
        for _ in 0..ROUNDS {
            let answer = self.round(world, method, round, &mut exchange).await;
            if answer["result"]["resultType"] != "input_required" {
                exchange.answer = answer;
                return exchange;
            }
            round = params.clone();
            round["requestState"] = answer["result"]["requestState"].clone();
            round["inputResponses"] = json!({});
            let requests = answer["result"]["inputRequests"].as_object();
            for (key, request) in requests.expect("what is asked") {
                let asked = request["method"].as_str().expect("a method");
                round["inputResponses"][key] = reply(asked);
                exchange.asked.push(asked.to_owned());
            }
        }
        unreachable!("a server that asks for ever")
    }

    async fn round(
        &self,
        world: &World,
        method: &str,
        params: Value,
        exchange: &mut Exchange,
    ) -> Value {
        let mut stream = self.start(world, method, params).await;
        loop {
            let message = stream.next().await;
            if message.get("method").is_none() {
                assert_eq!(message["id"], self.ids.get(), "{message}");
                return message;
            }
            assert!(
                message.get("id").is_none(),
                "a stateless server asks: {message}"
            );
            exchange.notes.push(message);
        }
    }

    /// Closing the stream is the cancellation.
    pub(super) async fn cancel(&self, world: &World, method: &str, params: Value) {
        let mut stream = self.start(world, method, params).await;
        let note = stream.next().await;
        assert_eq!(note["method"], "notifications/progress", "{note}");
    }
}

//! 2024-11-05: one stream of events, and an address to post to.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use super::{
    Exchange,
    answers::{initialize, reply},
    events::Events,
};
use crate::{revision::Revision, world::World};

/// A connection.
pub(crate) struct Sse {
    events: Events,
    endpoint: String,
    ids: u64,
}

impl Sse {
    pub(super) async fn open(world: &World) -> (Self, Value) {
        let get = Request::get("/sse").header("host", "localhost");
        let get = get
            .header("accept", "text/event-stream")
            .body(Body::empty());
        let response = world.send(get.expect("a request")).await;
        assert_eq!(response.status(), 200);
        let mut events = Events::of(response);
        let endpoint = events.data().await.expect("an endpoint");
        let mut client = Self {
            events,
            endpoint,
            ids: 0,
        };
        let params = initialize(Revision::V2024_11_05);
        let opened = client.request(world, "initialize", params).await;
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        client.post(world, &initialized).await;
        (client, opened.answer)
    }

    async fn post(&self, world: &World, message: &Value) {
        let post = Request::post(&self.endpoint)
            .header("host", "localhost")
            .header("content-type", "application/json");
        let post = post.body(Body::from(message.to_string()));
        let response = world.send(post.expect("a request")).await;
        assert_eq!(response.status(), 202, "{message}");
    }

    async fn start(&mut self, world: &World, method: &str, params: Value) -> u64 {
        self.ids += 1;
        let message =
            json!({ "jsonrpc": "2.0", "id": self.ids, "method": method, "params": params });
        self.post(world, &message).await;
        self.ids
    }

    pub(super) async fn request(&mut self, world: &World, method: &str, params: Value) -> Exchange {
        let id = self.start(world, method, params).await;
        let mut exchange = Exchange::default();
        loop {
            let message = self.events.message().await.expect("a message");
            let asked = message["method"].as_str().map(str::to_owned);
            match (asked, message.get("id")) {
                (Some(asked), Some(ask)) => {
                    let answer = json!({ "jsonrpc": "2.0", "id": ask, "result": reply(&asked) });
                    self.post(world, &answer).await;
                    exchange.asked.push(asked);
                }
                (Some(_), None) => exchange.notes.push(message),
                (None, _) => {
                    assert_eq!(message["id"], id, "{message}");
                    exchange.answer = message;
                    return exchange;
                }
            }
        }
    }

    pub(super) async fn cancel(&mut self, world: &World, method: &str, params: Value) {
        let id = self.start(world, method, params).await;
        let note = self.events.message().await.expect("a note");
        assert_eq!(note["method"], "notifications/progress", "{note}");
        let params = json!({ "requestId": id, "reason": "enough" });
        let cancelled =
            json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params });
        self.post(world, &cancelled).await;
    }
}

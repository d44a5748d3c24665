//! Clients that are nothing but their revision's messages.

mod answers;
mod events;
mod session;
mod sse;
mod stateless;

use serde_json::Value;

use crate::{revision::Revision, world::World};

pub(crate) use self::answers::reply;
use self::{session::Session, sse::Sse, stateless::Stateless};

/// What came of a request.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    /// The notifications that came before the answer.
    pub(crate) notes: Vec<Value>,
    /// The methods that the server asked by, all of which were answered.
    pub(crate) asked: Vec<String>,
    /// The answer: a JSON-RPC response.
    pub(crate) answer: Value,
}

impl Exchange {
    /// The text of a tool's answer.
    pub(crate) fn text(&self) -> &str {
        let text = self.answer["result"]["content"][0]["text"].as_str();
        assert!(text.is_some(), "an answer with a text, not {}", self.answer);
        text.unwrap_or_default()
    }
}

/// A client of one revision.
pub(crate) enum Client {
    /// 2024-11-05.
    Sse(Sse),
    /// 2025-03-26, 2025-06-18 and 2025-11-25.
    Session(Session),
    /// 2026-07-28.
    Stateless(Stateless),
}

impl Client {
    /// Opens as its revision does; gives what the server said of itself.
    pub(crate) async fn open(world: &World, revision: Revision) -> (Self, Value) {
        match revision {
            Revision::V2024_11_05 => {
                let (client, answer) = Sse::open(world).await;
                (Self::Sse(client), answer)
            }
            Revision::V2025_03_26 | Revision::V2025_06_18 | Revision::V2025_11_25 => {
                let (client, answer) = Session::open(world, revision).await;
                (Self::Session(client), answer)
            }
            Revision::V2026_07_28 => {
                let client = Stateless::default();
                let answer = client.discover(world).await;
                (Self::Stateless(client), answer)
            }
        }
    }

    /// Sends a request and answers what the server asks meanwhile.
    pub(crate) async fn request(&mut self, world: &World, method: &str, params: Value) -> Exchange {
        match self {
            Self::Sse(client) => client.request(world, method, params).await,
            Self::Session(client) => client.request(world, method, params).await,
            Self::Stateless(client) => client.request(world, method, params).await,
        }
    }

    /// Sends a request, waits for its first notification, and cancels it as its revision does.
    pub(crate) async fn cancel(&mut self, world: &World, method: &str, params: Value) {
        match self {
            Self::Sse(client) => client.cancel(world, method, params).await,
            Self::Session(client) => client.cancel(world, method, params).await,
            Self::Stateless(client) => client.cancel(world, method, params).await,
        }
    }
}

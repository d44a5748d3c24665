//! Reading a stream of events.

use axum::{body::Body, response::Response};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::time::timeout;

use crate::world::PATIENCE;

/// An open stream.
pub(super) struct Events {
    body: Body,
    text: String,
}

impl Events {
    /// The stream that a response is.
    pub(super) fn of(response: Response) -> Self {
        Self {
            body: response.into_body(),
            text: String::new(),
        }
    }

    /// The data of the next event that has any.
    pub(super) async fn data(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                // The first event of a stream that can be resumed has none.
                let data = data.filter(|data| !data.is_empty()).map(str::to_owned);
                self.text = rest.into();
                if data.is_some() {
                    return data;
                }
                continue;
            }
            let frame = timeout(PATIENCE, self.body.frame()).await;
            let frame = frame.expect("an event comes in time")?;
            let data = frame.expect("the stream does not break").into_data();
            let data = data.expect("no trailers");
            let text = std::str::from_utf8(&data).expect("UTF-8");
            self.text.push_str(text);
        }
    }

    /// The next message.
    pub(super) async fn message(&mut self) -> Option<Value> {
        let data = self.data().await?;
        Some(serde_json::from_str(&data).expect("a message is JSON"))
    }
}

/// The messages of an answer to a POST: one as JSON, or a stream of them.
pub(super) async fn messages(response: Response) -> Messages {
    let kind = response.headers().get("content-type");
    let stream = kind.is_some_and(|kind| kind == "text/event-stream");
    if stream {
        return Messages::Stream(Events::of(response));
    }
    let body = response.into_body().collect().await;
    let body = body.expect("the body does not break").to_bytes();
    let message = serde_json::from_slice(&body);
    Messages::One(Some(message.expect("a body is JSON")))
}

/// What a POST is answered with.
pub(super) enum Messages {
    One(Option<Value>),
    Stream(Events),
}

impl Messages {
    /// The next message.
    pub(super) async fn next(&mut self) -> Value {
        let next = match self {
            Self::One(message) => message.take(),
            Self::Stream(events) => events.message().await,
        };
        next.expect("a message before the end")
    }
}

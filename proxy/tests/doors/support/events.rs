//! Reading a stream of server-sent events.

use axum::{body::Body, response::Response};
use http_body_util::BodyExt;
use serde_json::Value;

/// One event, or a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Message(Value),
    Endpoint(String),
    Comment,
}

pub(crate) struct Events {
    body: Body,
    text: String,
}

impl Events {
    pub(crate) fn of(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        Self {
            body: response.into_body(),
            text: String::new(),
        }
    }

    /// The next event or comment; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let event = parse(event);
                self.text = rest.into();
                return Some(event);
            }
            let frame = self.body.frame().await?.expect("the stream does not break");
            let data = frame.into_data().expect("no trailers");
            self.text
                .push_str(std::str::from_utf8(&data).expect("UTF-8"));
        }
    }

    /// The next message; comments are skipped.
    pub(crate) async fn message(&mut self) -> Option<Value> {
        loop {
            match self.next().await? {
                Event::Message(message) => return Some(message),
                Event::Comment => {}
                Event::Endpoint(uri) => unreachable!("a second endpoint: {uri}"),
            }
        }
    }
}

fn parse(event: &str) -> Event {
    if event.starts_with(':') {
        return Event::Comment;
    }
    let (name, data) = event.split_once('\n').expect("a name and data");
    let data = data.strip_prefix("data: ").expect("data");
    match name {
        "event: message" => Event::Message(serde_json::from_str(data).expect("JSON")),
        "event: endpoint" => Event::Endpoint(data.to_owned()),
        other => unreachable!("an event that MCP does not have: {other}"),
    }
}

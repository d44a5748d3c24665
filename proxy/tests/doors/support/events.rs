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
    /// The id that came last.
    pub(crate) last_id: Option<String>,
    /// The wait that a priming event asked for.
    pub(crate) retry: Option<String>,
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
            last_id: None,
            retry: None,
        }
    }

    /// The next event or comment; `None` at the end of the stream. A priming event is remembered
    /// and skipped.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                match self.parse(&event) {
                    Some(event) => return Some(event),
                    None => continue,
                }
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

    fn parse(&mut self, event: &str) -> Option<Event> {
        if event.starts_with(':') {
            return Some(Event::Comment);
        }
        let (mut name, mut data) = (None, None);
        for line in event.lines() {
            match line.split_once(": ").expect("a field") {
                ("id", id) => self.last_id = Some(id.to_owned()),
                ("retry", wait) => self.retry = Some(wait.to_owned()),
                ("event", given) => name = Some(given),
                ("data", given) => data = Some(given),
                other => unreachable!("a field that MCP does not have: {other:?}"),
            }
        }
        let data = data.expect("data");
        match name {
            Some("message") => Some(Event::Message(serde_json::from_str(data).expect("JSON"))),
            Some("endpoint") => Some(Event::Endpoint(data.to_owned())),
            None if data.is_empty() && self.last_id.is_some() => None,
            other => unreachable!("an event that MCP does not have: {other:?}"),
        }
    }
}

//! The messages of one response, one JSON value or an event stream.

use std::{pin::Pin, time::Duration};

use anyhow::{Context as _, Result};
use futures::{Stream, StreamExt as _};
use reqwest::{Response, header::CONTENT_TYPE};
use serde_json::Value;
use sse_stream::SseStream;

use super::message;

type Events = Pin<Box<dyn Stream<Item = Result<Value>> + Send>>;

/// The messages of one response.
pub struct Messages {
    events: Events,
    bound: Duration,
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Messages")
    }
}

impl Messages {
    /// The next message; `None` at the end of the stream.
    ///
    /// # Errors
    /// Nothing within the client's bound, a broken stream, or an event that is not JSON.
    pub async fn next(&mut self) -> Result<Option<Value>> {
        let next = tokio::time::timeout(self.bound, self.events.next());
        next.await.context("no message came")?.transpose()
    }

    /// Skips to the answer.
    ///
    /// # Errors
    /// As [`Messages::next`], and when the stream ends without one.
    pub async fn answer(&mut self) -> Result<Value> {
        while let Some(message) = self.next().await? {
            if message::is_answer(&message) {
                return Ok(message);
            }
        }
        anyhow::bail!("the stream ended without an answer")
    }
}

/// Reads the messages of a good response, each within `bound`.
///
/// # Errors
/// Anything but HTTP 200, or a body that is neither JSON nor an event stream.
pub(super) async fn of(response: Response, bound: Duration) -> Result<Messages> {
    let status = response.status();
    if status != 200 {
        anyhow::bail!("HTTP {status} {}", response.text().await?);
    }
    if !is_event_stream(&response) {
        let value: Value = response.json().await?;
        let events = Box::pin(futures::stream::iter([Ok(value)]));
        return Ok(Messages { events, bound });
    }
    let events = SseStream::from_bytes_stream(response.bytes_stream());
    let values = events.filter_map(async |event| match event {
        // An event without data primes the stream with an id (MCP 2025-11-25, item 1 of "Sending").
        Ok(event) => event
            .data
            .filter(|data| !data.is_empty())
            .map(|data| serde_json::from_str(&data).context("an event that is not JSON")),
        Err(error) => Some(Err(error.into())),
    });
    let events = Box::pin(values);
    Ok(Messages { events, bound })
}

/// Whether the response is an event stream.
pub(super) fn is_event_stream(response: &Response) -> bool {
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/event-stream"))
}

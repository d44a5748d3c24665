//! The raw client of `/sse` and `/messages`: HTTP with SSE of revision 2024-11-05.

use std::pin::Pin;

use anyhow::{Context as _, Result, ensure};
use futures::{Stream, StreamExt as _};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::Value;
use sse_stream::{Sse, SseStream};
use tokio::time::{Instant, timeout_at};

use super::{SSE_REVISION, message};
use crate::wait::ANSWER;

type Events = Pin<Box<dyn Stream<Item = Result<Sse>> + Send>>;

/// An open session: its stream, and where to post.
pub struct SseSession {
    http: reqwest::Client,
    endpoint: String,
    events: Events,
    /// Messages that came while another was waited for.
    kept: Vec<Value>,
}

impl std::fmt::Debug for SseSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SseSession")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl SseSession {
    /// Connects to the proxy at `base` (`http://HOST:PORT`) and shakes hands as `client`.
    ///
    /// # Errors
    /// No stream, no `endpoint` event first, or a failed handshake.
    pub async fn open(base: &str, client: &str) -> Result<Self> {
        crate::access::use_one_tls_provider();
        let http = reqwest::Client::builder().build()?;
        let request = http
            .get(format!("{base}/sse"))
            .header(ACCEPT, "text/event-stream");
        let response = request.send().await?.error_for_status()?;
        let events = SseStream::from_bytes_stream(response.bytes_stream());
        let events: Events = Box::pin(events.map(|event| event.map_err(Into::into)));
        let mut session = Self {
            http,
            endpoint: String::new(),
            events,
            kept: Vec::new(),
        };
        let first = session.event(Instant::now() + ANSWER).await?;
        ensure!(
            first.event.as_deref() == Some("endpoint"),
            "the first event is {first:?}"
        );
        session.endpoint = format!(
            "{base}{}",
            first.data.context("an endpoint without a path")?
        );
        session
            .post(&message::initialize(0, client, SSE_REVISION))
            .await?;
        let answer = session.answer(&Value::from(0)).await?;
        ensure!(answer.get("result").is_some(), "initialize: {answer}");
        session.post(&message::initialized()).await?;
        Ok(session)
    }

    /// Posts one message.
    ///
    /// # Errors
    /// Anything but HTTP 202.
    pub async fn post(&self, message: &Value) -> Result<()> {
        let request = self
            .http
            .post(&self.endpoint)
            .header(CONTENT_TYPE, "application/json");
        let response = request.body(message.to_string()).send().await?;
        ensure!(
            response.status() == 202,
            "HTTP {} {}",
            response.status(),
            response.text().await?
        );
        Ok(())
    }

    /// The next message of the stream.
    ///
    /// # Errors
    /// Nothing within [`ANSWER`], a broken or ended stream, or an event that is not JSON.
    pub async fn next(&mut self) -> Result<Value> {
        self.next_before(Instant::now() + ANSWER).await
    }

    /// The answer to the request `id`; what comes before it is kept for [`SseSession::kept`].
    ///
    /// # Errors
    /// As [`SseSession::next`].
    pub async fn answer(&mut self, id: &Value) -> Result<Value> {
        let deadline = Instant::now() + ANSWER;
        loop {
            let message = self.next_before(deadline).await?;
            if message::is_answer(&message) && message["id"] == *id {
                return Ok(message);
            }
            self.kept.push(message);
        }
    }

    /// The messages that came while answers were waited for.
    pub fn kept(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.kept)
    }

    /// Calls a tool and gives its text.
    ///
    /// # Errors
    /// No answer, or an error.
    pub async fn text(&mut self, id: i64, tool: &str, arguments: Value) -> Result<String> {
        self.post(&message::call(id, tool, arguments)).await?;
        let answer = self.answer(&Value::from(id)).await?;
        let text = message::text(&answer).with_context(|| format!("no text: {answer}"))?;
        Ok(text.to_owned())
    }

    async fn next_before(&mut self, deadline: Instant) -> Result<Value> {
        loop {
            let event = self.event(deadline).await?;
            if let Some(data) = event.data.filter(|data| !data.is_empty()) {
                return serde_json::from_str(&data).context("an event that is not JSON");
            }
        }
    }

    async fn event(&mut self, deadline: Instant) -> Result<Sse> {
        let next = timeout_at(deadline, self.events.next())
            .await
            .context("no event came")?;
        next.context("the stream ended")?
    }
}

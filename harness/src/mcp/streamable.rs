//! The raw client of `/mcp`: Streamable HTTP with every header and byte in the caller's hand.

use std::pin::Pin;

use anyhow::{Context as _, Result, ensure};
use futures::{Stream, StreamExt as _};
use reqwest::{
    Body, Client, Response,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde_json::{Value, json};
use sse_stream::SseStream;

use super::{REVISION, message};
use crate::wait::ANSWER;

/// Header of the session's id (MCP 2025-11-25, Streamable HTTP, Session Management).
pub const SESSION_HEADER: &str = "mcp-session-id";
/// Header of the negotiated revision (MCP 2025-11-25, Streamable HTTP, Protocol Version Header).
pub const VERSION_HEADER: &str = "mcp-protocol-version";
/// What a client accepts (MCP 2025-11-25, Streamable HTTP, Sending Messages).
const ACCEPTED: &str = "application/json, text/event-stream";

type Events = Pin<Box<dyn Stream<Item = Result<Value>> + Send>>;

/// An HTTP client of one proxy.
#[derive(Clone, Debug)]
pub struct Raw {
    http: Client,
    base: String,
}

/// A whole answer to one HTTP request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Value of `Mcp-Session-Id`, if any.
    pub session: Option<String>,
    /// The body as it came.
    pub body: String,
    /// The body as JSON, if it is.
    pub json: Option<Value>,
}

impl Raw {
    /// A client of the proxy at `base` (`http://HOST:PORT`).
    ///
    /// # Errors
    /// The TLS backend cannot be set up.
    pub fn new(base: &str) -> Result<Self> {
        crate::access::use_one_tls_provider();
        Ok(Self {
            http: Client::builder().build()?,
            base: base.to_owned(),
        })
    }

    /// POSTs `body` to `path` with the usual headers; `headers` come on top and replace them.
    ///
    /// # Errors
    /// No HTTP answer at all, or none within [`ANSWER`].
    pub async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Result<Answer> {
        let response = self.send_post(path, headers, body.into()).await?;
        tokio::time::timeout(ANSWER, read(response))
            .await
            .context("the answer did not end")?
    }

    /// Any other request without a body.
    ///
    /// # Errors
    /// As [`Raw::post`].
    pub async fn send(
        &self,
        method: reqwest::Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Answer> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = tokio::time::timeout(ANSWER, request.send()).await??;
        tokio::time::timeout(ANSWER, read(response))
            .await
            .context("the answer did not end")?
    }

    /// Opens a session as `client` with the raw client's own revision.
    ///
    /// # Errors
    /// The handshake failed, or no session id was given.
    pub async fn open(&self, client: &str) -> Result<Session> {
        let hello = message::initialize(0, client, REVISION);
        let answer = self.post("/mcp", &[], hello.to_string()).await?;
        ensure!(
            answer.status == 200,
            "initialize: HTTP {} {}",
            answer.status,
            answer.body
        );
        let id = answer
            .session
            .context("initialize gave no Mcp-Session-Id")?;
        let session = Session {
            raw: self.clone(),
            id,
        };
        session.tell(&message::initialized()).await?;
        Ok(session)
    }

    async fn send_post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Result<Response> {
        let mut request = self.http.post(format!("{}{path}", self.base)).body(body);
        let usual = [
            (CONTENT_TYPE.as_str(), "application/json"),
            (ACCEPT.as_str(), ACCEPTED),
        ];
        for (name, value) in usual {
            if headers
                .iter()
                .all(|(own, _)| !own.eq_ignore_ascii_case(name))
            {
                request = request.header(name, value);
            }
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Ok(tokio::time::timeout(ANSWER, request.send())
            .await
            .context("no HTTP answer")??)
    }
}

/// A session of the raw client. Clones are the same session.
#[derive(Clone, Debug)]
pub struct Session {
    raw: Raw,
    /// Its id.
    pub id: String,
}

impl Session {
    /// The headers that name this session.
    pub fn headers(&self) -> [(&str, &str); 2] {
        [(SESSION_HEADER, &self.id), (VERSION_HEADER, REVISION)]
    }

    /// Sends one message that has no answer.
    ///
    /// # Errors
    /// Anything but HTTP 202.
    pub async fn tell(&self, message: &Value) -> Result<()> {
        let answer = self
            .raw
            .post("/mcp", &self.headers(), message.to_string())
            .await?;
        ensure!(
            answer.status == 202,
            "HTTP {} {}",
            answer.status,
            answer.body
        );
        Ok(())
    }

    /// Sends a request and gives its stream of messages, the answer the last.
    ///
    /// # Errors
    /// Anything but HTTP 200.
    pub async fn request(&self, message: &Value) -> Result<Messages> {
        let body = message.to_string().into();
        messages(self.raw.send_post("/mcp", &self.headers(), body).await?).await
    }

    /// Opens the stream of messages that belong to no request.
    ///
    /// # Errors
    /// Anything but HTTP 200 with an event stream.
    pub async fn listen(&self) -> Result<Messages> {
        let mut request = self.raw.http.get(format!("{}/mcp", self.raw.base));
        for (name, value) in self.headers() {
            request = request.header(name, value);
        }
        messages(request.header(ACCEPT, "text/event-stream").send().await?).await
    }

    /// Calls a tool and gives the whole answer, result or error.
    ///
    /// # Errors
    /// No answer with this id.
    pub async fn call(&self, id: i64, tool: &str, arguments: Value) -> Result<Value> {
        self.request(&message::call(id, tool, arguments))
            .await?
            .answer()
            .await
    }

    /// Calls a tool and gives its text.
    ///
    /// # Errors
    /// No answer, or an error.
    pub async fn text(&self, id: i64, tool: &str, arguments: Value) -> Result<String> {
        let answer = self.call(id, tool, arguments).await?;
        ensure!(
            answer["id"] == json!(id),
            "an answer to another request: {answer}"
        );
        let text = message::text(&answer).with_context(|| format!("no text: {answer}"))?;
        Ok(text.to_owned())
    }

    /// Ends the session.
    ///
    /// # Errors
    /// No HTTP answer at all.
    pub async fn close(&self) -> Result<Answer> {
        self.raw
            .send(reqwest::Method::DELETE, "/mcp", &self.headers())
            .await
    }
}

/// The messages of one response.
pub struct Messages(Events);

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Messages")
    }
}

impl Messages {
    /// The next message; `None` at the end of the stream.
    ///
    /// # Errors
    /// Nothing within [`ANSWER`], a broken stream, or an event that is not JSON.
    pub async fn next(&mut self) -> Result<Option<Value>> {
        let next = tokio::time::timeout(ANSWER, self.0.next());
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

async fn messages(response: Response) -> Result<Messages> {
    let status = response.status();
    if status != 200 {
        anyhow::bail!("HTTP {status} {}", response.text().await?);
    }
    if !is_event_stream(&response) {
        let value: Value = response.json().await?;
        return Ok(Messages(Box::pin(futures::stream::iter([Ok(value)]))));
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
    Ok(Messages(Box::pin(values)))
}

fn is_event_stream(response: &Response) -> bool {
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/event-stream"))
}

async fn read(response: Response) -> Result<Answer> {
    let status = response.status().as_u16();
    let session = response
        .headers()
        .get(SESSION_HEADER)
        .map(|id| id.to_str().map(str::to_owned));
    let session = session.transpose()?;
    if is_event_stream(&response) {
        let json = Some(messages(response).await?.answer().await?);
        return Ok(Answer {
            status,
            session,
            body: String::new(),
            json,
        });
    }
    let body = response.text().await?;
    let json = serde_json::from_str(&body).ok();
    Ok(Answer {
        status,
        session,
        body,
        json,
    })
}

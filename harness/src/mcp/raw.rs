//! HTTP requests to a proxy, with every header and byte in the caller's hand.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::{
    Body, Client, Response,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde_json::Value;

use super::{
    REVISION, message,
    messages::{self, Messages},
    streamable::Session,
};
use crate::wait::ANSWER;

/// Header of the session's id (MCP 2025-11-25, Streamable HTTP, Session Management).
pub const SESSION_HEADER: &str = "mcp-session-id";
/// Header of the negotiated revision (MCP 2025-11-25, Streamable HTTP, Protocol Version Header).
pub const VERSION_HEADER: &str = "mcp-protocol-version";
/// What a client accepts (MCP 2025-11-25, Streamable HTTP, Sending Messages).
const ACCEPTED: &str = "application/json, text/event-stream";

/// An HTTP client of one proxy.
#[derive(Clone, Debug)]
pub struct Raw {
    http: Client,
    base: String,
    bound: Duration,
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
            bound: ANSWER,
        })
    }

    /// The same client, which waits so long for each message instead of [`ANSWER`].
    #[must_use]
    pub fn waiting(self, bound: Duration) -> Self {
        Self { bound, ..self }
    }

    /// POSTs `body` to `path` with the usual headers; `headers` come on top and replace them.
    ///
    /// # Errors
    /// No HTTP answer at all, or none within the client's bound.
    pub async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Result<Answer> {
        let response = self.send_post(path, headers, body.into()).await?;
        tokio::time::timeout(self.bound, read(response, self.bound))
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
        let response = tokio::time::timeout(self.bound, request.send()).await??;
        tokio::time::timeout(self.bound, read(response, self.bound))
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
        let session = Session::new(self.clone(), id);
        session.tell(&message::initialized()).await?;
        Ok(session)
    }

    /// POSTs to `/mcp` and gives the messages as they come.
    ///
    /// # Errors
    /// Anything but HTTP 200.
    pub(super) async fn stream(&self, headers: &[(&str, &str)], body: String) -> Result<Messages> {
        let response = self.send_post("/mcp", headers, body.into()).await?;
        messages::of(response, self.bound).await
    }

    /// GETs the event stream of `/mcp`.
    ///
    /// # Errors
    /// Anything but HTTP 200.
    pub(super) async fn listen(&self, headers: &[(&str, &str)]) -> Result<Messages> {
        let mut request = self.http.get(format!("{}/mcp", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header(ACCEPT, "text/event-stream");
        let response = tokio::time::timeout(self.bound, request.send()).await??;
        messages::of(response, self.bound).await
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
        Ok(tokio::time::timeout(self.bound, request.send())
            .await
            .context("no HTTP answer")??)
    }
}

async fn read(response: Response, bound: Duration) -> Result<Answer> {
    let status = response.status().as_u16();
    let session = response
        .headers()
        .get(SESSION_HEADER)
        .map(|id| id.to_str().map(str::to_owned));
    let session = session.transpose()?;
    if messages::is_event_stream(&response) {
        let json = Some(messages::of(response, bound).await?.answer().await?);
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

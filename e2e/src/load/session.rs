//! One MCP session: opened once, then `tools/call echo` again and again.

use anyhow::{Result, ensure};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};

use super::{Plan, connection::Connection, message};

/// Header of the session's id (MCP 2025-11-25, Streamable HTTP).
const SESSION: &str = "mcp-session-id";

/// An open session; clones are the same session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    target: String,
    path: String,
    tool: String,
    /// None if the server gave none, or was not asked for one.
    id: Option<HeaderValue>,
}

impl Session {
    /// No session: calls stand for themselves.
    pub(super) fn none(plan: &Plan) -> Self {
        Self {
            target: plan.target.clone(),
            path: plan.path.clone(),
            tool: plan.tool.clone(),
            id: None,
        }
    }

    pub(super) async fn open(plan: &Plan) -> Result<Self> {
        let mut session = Self::none(plan);
        let mut connection = Connection::open(&plan.target).await?;
        let request = session.post(message::initialize())?;
        let response = connection.send(request).await?;
        let status = response.status();
        ensure!(status == StatusCode::OK, "initialize: HTTP {status}");
        session.id = response.headers().get(SESSION).cloned();
        response.into_body().collect().await?;
        let request = session.post(message::INITIALIZED.to_owned())?;
        let status = connection.send(request).await?.status();
        ensure!(status.is_success(), "initialized: HTTP {status}");
        Ok(session)
    }

    /// One call, right if the answer holds the text that was sent.
    pub(super) async fn echo(&self, on: &mut Connection, id: u64, text: &str) -> Result<()> {
        let body = message::call(id, &self.tool, text);
        let response = on.send(self.post(body)?).await?;
        let status = response.status();
        let answer = response.into_body().collect().await?.to_bytes();
        ensure!(
            status == StatusCode::OK,
            "HTTP {status}: {}",
            String::from_utf8_lossy(&answer)
        );
        message::check(&answer, text)
    }

    /// One call of `progress` and the number of its notifications.
    pub(super) async fn progress(&self, on: &mut Connection, id: u64, steps: u64) -> Result<u64> {
        let response = on.send(self.post(message::progress(id, steps))?).await?;
        let mut body = response.into_body();
        let mut seen = 0;
        while let Some(frame) = body.frame().await {
            if let Some(data) = frame?.data_ref() {
                seen += memmem(data, b"notifications/progress");
            }
        }
        Ok(seen)
    }

    /// Ends the session.
    pub(super) async fn close(self) -> Result<()> {
        let Some(id) = &self.id else { return Ok(()) };
        let mut connection = Connection::open(&self.target).await?;
        let request = Request::builder()
            .method(Method::DELETE)
            .uri(&self.path)
            .header(header::HOST, &self.target)
            .header(SESSION, id)
            .body(Full::default())?;
        connection.send(request).await?;
        Ok(())
    }

    fn post(&self, body: String) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::post(&self.path)
            .header(header::HOST, &self.target)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json, text/event-stream");
        if let Some(id) = &self.id {
            request = request
                .header(SESSION, id)
                .header("mcp-protocol-version", message::REVISION);
        }
        Ok(request.body(Full::new(Bytes::from(body)))?)
    }
}

/// How often `needle` is in `data`; one that a frame cuts in two is not counted.
fn memmem(data: &[u8], needle: &[u8]) -> u64 {
    let found = data
        .windows(needle.len())
        .filter(|window| *window == needle);
    found.count() as u64
}

//! One MCP session: opened once, then `tools/call echo` again and again.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;

use super::connection::Connection;

/// The revision that the load generator speaks.
const REVISION: &str = "2025-11-25";
/// Header of the session's id (MCP 2025-11-25, Streamable HTTP).
const SESSION: &str = "mcp-session-id";

/// An open session; clones are the same session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    target: String,
    id: HeaderValue,
}

impl Session {
    pub(super) async fn open(target: &str) -> Result<Self> {
        let mut connection = Connection::open(target).await?;
        let body = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{{\"protocolVersion\":\"{REVISION}\",\
             \"capabilities\":{{}},\"clientInfo\":{{\"name\":\"load\",\"version\":\"1\"}}}}}}"
        );
        let request = post(target, body, None)?;
        let response = connection.send(request).await?;
        ensure!(
            response.status() == StatusCode::OK,
            "initialize: HTTP {}",
            response.status()
        );
        let id = response
            .headers()
            .get(SESSION)
            .context("initialize gave no session id")?
            .clone();
        response.into_body().collect().await?;
        let session = Self {
            target: target.to_owned(),
            id,
        };
        let done = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        let response = connection.send(session.post(done.to_owned())?).await?;
        ensure!(
            response.status() == StatusCode::ACCEPTED,
            "initialized: HTTP {}",
            response.status()
        );
        Ok(session)
    }

    /// One call, right if the answer holds the text that was sent.
    pub(super) async fn echo(&self, on: &mut Connection, id: u64, text: &str) -> Result<()> {
        let body = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"echo\",\
             \"arguments\":{{\"text\":\"{text}\"}}}}}}"
        );
        let response = on.send(self.post(body)?).await?;
        let status = response.status();
        let answer = answer(response.into_body()).await?;
        ensure!(
            status == StatusCode::OK,
            "HTTP {status}: {}",
            String::from_utf8_lossy(&answer)
        );
        let expected = format!("\"text\":\"{text}\"");
        ensure!(
            answer
                .windows(expected.len())
                .any(|window| window == expected.as_bytes()),
            "a wrong answer: {}",
            String::from_utf8_lossy(&answer)
        );
        Ok(())
    }

    /// Ends the session.
    pub(super) async fn close(self) -> Result<()> {
        let mut connection = Connection::open(&self.target).await?;
        let request = Request::builder()
            .method(Method::DELETE)
            .uri("/mcp")
            .header(header::HOST, &self.target)
            .header(SESSION, &self.id)
            .body(Full::default())?;
        connection.send(request).await?;
        Ok(())
    }

    fn post(&self, body: String) -> Result<Request<Full<Bytes>>> {
        post(&self.target, body, Some(&self.id))
    }
}

fn post(target: &str, body: String, session: Option<&HeaderValue>) -> Result<Request<Full<Bytes>>> {
    let mut request = Request::post("/mcp")
        .header(header::HOST, target)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json, text/event-stream");
    if let Some(session) = session {
        request = request
            .header(SESSION, session)
            .header("mcp-protocol-version", REVISION);
    }
    Ok(request.body(Full::new(Bytes::from(body)))?)
}

async fn answer(body: Incoming) -> Result<Bytes> {
    Ok(body.collect().await?.to_bytes())
}

//! The raw client of `/mcp`: one session of Streamable HTTP.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{
    REVISION, message,
    messages::Messages,
    raw::{Answer, Raw, SESSION_HEADER, VERSION_HEADER},
};

/// A session of the raw client. Clones are the same session.
#[derive(Clone, Debug)]
pub struct Session {
    raw: Raw,
    /// Its id.
    pub id: String,
}

impl Session {
    /// The session of this id, as the proxy of `raw` gave it.
    pub(super) fn new(raw: Raw, id: String) -> Self {
        Self { raw, id }
    }

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
        self.raw.stream(&self.headers(), message.to_string()).await
    }

    /// Opens the stream of messages that belong to no request.
    ///
    /// # Errors
    /// Anything but HTTP 200 with an event stream.
    pub async fn listen(&self) -> Result<Messages> {
        self.raw.listen(&self.headers()).await
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

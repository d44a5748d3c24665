//! W3C WebDriver: JSON over HTTP, to a driver on the loopback address.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, header::CONTENT_TYPE};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Time for one request: a page that does not load within it hangs.
const REQUEST_BOUND: Duration = Duration::from_secs(30);

/// Bytes of one answer: a picture of a long page in Base64 is a few million.
const MAX_ANSWER: usize = 64 << 20;

/// Why a request has no result.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The driver did not answer.
    #[error("the driver of the browser did not answer within {} s", REQUEST_BOUND.as_secs())]
    Silent,
    /// The connection broke.
    #[error("the driver of the browser could not be asked")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The driver refused, with its word for why and its sentence.
    #[error("the browser refuses ({word}): {sentence}")]
    Refused {
        /// A code of the standard, such as `no such element`.
        word: String,
        /// First line of the driver's message.
        sentence: String,
    },
}

/// The way to one driver.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    client: Client<HttpConnector, Full<Bytes>>,
    at: SocketAddr,
}

impl Wire {
    pub(super) fn new(at: SocketAddr) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { client, at }
    }

    /// Asks, and gives the `value` of the answer.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, WireError> {
        let body = body.map_or_else(String::new, Value::to_string);
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.at))
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .body(Full::new(Bytes::from(body)))
            .map_err(broken)?;
        let answer = async {
            let answer = self.client.request(request).await.map_err(broken)?;
            let body = Limited::new(answer.into_body(), MAX_ANSWER);
            Ok(body.collect().await.map_err(WireError::Broken)?.to_bytes())
        };
        let answer = tokio::time::timeout(REQUEST_BOUND, answer).await;
        read(&answer.map_err(|_| WireError::Silent)??)
    }
}

fn broken(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> WireError {
    WireError::Broken(error.into())
}

fn read(answer: &[u8]) -> Result<Value, WireError> {
    let mut answer: Value = serde_json::from_slice(answer).map_err(broken)?;
    let value = answer["value"].take();
    let Some(word) = value["error"].as_str() else {
        return Ok(value);
    };
    let message = value["message"].as_str().unwrap_or_default();
    Err(WireError::Refused {
        word: word.to_owned(),
        sentence: message.lines().next().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_line_with_the_standards_word() {
        let answer = br#"{"value":{"error":"no such element","message":"none\n  (Session info)"}}"#;
        let said = read(answer).unwrap_err().to_string();
        assert_eq!(said, "the browser refuses (no such element): none");
    }

    #[test]
    fn a_result_is_the_value_of_the_answer() {
        assert_eq!(read(br#"{"value":{"a":1}}"#).unwrap()["a"], 1);
        assert_eq!(read(br#"{"value":null}"#).unwrap(), Value::Null);
        assert!(read(b"not JSON").is_err());
    }
}

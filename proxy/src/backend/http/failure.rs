//! Why one call failed although the server is there, as its client reads it.

use bytes::Bytes;
use hivewright_bridge::envelope::{self, Message, ResponseBody};
use http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;

use super::body;

/// The code of JSON-RPC's range for servers that the proxy's other errors of this kind have.
const CODE: i64 = -32000;

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// Another HTTP status than success.
    #[error("the server answered this call with HTTP {status}{}", told(said))]
    Status {
        /// The status.
        status: StatusCode,
        /// The beginning of the body.
        said: String,
    },
    /// No connection.
    #[error("the server could not be connected to; call again")]
    Unreachable,
    /// The connection broke.
    #[error("the connection to the server broke before it answered; the call may have been made")]
    Broken,
    /// The response was complete, but held no answer.
    #[error("the server ended its response without an answer to this call")]
    Unanswered,
    /// Neither JSON nor an event stream.
    #[error("the server answered with {content_type:?} instead of JSON or an event stream")]
    Foreign {
        /// What it was.
        content_type: String,
    },
}

fn told(said: &str) -> String {
    if said.is_empty() {
        String::new()
    } else {
        format!(": {said}")
    }
}

#[derive(Serialize)]
struct Response<'a, E> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    error: E,
}

#[derive(Serialize)]
struct Error {
    code: i64,
    message: String,
    data: Data,
}

#[derive(Serialize)]
struct Data {
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
}

impl Failure {
    /// The status and what was said with it.
    pub(super) fn status(status: StatusCode, body: &[u8]) -> Self {
        let said = body::excerpt(body);
        Self::Status { status, said }
    }

    /// A bounded label.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::Status { .. } => "http_status",
            Self::Unreachable => "unreachable",
            Self::Broken => "connection_broken",
            Self::Unanswered => "unanswered",
            Self::Foreign { .. } => "not_mcp",
        }
    }

    /// The failure as the answer to the call with this raw id.
    pub(super) fn line(&self, id: &[u8]) -> Bytes {
        let status = match self {
            Self::Status { status, .. } => Some(status.as_u16()),
            Self::Unreachable | Self::Broken | Self::Unanswered | Self::Foreign { .. } => None,
        };
        let reason = self.reason();
        answer(
            id,
            Error {
                code: CODE,
                message: self.to_string(),
                data: Data { reason, status },
            },
        )
    }
}

/// The JSON-RPC error in an error's body as the answer to this call, if there is one: the server's
/// own words are better than ours. It may have been written without the call's id.
pub(super) fn carried(body: &[u8], id: &[u8]) -> Option<Bytes> {
    let Ok(Message::Response(response)) = envelope::peek(body) else {
        return None;
    };
    let ours = response.id.is_none_or(|named| named.bytes() == id);
    match response.body {
        ResponseBody::Error(error) if ours => {
            let error: &RawValue = serde_json::from_str(error.text).ok()?;
            Some(answer(id, error))
        }
        ResponseBody::Error(_) | ResponseBody::Result(_) => None,
    }
}

/// Whether the body is an error that names this call: then the server knows it, whatever its status.
pub(super) fn names(body: &[u8], id: &[u8]) -> bool {
    matches!(
        envelope::peek(body),
        Ok(Message::Response(response)) if response.id.is_some_and(|named| named.bytes() == id)
    )
}

/// Whether the body is an error that only a server of 2026-07-28 writes, in which `initialize` may
/// lack headers and `_meta`: it is a server all the same.
pub(super) fn is_modern(body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Coded {
        code: i64,
    }
    let Ok(Message::Response(response)) = envelope::peek(body) else {
        return false;
    };
    match response.body {
        ResponseBody::Error(error) => serde_json::from_str::<Coded>(error.text)
            .is_ok_and(|coded| MODERN_CODES.contains(&coded.code)),
        ResponseBody::Result(_) => false,
    }
}

/// Header mismatch, missing capability, unsupported version (MCP 2026-07-28, Base Protocol, Error
/// Codes).
const MODERN_CODES: std::ops::RangeInclusive<i64> = -32022..=-32020;

fn answer<E: Serialize>(id: &[u8], error: E) -> Bytes {
    let id = serde_json::from_slice(id).expect("the id was cut out of a message");
    let response = Response {
        jsonrpc: "2.0",
        id,
        error,
    };
    serde_json::to_vec(&response)
        .expect("strings and plain structs always serialise")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_an_error_with_the_calls_id() {
        let failure = Failure::status(StatusCode::SERVICE_UNAVAILABLE, b"try\nlater");
        assert_eq!(
            failure.line(b"17"),
            r#"{"jsonrpc":"2.0","id":17,"error":{"code":-32000,"message":"the server answered this call with HTTP 503 Service Unavailable: try later","data":{"reason":"http_status","status":503}}}"#
        );
        assert_eq!(
            Failure::Unanswered.line(b"\"a\""),
            r#"{"jsonrpc":"2.0","id":"a","error":{"code":-32000,"message":"the server ended its response without an answer to this call","data":{"reason":"unanswered"}}}"#
        );
    }

    #[test]
    fn the_servers_own_error_is_carried_unchanged() {
        let body =
            br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"no","data":1.50}}"#;
        assert_eq!(
            carried(body, b"4").unwrap(),
            r#"{"jsonrpc":"2.0","id":4,"error":{"code":-32001,"message":"no","data":1.50}}"#
        );
        let others = br#"{"jsonrpc":"2.0","id":5,"error":{"code":-32001,"message":"no"}}"#;
        assert_eq!(carried(others, b"4"), None);
        assert_eq!(carried(b"<html>", b"4"), None);
        assert!(!is_modern(others));
        let modern = br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32020,"message":"no"}}"#;
        assert!(is_modern(modern));
        assert!(names(others, b"5") && !names(others, b"4") && !names(body, b"4"));
    }
}

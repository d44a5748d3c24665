//! Looks at a JSON-RPC message without building a tree of it.
//!
//! What the bridge has to know (id, method, a token) comes out as [`Raw`]: the text and where it
//! stands, so that it can be replaced in place. Nothing is unescaped, rounded or reordered.
//!
//! Well-defined for every input: text must be UTF-8 and one complete JSON value (a NUL or a control
//! character inside a string is no JSON). Nesting costs no stack and is not limited. A key of the
//! envelope, or of the parameters that the bridge reads, that occurs twice is an error, because two
//! readers could take different ones; all other keys may repeat and cross unchanged. Escapes are
//! checked for shape only, so lone surrogates cross unchanged.

use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::{
    limits::MAX_ID,
    protocol::MethodLabel,
    refusal::{Malformed, Refusal},
};

mod batch;
mod discover;
mod ends;
mod params;
mod raw;

pub use batch::{BatchError, elements, is_batch};
pub use discover::{DiscoverResult, Spoken, refused_version};
pub use ends::id_at_the_ends;
pub use params::{Capabilities, InitializeResult, Params, is_tool_error};
pub use raw::Raw;

/// A message by its kind (JSON-RPC 2.0, sections 4 and 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// It has a method and an id.
    Request(Request<'a>),
    /// It has a method and no id.
    Notification(Notification<'a>),
    /// It has a result or an error.
    Response(Response<'a>),
}

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Its id, a string or a number.
    pub id: Raw<'a>,
    /// Its method.
    pub method: MethodLabel,
    /// Its parameters, if it has any.
    pub params: Option<Raw<'a>>,
}

/// A notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notification<'a> {
    /// Its method.
    pub method: MethodLabel,
    /// Its parameters, if it has any.
    pub params: Option<Raw<'a>>,
}

/// A response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response<'a> {
    /// The id of the request; none if the responder could not tell it.
    pub id: Option<Raw<'a>>,
    /// What it says.
    pub body: ResponseBody<'a>,
}

/// A response's result or error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseBody<'a> {
    /// `result`.
    Result(Raw<'a>),
    /// `error`.
    Error(Raw<'a>),
}

/// Why bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeekError {
    /// Not UTF-8.
    #[error("the message is not UTF-8")]
    NotUtf8,
    /// Not one complete JSON value.
    #[error("the message is not JSON")]
    NotJson,
    /// Another JSON value than a JSON-RPC 2.0 message.
    #[error("the message is not JSON-RPC 2.0")]
    NotJsonRpc(#[source] Malformed),
}

impl From<PeekError> for Refusal {
    fn from(error: PeekError) -> Self {
        match error {
            PeekError::NotUtf8 => Self::NotUtf8,
            PeekError::NotJson => Self::NotJson,
            PeekError::NotJsonRpc(why) => Self::NotJsonRpc(why),
        }
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    jsonrpc: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    method: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    error: Option<&'a RawValue>,
}

/// Keeps an explicit `null` apart from a missing key: `"id": null` is no notification.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

/// What this message is. One pass over the bytes, no copies.
///
/// # Errors
/// If the bytes are no JSON-RPC 2.0 message; see [`PeekError`].
pub fn peek(message: &[u8]) -> Result<Message<'_>, PeekError> {
    let text = std::str::from_utf8(message).map_err(|_| PeekError::NotUtf8)?;
    let source = Raw::whole(text);
    if !source.is_object() {
        // `from_str` of our struct would take an array for its fields in order.
        let json = serde_json::from_str::<&RawValue>(text).is_ok();
        return Err(if json {
            PeekError::NotJsonRpc(Malformed::NotAnObject)
        } else {
            PeekError::NotJson
        });
    }
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            PeekError::NotJsonRpc(Malformed::DuplicateKey)
        } else {
            PeekError::NotJson
        }
    })?;
    classify(source, &envelope).map_err(PeekError::NotJsonRpc)
}

fn classify<'a>(source: Raw<'a>, envelope: &Envelope<'a>) -> Result<Message<'a>, Malformed> {
    if envelope
        .jsonrpc
        .is_none_or(|version| version.get() != "\"2.0\"")
    {
        return Err(Malformed::Version);
    }
    let at = |value: &'a RawValue| source.inner(value);
    let params = envelope.params.map(at);
    match (
        envelope.method,
        envelope.id,
        envelope.result,
        envelope.error,
    ) {
        (Some(method), None, None, None) => Ok(Message::Notification(Notification {
            method: label(at(method))?,
            params,
        })),
        (Some(method), Some(id), None, None) => Ok(Message::Request(Request {
            id: id_of(at(id))?,
            method: label(at(method))?,
            params,
        })),
        (None, Some(id), Some(result), None) => {
            let id = Some(id_of(at(id))?);
            Ok(Message::Response(Response {
                id,
                body: ResponseBody::Result(at(result)),
            }))
        }
        (None, id, None, Some(error)) => {
            let id = id
                .map(at)
                .filter(|id| !id.is_null())
                .map(id_of)
                .transpose()?;
            Ok(Message::Response(Response {
                id,
                body: ResponseBody::Error(at(error)),
            }))
        }
        (None | Some(_), None | Some(_), None | Some(_), None | Some(_)) => Err(Malformed::Shape),
    }
}

/// An id is a string or a number (MCP, Base Protocol, Requests: it must not be null).
fn id_of(id: Raw<'_>) -> Result<Raw<'_>, Malformed> {
    let kind = matches!(id.text.as_bytes()[0], b'"' | b'-' | b'0'..=b'9');
    if kind && id.text.len() <= MAX_ID {
        Ok(id)
    } else {
        Err(Malformed::Id)
    }
}

fn label(method: Raw<'_>) -> Result<MethodLabel, Malformed> {
    method
        .string()
        .map(|name| MethodLabel::of(&name))
        .ok_or(Malformed::Method)
}

impl Response<'_> {
    /// The id as one that the bridge minted: those are positive integers.
    pub fn minted_id(&self) -> Option<u64> {
        self.id.and_then(Raw::integer)
    }
}

/// The message inside a larger buffer as a slice that shares it.
pub fn share(owner: &Bytes, part: Raw<'_>) -> Bytes {
    owner.slice(part.span())
}

#[cfg(test)]
mod tests;

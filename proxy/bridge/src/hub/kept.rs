//! The handshake with the server: the line that we send, and the answer that we keep for clients.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use serde::Serialize;

use crate::{
    envelope::{InitializeResult, Raw},
    limits::{MAX_EXCERPT, MAX_SERVER_INFO},
    message::{self, Edit},
    protocol::{Era, Revision},
};

/// How we introduce ourselves to servers.
const CLIENT_NAME: &str = "hivewright-proxy";

/// A server's answer to `initialize`, raw.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    result: Bytes,
    /// Where `protocolVersion` stands in it.
    version_span: Range<usize>,
    pub(super) name: Arc<str>,
    pub(super) version: Arc<str>,
    pub(super) revision: Option<Revision>,
    pub(super) era: Era,
}

impl Kept {
    /// Keeps the result if an MCP server can have given it.
    pub(super) fn new(result: &str) -> Option<Self> {
        let peeked = InitializeResult::peek(result)?;
        let revision = peeked
            .protocol_version
            .string()
            .and_then(|name| Revision::parse_legacy(&name));
        Some(Self {
            result: Bytes::copy_from_slice(result.as_bytes()),
            version_span: peeked.protocol_version.span(),
            name: info(peeked.name),
            version: info(peeked.version),
            revision,
            era: Era::Legacy,
        })
    }

    /// The answer to a client's `initialize`: the server's, with the client's revision.
    pub(super) fn answer(&self, id: &[u8], revision: Revision) -> Bytes {
        let version = message::json(revision.as_str());
        let edit = Edit {
            span: self.version_span.clone(),
            with: version.as_bytes(),
        };
        message::result(id, &message::splice(&self.result, &[edit], 0))
    }

    /// Whether another process answered byte for byte the same.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.result == other.result
    }
}

fn info(text: Option<Raw<'_>>) -> Arc<str> {
    let text = text.and_then(Raw::string).unwrap_or_default();
    cut(&text, MAX_SERVER_INFO).into()
}

/// The beginning of a text, at most so many bytes, ending at a character.
pub(super) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// The beginning of something that a server wrote, fit for a log line.
pub(super) fn excerpt(bytes: &[u8]) -> Arc<str> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_EXCERPT)]);
    text.escape_debug().collect::<String>().into()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InitializeParams<'a> {
    protocol_version: &'static str,
    capabilities: Capabilities,
    client_info: ClientInfo<'a>,
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Roots {
    list_changed: bool,
}

/// What the clients together may be able to do. A request for something that the client in question
/// did not declare is refused when it comes.
#[derive(Serialize)]
struct Capabilities {
    sampling: Empty,
    elicitation: Empty,
    roots: Roots,
}

#[derive(Serialize)]
struct ClientInfo<'a> {
    name: &'static str,
    version: &'a str,
}

/// Our `initialize` as a line.
pub(super) fn initialize_line(id: u64, version: &str) -> Bytes {
    let params = InitializeParams {
        protocol_version: Revision::LATEST_LEGACY.as_str(),
        capabilities: Capabilities {
            sampling: Empty {},
            elicitation: Empty {},
            roots: Roots { list_changed: true },
        },
        client_info: ClientInfo {
            name: CLIENT_NAME,
            version,
        },
    };
    request_line(id, "initialize", &message::json(&params))
}

/// A request of ours as a line. `params` is raw JSON.
pub(super) fn request_line(id: u64, method: &str, params: &str) -> Bytes {
    let line = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"{method}\",\"params\":{params}}}\n"
    );
    Bytes::from(line)
}

/// `notifications/initialized` as a line.
pub(super) const INITIALIZED: Bytes =
    Bytes::from_static(b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");

/// `notifications/cancelled` without newline. `why` is a sentence of ours.
pub(super) fn cancelled(id: u64, why: &str) -> String {
    let why = message::json(why);
    format!(
        "{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{{\"requestId\":{id},\"reason\":{why}}}}}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_differs_from_the_servers_only_in_its_revision() {
        let kept = Kept::new(
            r#"{"x":1.50,"protocolVersion":"2024-11-05","capabilities":{"y":{}},"serverInfo":{"name":"é","version":"1"}}"#,
        )
        .unwrap();
        assert_eq!(
            kept.answer(b"\"a\"", Revision::V2025_06_18),
            r#"{"jsonrpc":"2.0","id":"a","result":{"x":1.50,"protocolVersion":"2025-06-18","capabilities":{"y":{}},"serverInfo":{"name":"é","version":"1"}}}"#
        );
        assert_eq!(
            (&*kept.name, kept.revision),
            ("é", Some(Revision::V2024_11_05))
        );
    }

    #[test]
    fn names_are_cut_at_a_character() {
        let long = "é".repeat(MAX_SERVER_INFO);
        let text = format!(
            r#"{{"protocolVersion":"x","capabilities":{{}},"serverInfo":{{"name":"a{long}"}}}}"#
        );
        let name = Kept::new(&text).unwrap().name;
        assert_eq!(name.len(), MAX_SERVER_INFO - 1);
    }

    #[test]
    fn an_excerpt_is_short_and_has_no_control_characters() {
        let excerpt = excerpt(&[b"\x1b[31m\n\xff".as_slice(), &[b'a'; 500]].concat());
        assert!(excerpt.starts_with("\\u{1b}[31m\\n\u{fffd}a"), "{excerpt}");
        assert!(excerpt.len() < MAX_EXCERPT + 20);
    }
}

//! The handshake with the server: the lines that we send, and the answer that we keep for clients.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use serde::Serialize;

use crate::{
    envelope::{DiscoverResult, InitializeResult, Raw},
    limits::{MAX_EXCERPT, MAX_SERVER_INFO},
    message::{self, Edit},
    modern::Offer,
    protocol::{Era, Revision},
};

/// How we introduce ourselves to servers.
const CLIENT_NAME: &str = "hivewright-proxy";

/// What legacy clients read of a server that does not say who it is: `serverInfo` is required there.
const ANONYMOUS: &str = r#"{"name":"mcp-server","version":"0"}"#;

/// What a server said of itself, raw: its answer to `initialize` or to `server/discover`, in a form
/// that answers both questions.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// As the server wrote it.
    said: Bytes,
    /// The result of `initialize` that says the same; of a legacy server the very same text.
    initialize: Bytes,
    /// Where `protocolVersion` stands in it.
    version_span: Range<usize>,
    pub(super) name: Arc<str>,
    pub(super) version: Arc<str>,
    pub(super) revision: Option<Revision>,
    pub(super) era: Era,
    pub(super) offer: Offer,
}

impl Kept {
    /// Keeps the result of `initialize` if an MCP server can have given it.
    pub(super) fn new(result: &str) -> Option<Self> {
        let said = Bytes::copy_from_slice(result.as_bytes());
        Self::of(said.clone(), said, Era::Legacy)
    }

    /// Keeps the result of `server/discover`. What it is not clear about is told to legacy clients as
    /// their revisions require it.
    pub(super) fn discovered(result: &str, found: &DiscoverResult<'_>) -> Option<Self> {
        let mut initialize = format!(
            r#"{{"protocolVersion":"{}","capabilities":{},"serverInfo":{}"#,
            Revision::LATEST_MODERN.as_str(),
            found.capabilities.text,
            found.server_info.map_or(ANONYMOUS, |info| info.text),
        );
        if let Some(instructions) = found.instructions {
            initialize += r#","instructions":"#;
            initialize += instructions.text;
        }
        initialize.push('}');
        let said = Bytes::copy_from_slice(result.as_bytes());
        Self::of(said, initialize.into(), Era::Modern)
    }

    fn of(said: Bytes, initialize: Bytes, era: Era) -> Option<Self> {
        let peeked = InitializeResult::peek(std::str::from_utf8(&initialize).ok()?)?;
        let version_name = peeked.protocol_version.string()?;
        let revision = match era {
            Era::Legacy => Revision::parse_legacy(&version_name),
            Era::Modern => Revision::parse(&version_name),
        };
        let offer = Offer::of(std::str::from_utf8(&said).ok()?);
        Some(Self {
            said,
            version_span: peeked.protocol_version.span(),
            name: info(peeked.name),
            version: info(peeked.version),
            revision,
            era,
            offer,
            initialize,
        })
    }

    /// The answer to a client's `initialize`: the server's, with the client's revision.
    pub(super) fn answer(&self, id: &[u8], revision: Revision) -> Bytes {
        let version = message::json(revision.as_str());
        let edit = Edit {
            span: self.version_span.clone(),
            with: version.as_bytes(),
        };
        message::result(id, &message::splice(&self.initialize, &[edit], 0))
    }

    /// What the server said, as it wrote it: the result of `initialize` or of `server/discover`.
    pub(super) fn raw(&self) -> &str {
        std::str::from_utf8(&self.said).expect("it was copied from a string")
    }

    /// Whether another process answered byte for byte the same.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.said == other.said
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

#[derive(Serialize)]
struct DiscoverParams<'a> {
    #[serde(rename = "_meta")]
    meta: OwnMeta<'a>,
}

/// What every request of 2026-07-28 says of its sender (MCP 2026-07-28, Base Protocol, `_meta`).
#[derive(Serialize)]
pub(super) struct OwnMeta<'a> {
    #[serde(rename = "io.modelcontextprotocol/protocolVersion")]
    protocol_version: &'static str,
    #[serde(rename = "io.modelcontextprotocol/clientInfo")]
    client_info: ClientInfo<'a>,
    #[serde(rename = "io.modelcontextprotocol/clientCapabilities")]
    client_capabilities: Empty,
}

impl<'a> OwnMeta<'a> {
    /// For a request of the bridge itself, which can be asked nothing. `version` is ours.
    pub(super) const fn new(version: &'a str) -> Self {
        Self {
            protocol_version: Revision::LATEST_MODERN.as_str(),
            client_info: ClientInfo {
                name: CLIENT_NAME,
                version,
            },
            client_capabilities: Empty {},
        }
    }
}

/// Our `server/discover` as a line.
pub(super) fn discover_line(id: u64, version: &str) -> Bytes {
    let params = DiscoverParams {
        meta: OwnMeta::new(version),
    };
    request_line(id, "server/discover", &message::json(&params))
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

//! What a request of this revision says in its `params` and `_meta` (MCP 2026-07-28, Base
//! Protocol, `_meta`).

use std::ops::Range;

use super::object::{Member, Twice, cuts, members, only};
use crate::envelope::Raw;

/// `_meta`: the revision of the request.
pub const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
/// `_meta`: who asks.
pub const CLIENT_INFO: &str = "io.modelcontextprotocol/clientInfo";
/// `_meta`: what the client can be asked.
pub const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
/// `_meta`: which log messages the client wants for this request; none without it.
pub const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
/// `_meta` of a listen's messages: the id of the `subscriptions/listen` request.
pub const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";
/// `_meta` of a result: who answers.
pub const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// A request's `params`, as far as the bridge reads them. Places are in the message.
#[derive(Clone, Debug, Default)]
pub struct Asked<'a> {
    params: Option<(Raw<'a>, Vec<Member<'a>>)>,
    meta: Option<(Raw<'a>, Vec<Member<'a>>)>,
    /// `_meta`: [`PROTOCOL_VERSION`].
    pub version: Option<Raw<'a>>,
    /// `_meta`: [`CLIENT_CAPABILITIES`].
    pub capabilities: Option<Raw<'a>>,
    /// `_meta`: [`LOG_LEVEL`].
    pub level: Option<Raw<'a>>,
    /// `_meta`: `progressToken`.
    pub token: Option<Raw<'a>>,
    /// `params.name`.
    pub name: Option<Raw<'a>>,
    /// `params.uri`.
    pub uri: Option<Raw<'a>>,
    /// `params.arguments`.
    pub arguments: Option<Raw<'a>>,
    /// `params.cursor`.
    pub cursor: Option<Raw<'a>>,
    /// `params.notifications` of `subscriptions/listen`.
    pub notifications: Option<Raw<'a>>,
    /// `params.inputResponses` (MCP 2026-07-28, Multi Round-Trip Requests).
    pub responses: Option<Raw<'a>>,
    /// `params.requestState`.
    pub state: Option<Raw<'a>>,
}

impl<'a> Asked<'a> {
    /// Reads them; parameters that are no object have none of these values.
    ///
    /// # Errors
    /// [`Twice`] if one of these keys occurs twice.
    pub fn peek(params: Option<Raw<'a>>) -> Result<Self, Twice> {
        let Some((params, all)) = params.and_then(object) else {
            return Ok(Self::default());
        };
        let meta = only(&all, "_meta")?.and_then(object);
        let of_meta = |key| meta.as_ref().map_or(Ok(None), |(_, meta)| only(meta, key));
        Ok(Self {
            version: of_meta(PROTOCOL_VERSION)?,
            capabilities: of_meta(CLIENT_CAPABILITIES)?,
            level: of_meta(LOG_LEVEL)?,
            token: of_meta("progressToken")?,
            name: only(&all, "name")?,
            uri: only(&all, "uri")?,
            arguments: only(&all, "arguments")?,
            cursor: only(&all, "cursor")?,
            notifications: only(&all, "notifications")?,
            responses: only(&all, "inputResponses")?,
            state: only(&all, "requestState")?,
            params: Some((params, all)),
            meta,
        })
    }

    /// What a server of an earlier revision must not see: the keys of this revision in `_meta`, and
    /// the answers to what it asked. In ascending order.
    pub fn modern_parts(&self) -> Vec<Range<usize>> {
        let of_meta = |(meta, all): &(Raw<'a>, Vec<Member<'a>>)| {
            cuts(*meta, all, |key| {
                matches!(
                    key,
                    PROTOCOL_VERSION | CLIENT_INFO | CLIENT_CAPABILITIES | LOG_LEVEL
                )
            })
        };
        let of_params = |(params, all): &(Raw<'a>, Vec<Member<'a>>)| {
            cuts(*params, all, |key| {
                matches!(key, "inputResponses" | "requestState")
            })
        };
        let mut parts = self.meta.as_ref().map_or_else(Vec::new, of_meta);
        parts.extend(self.params.as_ref().map_or_else(Vec::new, of_params));
        parts.sort_unstable_by_key(|part| part.start);
        parts
    }
}

fn object(raw: Raw<'_>) -> Option<(Raw<'_>, Vec<Member<'_>>)> {
    Some((raw, members(raw)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Edit, splice};

    #[test]
    fn a_request_without_its_modern_parts_is_what_it_was_otherwise() {
        let text = r#"{"name":"x","_meta":{"io.modelcontextprotocol\/protocolVersion":"2026-07-28","own":1.50,"io.modelcontextprotocol/clientCapabilities":{},"progressToken":1},"inputResponses":{},"arguments":{"n":1e5},"requestState":"s"}"#;
        let asked = Asked::peek(Some(Raw::whole(text))).unwrap();
        assert_eq!(asked.version.unwrap().text, "\"2026-07-28\"");
        assert_eq!(asked.state.unwrap().text, "\"s\"");
        let parts = asked.modern_parts();
        let edits: Vec<_> = parts
            .into_iter()
            .map(|span| Edit { span, with: b"" })
            .collect();
        assert_eq!(
            splice(text.as_bytes(), &edits, 0),
            r#"{"name":"x","_meta":{"own":1.50,"progressToken":1},"arguments":{"n":1e5}}"#
        );
    }

    #[test]
    fn a_key_that_is_there_twice_is_no_request() {
        for text in [
            r#"{"name":1,"name":2}"#,
            r#"{"_meta":{"io.modelcontextprotocol/logLevel":1,"io.modelcontextprotocol\/logLevel":2}}"#,
        ] {
            assert!(Asked::peek(Some(Raw::whole(text))).is_err(), "{text}");
        }
    }
}

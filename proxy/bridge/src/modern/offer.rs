//! What the server offers, read from its handshake, and `server/discover` answered from it.

use bytes::{BufMut, Bytes, BytesMut};

use super::{
    meta::SERVER_INFO,
    object::{cuts, members, only},
};
use crate::{
    envelope::Raw,
    message::{self, Edit},
    protocol::{MethodLabel, SUPPORTED},
};

/// A server's capabilities, and how it introduces itself, from the result of `initialize` or
/// `server/discover`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the protocol's own capabilities, each there or not"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// `capabilities`, raw, without those that this revision does not have.
    capabilities: Bytes,
    /// `serverInfo`, raw.
    info: Option<Bytes>,
    /// `instructions`, raw.
    instructions: Option<Bytes>,
    /// `tools` is declared.
    pub tools: bool,
    /// `tools.listChanged` is true.
    pub tools_change: bool,
    /// `prompts` is declared.
    pub prompts: bool,
    /// `prompts.listChanged` is true.
    pub prompts_change: bool,
    /// `resources` is declared.
    pub resources: bool,
    /// `resources.listChanged` is true.
    pub resources_change: bool,
    /// `resources.subscribe` is true.
    pub subscribe: bool,
    /// `completions` is declared.
    pub completions: bool,
    /// `logging` is declared.
    pub logging: bool,
}

impl Offer {
    /// Reads it; a result that cannot be read offers nothing.
    pub fn of(result: &str) -> Self {
        let all = members(Raw::whole(result)).unwrap_or_default();
        let value = |key| only(&all, key).ok().flatten();
        let meta = value("_meta").and_then(members).unwrap_or_default();
        let declared = value("capabilities").unwrap_or(Raw::whole("{}"));
        let of = members(declared).unwrap_or_default();
        let has = |key| only(&of, key).ok().flatten();
        let flag = |key, name| has(key).is_some_and(|value| is_true(value, name));
        let copy = |raw: Raw<'_>| Bytes::copy_from_slice(raw.bytes());
        Self {
            capabilities: of_this_revision(declared.text),
            info: value("serverInfo")
                .or_else(|| only(&meta, SERVER_INFO).ok().flatten())
                .map(copy),
            instructions: value("instructions").filter(|raw| !raw.is_null()).map(copy),
            tools: has("tools").is_some(),
            tools_change: flag("tools", "listChanged"),
            prompts: has("prompts").is_some(),
            prompts_change: flag("prompts", "listChanged"),
            resources: has("resources").is_some(),
            resources_change: flag("resources", "listChanged"),
            subscribe: flag("resources", "subscribe"),
            completions: has("completions").is_some(),
            logging: has("logging").is_some(),
        }
    }

    /// Whether any server can have the method for clients of this revision.
    pub fn can_serve(method: MethodLabel) -> bool {
        let everything = Self {
            tools: true,
            prompts: true,
            resources: true,
            completions: true,
            ..Self::default()
        };
        everything.serves(method)
    }

    /// Whether the method is there for clients of this revision. What the bridge does not know is
    /// the server's to refuse.
    pub fn serves(&self, method: MethodLabel) -> bool {
        match method {
            MethodLabel::ServerDiscover | MethodLabel::SubscriptionsListen | MethodLabel::Other => {
                true
            }
            MethodLabel::ToolsList | MethodLabel::ToolsCall => self.tools,
            MethodLabel::ResourcesList
            | MethodLabel::ResourcesTemplatesList
            | MethodLabel::ResourcesRead => self.resources,
            MethodLabel::PromptsList | MethodLabel::PromptsGet => self.prompts,
            MethodLabel::CompletionComplete => self.completions,
            // Removed by this revision, an extension of it that is not offered, or no method of a
            // server at all.
            MethodLabel::Initialize
            | MethodLabel::Ping
            | MethodLabel::ResourcesSubscribe
            | MethodLabel::ResourcesUnsubscribe
            | MethodLabel::LoggingSetLevel
            | MethodLabel::SamplingCreateMessage
            | MethodLabel::ElicitationCreate
            | MethodLabel::RootsList
            | MethodLabel::TasksGet
            | MethodLabel::TasksResult
            | MethodLabel::TasksList
            | MethodLabel::TasksCancel
            | MethodLabel::Initialized
            | MethodLabel::Cancelled
            | MethodLabel::Progress
            | MethodLabel::LogMessage
            | MethodLabel::ToolsListChanged
            | MethodLabel::ResourcesListChanged
            | MethodLabel::ResourcesUpdated
            | MethodLabel::PromptsListChanged
            | MethodLabel::RootsListChanged
            | MethodLabel::SubscriptionsAcknowledged
            | MethodLabel::ElicitationComplete
            | MethodLabel::TasksStatus => false,
        }
    }

    /// The answer to `server/discover` (MCP 2026-07-28, Discovery). Nothing of it may be kept: the
    /// next process may offer something else.
    pub fn discovered(&self, id: &[u8]) -> Bytes {
        let mut result = BytesMut::with_capacity(self.capabilities.len() + 256);
        result.put_slice(b"{\"resultType\":\"complete\",\"supportedVersions\":");
        result.put_slice(message::json(SUPPORTED).as_bytes());
        result.put_slice(b",\"capabilities\":");
        result.put_slice(&self.capabilities);
        if let Some(instructions) = &self.instructions {
            result.put_slice(b",\"instructions\":");
            result.put_slice(instructions);
        }
        if let Some(info) = &self.info {
            result.put_slice(format!(",\"_meta\":{{\"{SERVER_INFO}\":").as_bytes());
            result.put_slice(info);
            result.put_u8(b'}');
        }
        result.put_slice(b",\"ttlMs\":0,\"cacheScope\":\"private\"}");
        message::result(id, &result)
    }
}

/// The capabilities without those of earlier revisions that this one does not have: its tasks are an
/// extension.
fn of_this_revision(declared: &str) -> Bytes {
    let whole = Raw::whole(declared);
    let all = members(whole).unwrap_or_default();
    let edits: Vec<Edit<'_>> = cuts(whole, &all, |key| key == "tasks")
        .into_iter()
        .map(|span| Edit { span, with: b"" })
        .collect();
    message::splice(declared.as_bytes(), &edits, 0).freeze()
}

fn is_true(capability: Raw<'_>, name: &str) -> bool {
    let all = members(capability).unwrap_or_default();
    matches!(only(&all, name), Ok(Some(value)) if value.text == "true")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn discovery_says_what_the_handshake_said_and_that_it_may_not_be_kept() {
        let offer = Offer::of(
            r#"{"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},"tasks":{},"resources":{"subscribe":false}},"serverInfo":{"name":"s","version":"1.50"},"instructions":"be kind"}"#,
        );
        assert!(offer.tools && offer.tools_change && offer.resources);
        assert!(!offer.subscribe && !offer.prompts && !offer.logging);
        let answer = offer.discovered(b"\"d\"");
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["id"], "d");
        let result = &answer["result"];
        assert_eq!(result["supportedVersions"][0], "2026-07-28");
        assert_eq!(
            result["capabilities"].to_string(),
            r#"{"resources":{"subscribe":false},"tools":{"listChanged":true}}"#
        );
        assert_eq!(result["_meta"][SERVER_INFO]["version"], "1.50");
        assert_eq!(result["instructions"], "be kind");
        assert_eq!(
            (&result["ttlMs"], &result["cacheScope"]),
            (&0.into(), &"private".into())
        );
        assert_eq!(result["resultType"], "complete");
    }

    #[test]
    fn a_modern_servers_discovery_is_read_likewise() {
        let offer = Offer::of(
            r#"{"supportedVersions":["2026-07-28"],"capabilities":{"prompts":{}},"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"m","version":"2"}}}"#,
        );
        assert!(offer.prompts && !offer.tools);
        assert!(String::from_utf8_lossy(&offer.discovered(b"1")).contains(r#""name":"m""#));
    }

    #[test]
    fn a_method_is_there_if_its_capability_is() {
        let offer = Offer::of(r#"{"capabilities":{"tools":{}}}"#);
        assert!(offer.serves(MethodLabel::ToolsCall) && offer.serves(MethodLabel::Other));
        for gone in [
            MethodLabel::PromptsList,
            MethodLabel::Initialize,
            MethodLabel::Ping,
            MethodLabel::LoggingSetLevel,
            MethodLabel::ResourcesSubscribe,
            MethodLabel::ResourcesUnsubscribe,
            MethodLabel::TasksGet,
        ] {
            assert!(!offer.serves(gone), "{}", gone.as_str());
        }
    }
}

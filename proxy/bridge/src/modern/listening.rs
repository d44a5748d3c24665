//! The messages of `subscriptions/listen` (MCP 2026-07-28, Subscriptions).

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{
    Offer,
    meta::SUBSCRIPTION_ID,
    object::{members, only},
};
use crate::{
    envelope::Raw,
    message::{self, Edit},
    protocol::MethodLabel,
};

/// What a client wants to hear of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Filter {
    /// `notifications/tools/list_changed`.
    #[serde(skip_serializing_if = "is_false")]
    pub tools_list_changed: bool,
    /// `notifications/prompts/list_changed`.
    #[serde(skip_serializing_if = "is_false")]
    pub prompts_list_changed: bool,
    /// `notifications/resources/list_changed`.
    #[serde(skip_serializing_if = "is_false")]
    pub resources_list_changed: bool,
    /// `notifications/resources/updated` of these.
    #[serde(
        rename = "resourceSubscriptions",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub uris: Vec<Arc<str>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Filter {
    /// Reads `params.notifications`; none if it is no filter.
    pub fn of(notifications: Option<Raw<'_>>) -> Option<Self> {
        let raw = notifications.filter(|raw| raw.is_object())?;
        let mut filter: Self = serde_json::from_str(raw.text).ok()?;
        filter.uris.sort_unstable();
        filter.uris.dedup();
        Some(filter)
    }

    /// Keeps what the server can tell.
    pub fn keep_offered(&mut self, offer: &Offer) {
        self.tools_list_changed &= offer.tools_change;
        self.prompts_list_changed &= offer.prompts_change;
        self.resources_list_changed &= offer.resources_change;
        if !offer.subscribe {
            self.uris.clear();
        }
    }

    /// Whether it lets a list-changed message pass.
    pub fn wants(&self, method: MethodLabel) -> bool {
        (self.tools_list_changed && method == MethodLabel::ToolsListChanged)
            || (self.prompts_list_changed && method == MethodLabel::PromptsListChanged)
            || (self.resources_list_changed && method == MethodLabel::ResourcesListChanged)
    }
}

/// The first message: what is honoured. `id` is the raw id of the request.
pub fn acknowledged(id: &[u8], filter: &Filter) -> Bytes {
    let (id, method) = (
        String::from_utf8_lossy(id),
        MethodLabel::SubscriptionsAcknowledged,
    );
    let (method, filter) = (method.as_str(), message::json(filter));
    Bytes::from(format!(
        "{{\"jsonrpc\":\"2.0\",\"method\":\"{method}\",\"params\":{{\"_meta\":{{\"{SUBSCRIPTION_ID}\":{id}}},\"notifications\":{filter}}}}}"
    ))
}

/// The result that ends a listen from this side (MCP 2026-07-28, Subscriptions, Graceful Closure).
pub fn closed(id: &[u8]) -> Bytes {
    let text = String::from_utf8_lossy(id);
    let result =
        format!("{{\"resultType\":\"complete\",\"_meta\":{{\"{SUBSCRIPTION_ID}\":{text}}}}}");
    message::result(id, result.as_bytes())
}

/// A notification with the listen's id in its `_meta`; every other byte stays.
pub fn tagged(line: &[u8], params: Option<Raw<'_>>, id: &[u8]) -> Bytes {
    let id = String::from_utf8_lossy(id);
    let entry = format!("\"{SUBSCRIPTION_ID}\":{id}");
    let (span, with) = place(line, params, &id, entry);
    let edit = Edit {
        span,
        with: with.as_bytes(),
    };
    message::splice(line, &[edit], 0).freeze()
}

/// Where the entry goes: into `_meta`, into `params` with one, or into the message with both.
fn place(
    line: &[u8],
    params: Option<Raw<'_>>,
    id: &str,
    entry: String,
) -> (std::ops::Range<usize>, String) {
    let first_of = |object: Raw<'_>, text: String| {
        let empty = object.bytes()[1..].trim_ascii_start().starts_with(b"}");
        let at = object.start + 1;
        (at..at, if empty { text } else { text + "," })
    };
    let Some(params) = params.filter(|params| params.is_object()) else {
        let end = line
            .iter()
            .rposition(|byte| *byte == b'}')
            .unwrap_or(line.len());
        return (end..end, format!(",\"params\":{{\"_meta\":{{{entry}}}}}"));
    };
    let all = members(params).unwrap_or_default();
    let Some(meta) = only(&all, "_meta")
        .ok()
        .flatten()
        .filter(|meta| meta.is_object())
    else {
        return first_of(params, format!("\"_meta\":{{{entry}}}"));
    };
    let of_meta = members(meta).unwrap_or_default();
    match only(&of_meta, SUBSCRIPTION_ID) {
        Ok(Some(old)) => (old.span(), id.to_owned()),
        Ok(None) | Err(_) => first_of(meta, entry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{Message, peek};

    #[rstest::rstest]
    #[case(r#"{"method":"n","jsonrpc":"2.0"}"#, r#"{"method":"n","jsonrpc":"2.0","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":7}}}"#)]
    #[case(r#"{"jsonrpc":"2.0","method":"n","params":{}}"#, r#"{"jsonrpc":"2.0","method":"n","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":7}}}"#)]
    #[case(r#"{"jsonrpc":"2.0","method":"n","params":{"uri": "u"}}"#, r#"{"jsonrpc":"2.0","method":"n","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":7},"uri": "u"}}"#)]
    #[case(r#"{"jsonrpc":"2.0","method":"n","params":{"_meta":{"a":1.50}}}"#, r#"{"jsonrpc":"2.0","method":"n","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":7,"a":1.50}}}"#)]
    #[case(r#"{"jsonrpc":"2.0","method":"n","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":"x"}}}"#, r#"{"jsonrpc":"2.0","method":"n","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":7}}}"#)]
    fn a_message_names_its_listen_and_keeps_every_other_byte(
        #[case] line: &str,
        #[case] expected: &str,
    ) {
        let Ok(Message::Notification(note)) = peek(line.as_bytes()) else {
            panic!("no notification")
        };
        assert_eq!(tagged(line.as_bytes(), note.params, b"7"), expected);
    }

    #[test]
    fn only_what_the_server_can_tell_is_honoured() {
        let filter = r#"{"toolsListChanged":true,"promptsListChanged":true,"resourceSubscriptions":["b","a","b"],"other":1}"#;
        let mut filter = Filter::of(Some(Raw::whole(filter))).unwrap();
        filter.keep_offered(&Offer::of(
            r#"{"capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true}}}"#,
        ));
        assert_eq!(
            acknowledged(b"\"x\"", &filter),
            r#"{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":"x"},"notifications":{"toolsListChanged":true,"resourceSubscriptions":["a","b"]}}}"#
        );
        assert!(filter.wants(MethodLabel::ToolsListChanged));
        assert!(!filter.wants(MethodLabel::PromptsListChanged));
    }

    #[test]
    fn what_is_no_filter_is_none() {
        for text in [
            "[]",
            "1",
            r#"{"toolsListChanged":"yes"}"#,
            r#"{"resourceSubscriptions":[1]}"#,
        ] {
            assert_eq!(Filter::of(Some(Raw::whole(text))), None, "{text}");
        }
        assert_eq!(Filter::of(None), None);
    }
}

//! What a server asks, as a result that asks the client to come back (MCP 2026-07-28, Multi
//! Round-Trip Requests), and the client's answers.

use std::collections::BTreeMap;

use bytes::{BufMut, Bytes, BytesMut};

use super::object::members;
use crate::{
    envelope::{Capabilities, Raw},
    message,
    protocol::MethodLabel,
    refusal::Refusal,
};

/// `_meta` of a server's request to a client: the key under which a client of this revision is asked.
pub const INPUT_KEY: &str = "hivewright.dev/inputKey";
/// `_meta` of a server's request or notification: the id, as the server received it, of the request
/// that it is about. With it a server that several clients share says whom it means.
pub const REQUEST_ID: &str = "hivewright.dev/requestId";

/// One thing that is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// Its key, unique in the call.
    pub key: String,
    /// Its method.
    pub method: MethodLabel,
    /// Its parameters, raw; none if the server gave none.
    pub params: Option<Bytes>,
}

/// Requests whose results may ask (MCP 2026-07-28, Multi Round-Trip Requests, Supported Requests).
pub const fn may_ask(method: MethodLabel) -> bool {
    matches!(
        method,
        MethodLabel::ToolsCall | MethodLabel::PromptsGet | MethodLabel::ResourcesRead
    )
}

/// The capability that a server's request needs; none if it is none that can be asked this way.
pub fn needs(method: MethodLabel) -> Option<Capabilities> {
    let none = Capabilities::default();
    if method == MethodLabel::SamplingCreateMessage {
        Some(Capabilities {
            sampling: true,
            ..none
        })
    } else if method == MethodLabel::ElicitationCreate {
        Some(Capabilities {
            elicitation: true,
            ..none
        })
    } else if method == MethodLabel::RootsList {
        Some(Capabilities {
            roots: true,
            ..none
        })
    } else {
        None
    }
}

/// The word with which the bridge names what is asked, if the server does not.
pub fn word(method: MethodLabel) -> &'static str {
    let name = method.as_str();
    name.split_once('/').map_or(name, |(word, _)| word)
}

/// The answer that asks for all of these.
pub fn required<'a>(id: &[u8], wants: impl Iterator<Item = &'a Want>, state: &str) -> Bytes {
    let mut result = BytesMut::with_capacity(512);
    result.put_slice(b"{\"resultType\":\"input_required\",\"inputRequests\":{");
    for (at, want) in wants.enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let key = message::json(&want.key);
        let method = want.method.as_str();
        result.put_slice(format!("{comma}{key}:{{\"method\":\"{method}\",\"params\":").as_bytes());
        result.put_slice(want.params.as_deref().unwrap_or(b"{}"));
        result.put_u8(b'}');
    }
    result.put_slice(b"},\"requestState\":");
    result.put_slice(message::json(state).as_bytes());
    result.put_u8(b'}');
    message::result(id, &result)
}

/// A client's answers by their keys, as slices of its body.
///
/// # Errors
/// [`Refusal::InvalidParams`] if they are no object of objects, or a key is there twice.
pub fn responses(body: &Bytes, given: Option<Raw<'_>>) -> Result<BTreeMap<String, Bytes>, Refusal> {
    const WHAT: Refusal =
        Refusal::InvalidParams("inputResponses must be an object with an object for each key");
    let Some(given) = given else {
        return Ok(BTreeMap::new());
    };
    let all = members(given).ok_or(WHAT)?;
    let mut responses = BTreeMap::new();
    for member in all {
        if !member.value.is_object() {
            return Err(WHAT);
        }
        let value = body.slice(member.value.span());
        if responses.insert(member.key.into_owned(), value).is_some() {
            return Err(WHAT);
        }
    }
    Ok(responses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_crosses_byte_for_byte_under_its_key() {
        let want = |key: &str, method, params: Option<&'static str>| Want {
            key: key.to_owned(),
            method,
            params: params.map(|params| Bytes::from_static(params.as_bytes())),
        };
        let wants = [
            want(
                "a\"b",
                MethodLabel::ElicitationCreate,
                Some(r#"{"n": 1.50}"#),
            ),
            want("roots-1", MethodLabel::RootsList, None),
        ];
        assert_eq!(
            required(b"7", wants.iter(), "state"),
            r#"{"jsonrpc":"2.0","id":7,"result":{"resultType":"input_required","inputRequests":{"a\"b":{"method":"elicitation/create","params":{"n": 1.50}},"roots-1":{"method":"roots/list","params":{}}},"requestState":"state"}}"#
        );
    }

    #[rstest::rstest]
    #[case(r#"{"a":{"x":1},"b":{}}"#, Some(2))]
    #[case("{}", Some(0))]
    #[case("null", None)]
    #[case("[]", None)]
    #[case(r#"{"a":12345}"#, None)]
    #[case(r#"{"a":{},"a":{}}"#, None)]
    fn answers_are_an_object_of_objects(#[case] text: &str, #[case] count: Option<usize>) {
        let body = Bytes::copy_from_slice(text.as_bytes());
        let read = responses(&body, Some(Raw::whole(text)));
        assert_eq!(read.ok().map(|all| all.len()), count);
    }

    #[test]
    fn only_three_methods_may_ask_and_only_for_three_things() {
        assert!(may_ask(MethodLabel::PromptsGet) && !may_ask(MethodLabel::ToolsList));
        assert!(needs(MethodLabel::RootsList).is_some_and(|needs| needs.roots));
        assert_eq!(needs(MethodLabel::TasksGet), None);
        assert_eq!(word(MethodLabel::SamplingCreateMessage), "sampling");
    }
}

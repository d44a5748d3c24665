//! A result that asks for something first (MCP 2026-07-28, Multi Round-Trip Requests,
//! InputRequiredResult).

use bytes::Bytes;
use memchr::memmem;

use crate::{
    envelope::Raw,
    modern::object::{members, only},
    protocol::MethodLabel,
};

/// What the server wants before it goes on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted<'a> {
    /// What the client is to be asked.
    pub(super) inputs: Vec<WantedInput<'a>>,
    /// What is to be sent back with the answers, raw.
    pub(super) state: Option<Bytes>,
}

/// One question.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WantedInput<'a> {
    /// Its key, unescaped.
    pub(super) key: Box<str>,
    pub(super) method: MethodLabel,
    /// Raw; none if the server gave none.
    pub(super) params: Option<Raw<'a>>,
}

/// What a result says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read<'a> {
    /// It is one like any other.
    Complete,
    /// It asks.
    Wanted(Wanted<'a>),
    /// It asks, but not in a way that can be understood.
    Malformed,
}

/// Reads a result. It is read as a whole only if its text can ask.
pub(super) fn read(result: Raw<'_>) -> Read<'_> {
    if memmem::find(result.bytes(), b"input_required").is_none() {
        return Read::Complete;
    }
    let all = members(result).unwrap_or_default();
    match only(&all, "resultType") {
        Ok(Some(kind)) if kind.text == "\"input_required\"" => {}
        Ok(Some(_) | None) | Err(_) => return Read::Complete,
    }
    let inputs = match only(&all, "inputRequests") {
        Ok(None) => Some(Vec::new()),
        Ok(Some(requests)) => inputs(requests),
        Err(_) => None,
    };
    let state = match only(&all, "requestState") {
        Ok(state) => state.map(|state| Bytes::copy_from_slice(state.bytes())),
        Err(_) => return Read::Malformed,
    };
    match inputs {
        Some(inputs) if !inputs.is_empty() || state.is_some() => {
            Read::Wanted(Wanted { inputs, state })
        }
        Some(_) | None => Read::Malformed,
    }
}

fn inputs(requests: Raw<'_>) -> Option<Vec<WantedInput<'_>>> {
    let mut inputs: Vec<WantedInput<'_>> = Vec::new();
    for member in members(requests)? {
        let request = members(member.value)?;
        let method = only(&request, "method").ok()??.string()?;
        let input = WantedInput {
            key: member.key.into(),
            method: MethodLabel::of(&method),
            params: only(&request, "params").ok()?,
        };
        if inputs.iter().any(|other| other.key == input.key) {
            return None;
        }
        inputs.push(input);
    }
    Some(inputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> &'static str {
        match read(Raw::whole(text)) {
            Read::Complete => "complete",
            Read::Wanted(_) => "wanted",
            Read::Malformed => "malformed",
        }
    }

    #[rstest::rstest]
    #[case(
        r#"{"resultType":"complete","content":[{"text":"input_required"}]}"#,
        "complete"
    )]
    #[case(r#"{"content":["\"resultType\":\"input_required\""]}"#, "complete")]
    #[case(r#"{"resultType":"input_required","requestState":"s"}"#, "wanted")]
    #[case(
        r#"{"resultType":"input_required","inputRequests":{"a":{"method":"roots/list"}}}"#,
        "wanted"
    )]
    #[case(r#"{"resultType":"input_required"}"#, "malformed")]
    #[case(r#"{"resultType":"input_required","inputRequests":{}}"#, "malformed")]
    #[case(r#"{"resultType":"input_required","inputRequests":[]}"#, "malformed")]
    #[case(
        r#"{"resultType":"input_required","inputRequests":{"a":{"params":{}}}}"#,
        "malformed"
    )]
    #[case(r#"{"resultType":"input_required","inputRequests":{"a":{"method":"x"},"a":{"method":"x"}}}"#, "malformed")]
    fn a_result_asks_only_if_it_says_so_itself(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(kind(text), expected);
    }

    #[test]
    fn questions_keep_their_order_and_their_text() {
        let text = r#"{"resultType":"input_required","requestState":"\u00e9","inputRequests":{"b":{"method":"elicitation/create","params":{"n": 1.50}},"a":{"method":"roots/list"}}}"#;
        let Read::Wanted(wanted) = read(Raw::whole(text)) else {
            unreachable!("it asks")
        };
        let texts: Vec<_> = wanted
            .inputs
            .iter()
            .map(|input| (&*input.key, input.params.map(|params| params.text)))
            .collect();
        assert_eq!(texts, [("b", Some(r#"{"n": 1.50}"#)), ("a", None)]);
        assert_eq!(wanted.state.unwrap(), r#""\u00e9""#);
    }
}

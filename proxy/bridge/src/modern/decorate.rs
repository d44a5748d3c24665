//! Answers of a server of an earlier revision as this one has them: spliced, not written anew.

use std::ops::Range;

use bytes::Bytes;
use memchr::memmem;

use super::object::{members, only};
use crate::{
    envelope::{Raw, Response, ResponseBody},
    message::{self, Edit},
    protocol::MethodLabel,
};

/// "Method not found" (JSON-RPC 2.0, section 5.1).
const METHOD_NOT_FOUND: i64 = -32601;
/// Where the HTTP status is 400 (MCP 2026-07-28, Error Codes): header mismatch, missing capability,
/// unsupported revision.
const BAD_REQUEST: std::ops::RangeInclusive<i64> = -32022..=-32020;

/// What goes to the client, and the HTTP status if nothing was sent before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decorated {
    /// The answer under the client's id.
    pub message: Bytes,
    /// 200, or what the specification says for the error.
    pub status: u16,
}

/// The answer with the client's id, and what this revision adds to results.
pub fn decorate(
    line: &Bytes,
    response: &Response<'_>,
    id: &[u8],
    method: MethodLabel,
) -> Decorated {
    let own = response.id.map(|own| Edit {
        span: own.span(),
        with: id,
    });
    let (change, status) = match response.body {
        ResponseBody::Result(result) => (additions(result, method), 200),
        ResponseBody::Error(error) => error_change(error),
    };
    let change = change.as_ref().map(|(span, with)| Edit {
        span: span.clone(),
        with: with.as_bytes(),
    });
    let mut edits: Vec<Edit<'_>> = own.into_iter().chain(change).collect();
    edits.sort_unstable_by_key(|edit| edit.span.start);
    Decorated {
        message: message::splice(line, &edits, 0).freeze(),
        status,
    }
}

type Change = Option<(Range<usize>, String)>;

/// Every result says of which kind it is, and what can be kept says for how long and for whom
/// (MCP 2026-07-28, Caching). What the server says itself stays.
fn additions(result: Raw<'_>, method: MethodLabel) -> Change {
    if !result.is_object() {
        return None;
    }
    let mut added = String::new();
    if !has(result, "resultType") {
        added.push_str("\"resultType\":\"complete\",");
    }
    if is_kept(method) && !is_input_required(result) {
        if !has(result, "ttlMs") {
            added.push_str("\"ttlMs\":0,");
        }
        if !has(result, "cacheScope") {
            added.push_str("\"cacheScope\":\"private\",");
        }
    }
    if added.is_empty() {
        return None;
    }
    let empty = result.bytes()[1..].trim_ascii_start().starts_with(b"}");
    if empty {
        added.pop();
    }
    let after = result.start + 1;
    Some((after..after, added))
}

/// Whether the result has this key. It is read as a whole only if the text can have it.
fn has(result: Raw<'_>, key: &str) -> bool {
    memmem::find(result.bytes(), key.as_bytes()).is_some()
        && members(result).is_some_and(|all| all.iter().any(|member| member.key == key))
}

fn is_input_required(result: Raw<'_>) -> bool {
    memmem::find(result.bytes(), b"input_required").is_some()
        && members(result).is_some_and(|all| {
            matches!(only(&all, "resultType"), Ok(Some(kind)) if kind.text == "\"input_required\"")
        })
}

/// Results that must have hints for caching.
const fn is_kept(method: MethodLabel) -> bool {
    matches!(
        method,
        MethodLabel::ServerDiscover
            | MethodLabel::ToolsList
            | MethodLabel::PromptsList
            | MethodLabel::ResourcesList
            | MethodLabel::ResourcesTemplatesList
            | MethodLabel::ResourcesRead
    )
}

fn error_change(error: Raw<'_>) -> (Change, u16) {
    let all = members(error).unwrap_or_default();
    let Ok(Some(code)) = only(&all, "code") else {
        return (None, 200);
    };
    let Ok(number) = code.text.parse::<i64>() else {
        return (None, 200);
    };
    let status = match number {
        METHOD_NOT_FOUND => 404,
        number if BAD_REQUEST.contains(&number) => 400,
        _ => 200,
    };
    let change = renamed(number).map(|number| (code.span(), number.to_string()));
    (change, status)
}

/// Codes that this revision has no more (MCP 2026-07-28, Error Codes): a resource that is not there
/// is an invalid parameter; a URL that the client must visit first has no code of its own.
const fn renamed(code: i64) -> Option<i64> {
    match code {
        -32002 => Some(-32602),
        -32042 => Some(-32603),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{Message, peek};

    fn decorated(line: &str, method: MethodLabel) -> (String, u16) {
        let line = Bytes::copy_from_slice(line.as_bytes());
        let Ok(Message::Response(response)) = peek(&line) else {
            panic!("no response")
        };
        let out = decorate(&line, &response, b"\"c\"", method);
        (String::from_utf8(out.message.to_vec()).unwrap(), out.status)
    }

    #[rstest::rstest]
    #[case(
        MethodLabel::ToolsCall,
        r#"{"n":1.50}"#,
        r#"{"resultType":"complete","n":1.50}"#
    )]
    #[case(MethodLabel::ToolsCall, "{ }", r#"{"resultType":"complete" }"#)]
    #[case(
        MethodLabel::ToolsCall,
        r#"{"resultType":"task"}"#,
        r#"{"resultType":"task"}"#
    )]
    #[case(
        MethodLabel::ToolsCall,
        r#"{"content":"a resultType"}"#,
        r#"{"resultType":"complete","content":"a resultType"}"#
    )]
    #[case(
        MethodLabel::ToolsList,
        r#"{"tools":[]}"#,
        r#"{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[]}"#
    )]
    #[case(
        MethodLabel::ResourcesRead,
        r#"{"ttlMs":5,"contents":[]}"#,
        r#"{"resultType":"complete","cacheScope":"private","ttlMs":5,"contents":[]}"#
    )]
    #[case(
        MethodLabel::ResourcesRead,
        r#"{"resultType":"input_required","requestState":"s"}"#,
        r#"{"resultType":"input_required","requestState":"s"}"#
    )]
    fn a_result_gets_what_it_lacks_and_keeps_every_other_byte(
        #[case] method: MethodLabel,
        #[case] result: &str,
        #[case] expected: &str,
    ) {
        let line =
            |id: &str, result: &str| format!(r#"{{"id":{id},"result":{result},"jsonrpc":"2.0"}}"#);
        let (message, status) = decorated(&line("17", result), method);
        assert_eq!((message, status), (line("\"c\"", expected), 200));
    }

    #[rstest::rstest]
    #[case(-32002, -32602, 200)]
    #[case(-32042, -32603, 200)]
    #[case(-32601, -32601, 404)]
    #[case(-32021, -32021, 400)]
    #[case(-32602, -32602, 200)]
    #[case(-1, -1, 200)]
    fn an_error_gets_the_code_of_this_revision_and_its_status(
        #[case] code: i64,
        #[case] told: i64,
        #[case] expected: u16,
    ) {
        let line = |id: &str, code: i64| {
            format!(
                r#"{{"jsonrpc":"2.0","id":{id},"error":{{"message":"m","code":{code},"data":{{"uri":"u"}}}}}}"#
            )
        };
        let (message, status) = decorated(&line("17", code), MethodLabel::ResourcesRead);
        assert_eq!((message, status), (line("\"c\"", told), expected));
    }
}

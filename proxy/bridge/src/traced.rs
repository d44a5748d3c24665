//! The trace that a request is part of, as its `params._meta` says it.
//!
//! The keys `traceparent` and `tracestate` are reserved for this, without a prefix, and have the
//! form of the headers of the same names (SEP-414; MCP 2026-07-28, Base Protocol, `_meta`).

mod gap;

use std::{borrow::Cow, sync::LazyLock};

use bytes::Bytes;
use memchr::memmem::Finder;

use self::gap::Gap;
use crate::{
    envelope::{self, Message, Raw, Request},
    message::{self, Edit},
    modern::object::{cuts, members, only},
};

/// `_meta`: the span that asks.
pub const TRACEPARENT: &str = "traceparent";
/// `_meta`: what tracing systems want to know beside it.
pub const TRACESTATE: &str = "tracestate";

/// What one request says of its trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said<'a> {
    /// `_meta.traceparent`, whatever it holds.
    pub parent: Option<Cow<'a, str>>,
    /// `_meta.tracestate`.
    pub state: Option<Cow<'a, str>>,
}

/// What the body says, if it is one request. A body that cannot hold the key is not read.
pub fn said(body: &[u8]) -> Said<'_> {
    // A search is all that this costs others; no client writes the key with escapes.
    static KEY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(TRACEPARENT));
    if KEY.find(body).is_none() {
        return Said::default();
    }
    let text = |key| {
        let meta = members(meta_of(&request(body)?)?)?;
        only(&meta, key).ok()??.string()
    };
    Said {
        parent: text(TRACEPARENT),
        state: text(TRACESTATE),
    }
}

/// The body with this `traceparent`, and this `tracestate` if one is given, in place of what it
/// said. None if it is not one request, or one whose parameters cannot say it; then it must cross
/// unchanged.
pub fn tell(body: &[u8], parent: &str, state: Option<&str>) -> Option<Bytes> {
    let mut told = ["\"", TRACEPARENT, "\":", &*message::json(parent)].concat();
    if let Some(state) = state {
        told = format!("{told},\"{TRACESTATE}\":{}", message::json(state));
    }
    gap::find(body)
        .map(|gap| into_gap(body, gap, &told))
        .or_else(|| by_parsing(body, told, state.is_some()))
}

fn into_gap(body: &[u8], gap: Gap, told: &str) -> Bytes {
    let more = if gap.empty { "" } else { "," };
    let text = if gap.in_meta {
        [told, more].concat()
    } else {
        ["\"_meta\":{", told, "}", more].concat()
    };
    insert(body, gap.at, &text)
}

fn by_parsing(body: &[u8], told: String, with_state: bool) -> Option<Bytes> {
    let request = request(body)?;
    let Some(params) = request.params else {
        let end = body.trim_ascii_end().len() - 1;
        let all = format!(",\"params\":{{\"_meta\":{{{told}}}}}");
        return Some(insert(body, end, &all));
    };
    let all = members(params)?;
    let Some(meta) = only(&all, "_meta").ok()? else {
        let more = if all.is_empty() { "" } else { "," };
        let first = format!("\"_meta\":{{{told}}}{more}");
        return Some(insert(body, params.start + 1, &first));
    };
    into_meta(body, meta, told, |key| {
        key == TRACEPARENT || (key == TRACESTATE && with_state)
    })
}

/// Puts the members first into `_meta`, and takes those out that they replace.
fn into_meta(
    body: &[u8],
    meta: Raw<'_>,
    mut told: String,
    replaced: impl Fn(&str) -> bool,
) -> Option<Bytes> {
    let all = members(meta)?;
    if all.iter().any(|member| !replaced(&member.key)) {
        told.push(',');
    }
    let start = meta.start + 1;
    let mut edits = vec![Edit {
        span: start..start,
        with: told.as_bytes(),
    }];
    let gone = cuts(meta, &all, replaced);
    edits.extend(gone.into_iter().map(|span| Edit { span, with: b"" }));
    Some(message::splice(body, &edits, 0).freeze())
}

fn insert(body: &[u8], at: usize, with: &str) -> Bytes {
    let with = with.as_bytes();
    message::splice(body, &[Edit { span: at..at, with }], 0).freeze()
}

fn request(body: &[u8]) -> Option<Request<'_>> {
    match envelope::peek(body) {
        Ok(Message::Request(request)) => Some(request),
        Ok(Message::Notification(_) | Message::Response(_)) | Err(_) => None,
    }
}

fn meta_of<'a>(request: &Request<'a>) -> Option<Raw<'a>> {
    only(&members(request.params?)?, "_meta").ok()?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn body(params: &str) -> String {
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"x"{params}}}"#)
    }

    fn told(params: &str, state: Option<&str>) -> String {
        let all = tell(body(params).as_bytes(), "P", state).expect("it can be told");
        let all = String::from_utf8(all.to_vec()).expect("UTF-8");
        let params = all.strip_prefix(r#"{"jsonrpc":"2.0","id":1,"method":"x","#);
        params.expect("the rest is as it was")[..]
            .trim_end_matches('}')
            .to_owned()
    }

    #[rstest::rstest]
    #[case("", r#""params":{"_meta":{"traceparent":"P""#)]
    #[case(r#","params":{}"#, r#""params":{"_meta":{"traceparent":"P""#)]
    #[case(
        r#","params":{ "a" : 1.50}"#,
        r#""params":{"_meta":{"traceparent":"P"}, "a" : 1.50"#
    )]
    #[case(
        r#","params":{"_meta":{"traceparent":"O"}}"#,
        r#""params":{"_meta":{"traceparent":"P""#
    )]
    #[case(
        r#","params":{"a":2,"_meta":{"b":3,"traceparent":"O","c":1e3}}"#,
        r#""params":{"a":2,"_meta":{"traceparent":"P","b":3,"c":1e3"#
    )]
    fn the_trace_is_put_where_it_belongs_and_nothing_else_changes(
        #[case] params: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(told(params, None), expected);
    }

    #[test]
    fn the_state_that_came_with_it_stays_unless_there_is_another() {
        let params = r#","params":{"_meta":{"traceparent":"O","tracestate":"a=1"}}"#;
        let kept = told(params, None);
        assert!(
            kept.ends_with(r#""traceparent":"P","tracestate":"a=1""#),
            "{kept}"
        );
        let other = told(params, Some("b=2"));
        assert!(
            other.ends_with(r#""traceparent":"P","tracestate":"b=2""#),
            "{other}"
        );
    }

    #[rstest::rstest]
    #[case(r#"[{"jsonrpc":"2.0","id":1,"method":"x"}]"#)]
    #[case(r#"{"jsonrpc":"2.0","method":"x"}"#)]
    #[case(r#"{"jsonrpc":"2.0","id":1,"method":"x","params":[1]}"#)]
    #[case(r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":1}}"#)]
    #[case("nonsense")]
    fn what_cannot_say_it_crosses_as_it_is(#[case] body: &str) {
        assert_eq!(tell(body.as_bytes(), "P", None), None);
    }

    #[test]
    fn a_key_elsewhere_is_no_trace() {
        let body = body(r#","params":{"arguments":{"traceparent":"O"}}"#);
        assert_eq!(said(body.as_bytes()), Said::default());
    }

    #[rstest::rstest]
    #[case("{}")]
    #[case(r#"{"_meta":{}}"#)]
    #[case(r#"{"a":[1],"_meta":{"b":"\"}"},"c":{}}"#)]
    fn in_one_pass_as_by_parsing(#[case] params: &str) {
        let body = body(&format!(r#","params":{params}"#));
        let body = body.as_bytes();
        let told = r#""traceparent":"P""#;
        let gap = gap::find(body).expect("a usual request");
        assert_eq!(
            Some(into_gap(body, gap, told)),
            by_parsing(body, told.to_owned(), false)
        );
    }

    proptest! {
        #[test]
        fn what_was_told_is_what_is_said(parent in "[ -~]{0,60}", state in proptest::option::of("[ -~]{0,20}")) {
            let body = body(r#","params":{"name":"x","_meta":{"own":1}}"#);
            let all = tell(body.as_bytes(), &parent, state.as_deref()).expect("it can be told");
            let said = said(&all);
            prop_assert_eq!(said.parent.as_deref(), Some(&*parent));
            prop_assert_eq!(said.state.as_deref(), state.as_deref());
            let tree: Value = serde_json::from_slice(&all).expect("JSON");
            prop_assert_eq!(&tree["params"]["_meta"]["own"], &Value::from(1));
        }
    }
}

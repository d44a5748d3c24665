//! Media types: what a client sends and what it can read.

use http::{
    HeaderMap,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue},
};

/// A media type, as its two halves.
type Media = (&'static str, &'static str);

/// JSON-RPC messages.
const JSON: Media = ("application", "json");
/// Server-sent events.
const EVENT_STREAM: Media = ("text", "event-stream");

/// Whether the body says that it is JSON; parameters such as `charset` do not matter.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(CONTENT_TYPE).map(HeaderValue::to_str) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Whether the client can read either kind of answer to a POST (MCP 2025-11-25, Streamable HTTP,
/// Sending Messages, 2). No `Accept` at all accepts everything (RFC 9110, 12.5.1).
pub(super) fn accepts_answer(headers: &HeaderMap) -> bool {
    accepts(headers, JSON) && accepts(headers, EVENT_STREAM)
}

/// Whether the client can read server-sent events.
pub(super) fn accepts_events(headers: &HeaderMap) -> bool {
    accepts(headers, EVENT_STREAM)
}

fn accepts(headers: &HeaderMap, media: Media) -> bool {
    let mut values = headers.get_all(ACCEPT).iter().peekable();
    values.peek().is_none()
        || values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|range| matches(range, media))
}

fn matches(range: &str, (kind, subtype): Media) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let Some((range_kind, range_subtype)) = parts.next().and_then(|all| all.split_once('/')) else {
        return false;
    };
    let named = |range: &str, name: &str| range == "*" || range.eq_ignore_ascii_case(name);
    named(range_kind, kind) && named(range_subtype, subtype) && !parts.any(is_weight_zero)
}

/// `q=0` says "not acceptable" (RFC 9110, 12.4.2).
fn is_weight_zero(parameter: &str) -> bool {
    let Some((name, weight)) = parameter.split_once('=') else {
        return false;
    };
    name.trim().eq_ignore_ascii_case("q") && weight.trim().parse::<f32>() == Ok(0.0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn headers(accept: &str) -> HeaderMap {
        let value = HeaderValue::from_str(accept).expect("a header value");
        HeaderMap::from_iter([(ACCEPT, value)])
    }

    #[rstest]
    #[case("application/json, text/event-stream", true)]
    #[case("text/event-stream,application/json;q=0.5", true)]
    #[case("Application/JSON, Text/Event-Stream", true)]
    #[case("*/*", true)]
    #[case("application/*, text/*", true)]
    #[case("application/json", false)]
    #[case("text/event-stream", false)]
    #[case("text/html", false)]
    #[case("application/json, text/event-stream;q=0", false)]
    #[case("application/jsonp, text/event-stream", false)]
    #[case("", false)]
    fn an_answer_needs_both_media_types(#[case] accept: &str, #[case] expected: bool) {
        assert_eq!(accepts_answer(&headers(accept)), expected);
    }

    #[test]
    fn several_accept_headers_count_as_one_list_and_none_accepts_everything() {
        let mut both = headers("application/json");
        both.append(ACCEPT, HeaderValue::from_static("text/event-stream"));
        assert!(accepts_answer(&both));
        assert!(accepts_answer(&HeaderMap::new()));
    }

    #[rstest]
    #[case(Some("application/json"), true)]
    #[case(Some("application/json; charset=utf-8"), true)]
    #[case(Some("APPLICATION/JSON"), true)]
    #[case(Some("text/plain"), false)]
    #[case(Some("application/x-www-form-urlencoded"), false)]
    #[case(Some("application/jsonp"), false)]
    #[case(None, false)]
    fn only_json_is_json(#[case] value: Option<&'static str>, #[case] expected: bool) {
        let values = value.map(|value| (CONTENT_TYPE, HeaderValue::from_static(value)));
        assert_eq!(is_json(&HeaderMap::from_iter(values)), expected);
    }
}

//! What kind of answer a response is, by its head.

use http::{Response, StatusCode, header, uri::PathAndQuery};

/// Redirects that are followed before the path is called wrong. Frameworks send one, from `/mcp` to
/// `/mcp/`.
pub(super) const MAX_REDIRECTS: usize = 3;

/// A response's kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// An event stream.
    Events,
    /// One JSON body.
    Json,
    /// Taken; there is no answer.
    Nothing,
    /// The same is to be found at another path of the same server.
    Moved(PathAndQuery),
    /// Not done.
    Refused(StatusCode),
    /// Done, but in another form than MCP knows: its content type.
    Foreign(String),
}

impl Answer {
    pub(super) fn of<B: http_body::Body>(response: &Response<B>) -> Self {
        let status = response.status();
        if status.is_redirection()
            && let Some(path) = moved(response)
        {
            return Self::Moved(path);
        }
        if !status.is_success() {
            return Self::Refused(status);
        }
        let empty = response.body().size_hint().exact() == Some(0);
        if empty || matches!(status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT) {
            return Self::Nothing;
        }
        match essence(response).as_str() {
            "text/event-stream" => Self::Events,
            "application/json" => Self::Json,
            other => Self::Foreign(other.to_owned()),
        }
    }
}

/// The content type without its parameters, in lower case.
fn essence<B>(response: &Response<B>) -> String {
    let value = response.headers().get(header::CONTENT_TYPE);
    let text = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Where a redirect points, if the request may be repeated there as it is (RFC 9110, 15.4.8 and
/// 15.4.9).
fn moved<B>(response: &Response<B>) -> Option<PathAndQuery> {
    let same = [
        StatusCode::TEMPORARY_REDIRECT,
        StatusCode::PERMANENT_REDIRECT,
    ];
    let location = response.headers().get(header::LOCATION)?;
    let target = location
        .to_str()
        .ok()
        .filter(|_| same.contains(&response.status()))?;
    path_of(target)
}

/// Path and query of an absolute URL or an absolute path. The host is left out on purpose: whatever
/// a server says, it is this pod that is spoken to.
pub(super) fn path_of(target: &str) -> Option<PathAndQuery> {
    let uri: http::Uri = target.parse().ok()?;
    let absolute = uri.scheme().is_some() || target.starts_with('/');
    uri.into_parts().path_and_query.filter(|_| absolute)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http_body_util::Full;
    use rstest::rstest;

    use super::*;

    fn of(status: u16, name: header::HeaderName, value: &str, body: &'static str) -> Answer {
        let response = Response::builder().status(status).header(name, value);
        Answer::of(&response.body(Full::<Bytes>::from(body)).unwrap())
    }

    #[rstest]
    #[case::events(200, "text/event-stream; charset=utf-8", "x", Answer::Events)]
    #[case::json(200, "Application/JSON", "x", Answer::Json)]
    #[case::accepted(202, "application/json", "null", Answer::Nothing)]
    #[case::no_body(200, "text/plain", "", Answer::Nothing)]
    #[case::page(200, "text/html", "x", Answer::Foreign("text/html".to_owned()))]
    #[case::error(
        503,
        "application/json",
        "x",
        Answer::Refused(StatusCode::SERVICE_UNAVAILABLE)
    )]
    fn a_response_is_told_by_its_head(
        #[case] status: u16,
        #[case] content_type: &str,
        #[case] body: &'static str,
        #[case] expected: Answer,
    ) {
        assert_eq!(
            of(status, header::CONTENT_TYPE, content_type, body),
            expected
        );
    }

    #[test]
    fn only_redirects_that_keep_the_request_are_followed() {
        let there = Answer::Moved(PathAndQuery::from_static("/mcp/"));
        assert_eq!(of(307, header::LOCATION, "/mcp/", ""), there);
        assert_eq!(of(308, header::LOCATION, "http://evil/mcp/", ""), there);
        let see_other = Answer::Refused(StatusCode::SEE_OTHER);
        assert_eq!(of(303, header::LOCATION, "/mcp/", ""), see_other);
    }
}

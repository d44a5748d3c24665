//! Why somebody is not let through, and how that reads over HTTP.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Ask;

/// Media type of an error that says what to do (RFC 9457).
const PROBLEM: &str = "application/problem+json";

/// Why somebody is not let through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// Reading is switched off.
    #[error(
        "reading over the network is switched off; set reader.enabled=true in the values of the Hivewright chart, or read the journal within the controller's pod"
    )]
    Closed,
    /// Nobody says who asks.
    #[error(
        "this needs a token of the cluster; send `Authorization: Bearer TOKEN`, or use `kubectl hivewright`, which does"
    )]
    NoToken,
    /// The header holds no token.
    #[error("the Authorization header holds no bearer token; send `Authorization: Bearer TOKEN`")]
    BadHeader,
    /// The cluster does not know the token, or no longer.
    #[error("the cluster does not know this token; get a new one, it may have expired")]
    Unknown,
    /// The cluster knows them, and they have not the right.
    #[error("{who} may not {ask}; ask an administrator of the cluster for that right")]
    Forbidden {
        /// Their name.
        who: String,
        /// What they may not.
        ask: Ask,
    },
    /// The API server did not answer in time, or not at all.
    #[error("the API server could not be asked who you are and what you may; try again")]
    Unanswered,
    /// The API server does not let the controller ask.
    #[error(
        "the controller may not ask the API server who you are; install the Hivewright chart with reader.enabled=true, by somebody who may make ClusterRoles"
    )]
    Powerless,
    /// Too many strangers ask at once.
    #[error("too many unknown readers at once; try again in a second")]
    Busy,
}

impl Denial {
    /// Its word, for metric labels.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::NoToken => "no_token",
            Self::BadHeader => "bad_header",
            Self::Unknown => "unknown",
            Self::Forbidden { .. } => "forbidden",
            Self::Unanswered => "unanswered",
            Self::Powerless => "powerless",
            Self::Busy => "busy",
        }
    }

    /// The status to answer with.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NoToken | Self::BadHeader | Self::Unknown => StatusCode::UNAUTHORIZED,
            Self::Closed | Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::Unanswered | Self::Powerless | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The header that goes with the status: how to authenticate (RFC 6750, section 3), or when to
    /// come again.
    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        let ask = |value| (header::WWW_AUTHENTICATE, HeaderValue::from_static(value));
        let later = (header::RETRY_AFTER, HeaderValue::from_static("1"));
        match self {
            Self::NoToken => Some(ask("Bearer realm=\"hivewright\"")),
            Self::BadHeader => Some(ask(
                "Bearer realm=\"hivewright\", error=\"invalid_request\"",
            )),
            Self::Unknown => Some(ask("Bearer realm=\"hivewright\", error=\"invalid_token\"")),
            Self::Unanswered | Self::Busy => Some(later),
            Self::Closed | Self::Forbidden { .. } | Self::Powerless => None,
        }
    }
}

impl IntoResponse for Denial {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut answer = problem(status, self.reason(), &self.to_string());
        if let Some((name, value)) = self.header() {
            answer.headers_mut().insert(name, value);
        }
        answer
    }
}

/// An answer that says what is wrong and what to change (RFC 9457).
pub(crate) fn problem(status: StatusCode, reason: &str, detail: &str) -> Response {
    let body = json!({
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "reason": reason,
        "detail": detail,
    });
    let kind = [(header::CONTENT_TYPE, PROBLEM)];
    (status, kind, format!("{body}\n")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_can_do_something_about_it_is_asked_for_a_token() {
        let asked = |denial: Denial| {
            let answer = denial.into_response();
            (
                answer.status().as_u16(),
                answer.headers().contains_key(header::WWW_AUTHENTICATE),
            )
        };
        assert_eq!(asked(Denial::NoToken), (401, true));
        assert_eq!(asked(Denial::Unknown), (401, true));
        let forbidden = Denial::Forbidden {
            who: "eve".to_owned(),
            ask: Ask::list(None),
        };
        assert_eq!(asked(forbidden), (403, false));
        assert_eq!(asked(Denial::Busy), (503, false));
    }
}

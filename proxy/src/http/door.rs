//! The doors, by name, and the refusals that need no hub.

use bytes::Bytes;
use hivewright_api::names;
use http::StatusCode;

use super::{MAX_BODY, guard::Foreign};

/// One path on which clients knock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Streamable HTTP.
    Mcp,
    /// The stream of an HTTP+SSE client.
    Sse,
    /// Where an HTTP+SSE client posts.
    Messages,
    /// Any other path.
    Unknown,
}

impl Door {
    /// Every door, in the order of [`Door::index`].
    pub const ALL: [Self; 4] = [Self::Mcp, Self::Sse, Self::Messages, Self::Unknown];

    /// The metric label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Mcp => "mcp",
            Self::Sse => "sse",
            Self::Messages => "messages",
            Self::Unknown => "unknown",
        }
    }

    /// Position in [`Door::ALL`].
    pub const fn index(self) -> usize {
        match self {
            Self::Mcp => 0,
            Self::Sse => 1,
            Self::Messages => 2,
            Self::Unknown => 3,
        }
    }

    /// The methods that it takes, as an `Allow` header lists them.
    pub const fn allow(self) -> &'static str {
        match self {
            Self::Mcp => "GET, POST, DELETE",
            Self::Sse => "GET",
            Self::Messages => "POST",
            Self::Unknown => "",
        }
    }
}

/// Why a request was turned away before it reached the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// No door has this path.
    UnknownPath,
    /// This door does not take this method.
    WrongMethod,
    /// `Host` is not the proxy's (DNS rebinding).
    ForeignHost,
    /// `Origin` is a web page's that is not allowed (MCP 2025-11-25, Security Warning: 403).
    ForeignOrigin,
    /// `Accept` rules out an answer that may be given.
    NotAcceptable,
    /// `Content-Type` is not JSON.
    NotJsonType,
    /// The body is larger than [`MAX_BODY`].
    BodyTooLarge,
    /// The body did not arrive within [`super::BODY_WAIT`].
    BodyTooSlow,
    /// The body broke off or is not framed as HTTP.
    BodyBroken,
    /// `Mcp-Session-Id` or `session_id` is missing where nothing works without.
    SessionMissing,
    /// A header that has one value is doubled or not visible ASCII.
    BadHeader,
    /// No random bytes for a session id.
    NoRandomness,
    /// The stream was lost before an answer: it did not fit its queue.
    AnswerLost,
}

impl From<Foreign> for Rejection {
    fn from(foreign: Foreign) -> Self {
        match foreign {
            Foreign::Host => Self::ForeignHost,
            Foreign::Origin => Self::ForeignOrigin,
        }
    }
}

impl Rejection {
    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            // RFC 9110, 15.5.20: this server does not answer for that authority.
            Self::ForeignHost => StatusCode::MISDIRECTED_REQUEST,
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::NotJsonType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BodyBroken | Self::SessionMissing | Self::BadHeader => StatusCode::BAD_REQUEST,
            Self::NoRandomness | Self::AnswerLost => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The bounded label, for metrics and the access log.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::UnknownPath => "unknown_path",
            Self::WrongMethod => "wrong_method",
            Self::ForeignHost => "foreign_host",
            Self::ForeignOrigin => "foreign_origin",
            Self::NotAcceptable => "not_acceptable",
            Self::NotJsonType => "not_json_type",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyTooSlow => "body_too_slow",
            Self::BodyBroken => "body_broken",
            Self::SessionMissing => "session_missing",
            Self::BadHeader => "bad_header",
            Self::NoRandomness => "no_randomness",
            Self::AnswerLost => "answer_lost",
        }
    }

    /// One sentence that tells the client what to change.
    fn message(self) -> String {
        match self {
            Self::UnknownPath => format!(
                "nothing is here; use {} (Streamable HTTP) or {} (HTTP+SSE)",
                names::PATH_MCP,
                names::PATH_SSE
            ),
            Self::WrongMethod => "this path does not take this method; see the Allow header".into(),
            Self::ForeignHost => "the Host header names another host; use the Service's name or \
                 add the name to the proxy's allowed hosts"
                .into(),
            Self::ForeignOrigin => {
                "this Origin is not allowed; add it to the proxy's allowed origins".into()
            }
            Self::NotAcceptable => "the Accept header must allow text/event-stream, and for a POST \
                 to /mcp application/json too"
                .into(),
            Self::NotJsonType => "the Content-Type must be application/json".into(),
            Self::BodyTooLarge => format!("the body is larger than {MAX_BODY} bytes"),
            Self::BodyTooSlow => "the body did not arrive in time; send it again".into(),
            Self::BodyBroken => "the body broke off; send it again".into(),
            Self::SessionMissing => "the session id is missing; send it as the answer to \
                 initialize or the endpoint event gave it"
                .into(),
            Self::BadHeader => "a header is doubled or not visible ASCII; send it once".into(),
            Self::NoRandomness => "no session can be opened now; try again".into(),
            Self::AnswerLost => "the answer was lost; ask again".into(),
        }
    }

    /// A JSON-RPC error without an id, as the transport's own errors are
    /// (MCP 2025-11-25, Streamable HTTP, Sending Messages, 4).
    pub fn body(self) -> Bytes {
        /// Implementation-defined server error (JSON-RPC 2.0, section 5.1).
        const CODE: i32 = -32000;
        let error = serde_json::json!({
            "jsonrpc": "2.0",
            "id": null,
            "error": { "code": CODE, "message": self.message() },
        });
        Bytes::from(error.to_string())
    }
}

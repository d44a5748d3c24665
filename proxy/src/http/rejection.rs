//! What the doors turn away themselves, before the hub sees it.

use std::time::Duration;

use bytes::Bytes;
use hivewright_api::names;
use hivewright_bridge::{io::Loss, refusal::Refusal};
use http::StatusCode;
use thiserror::Error;

use super::guard::Foreign;
use crate::{
    driver::{NoRandomness, NotResumed},
    fleet::{NotOpened, NotVisited},
};

/// Why a request was turned away by a door.
#[derive(Debug, Error)]
pub enum Rejection {
    /// A rule that the protocol names.
    #[error("{0}")]
    Rule(Refusal),
    /// No door has this path.
    #[error(
        "nothing is at this path; use {mcp} (Streamable HTTP), or {sse} and {messages} (HTTP+SSE)",
        mcp = names::PATH_MCP, sse = names::PATH_SSE, messages = names::PATH_MESSAGES
    )]
    UnknownPath,
    /// A POST to `/messages` without its session.
    #[error("session_id is missing; post to the URI that the endpoint event gave")]
    SessionMissing,
    /// A header of the protocol is doubled or not visible ASCII.
    #[error("the {0} header is doubled or not visible ASCII; send it once, as it was given")]
    BadHeader(&'static str),
    /// `Last-Event-ID` is none of our ids.
    #[error("Last-Event-ID is no id that was given here; send the id of the last event as it came")]
    BadEventId,
    /// The stream cannot be read on. Not 404, which says that the session is over.
    #[error("{0}")]
    NotResumed(NotResumed),
    /// Every place for a connection is taken.
    #[error("too many connections are open; close those that are idle, or try again later")]
    TooManyConnections,
    /// The body broke off, or is not framed as HTTP.
    #[error("the body broke off; send it again")]
    BodyBroken,
    /// No session can be named.
    #[error("no session can be opened now; try again later")]
    NoRandomness(#[from] NoRandomness),
    /// The stream was lost before the answer: more came than the client read.
    #[error("the stream ended before the answer; send the request again")]
    AnswerLost,
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::Rule(refusal)
    }
}

impl From<Foreign> for Rejection {
    fn from(foreign: Foreign) -> Self {
        match foreign {
            Foreign::Host => Self::Rule(Refusal::ForbiddenHost),
            Foreign::Origin => Self::Rule(Refusal::ForbiddenOrigin),
        }
    }
}

impl From<NotOpened> for Rejection {
    fn from(not_opened: NotOpened) -> Self {
        match not_opened {
            NotOpened::NoPods => Self::Rule(Refusal::ServerUnavailable(Some(Loss::ScaledDown))),
            NotOpened::PoolFull { max } => Self::Rule(Refusal::PoolFull { max }),
            NotOpened::NoRandomness(error) => Self::NoRandomness(error),
        }
    }
}

impl From<NotVisited> for Rejection {
    fn from(not_visited: NotVisited) -> Self {
        match not_visited {
            NotVisited::NotOpened(error) => error.into(),
            NotVisited::Refused(refusal) => Self::Rule(refusal),
        }
    }
}

impl Rejection {
    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Rule(refusal) => status(refusal),
            Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::SessionMissing | Self::BadHeader(_) | Self::BadEventId | Self::BodyBroken => {
                StatusCode::BAD_REQUEST
            }
            Self::NotResumed(_) => StatusCode::CONFLICT,
            Self::NoRandomness(_) | Self::AnswerLost | Self::TooManyConnections => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// After how long it may be worth to try again, if that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        if let Self::Rule(refusal) = self {
            refusal.retry_after()
        } else {
            None
        }
    }

    /// The bounded label, for metrics and the access log.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Rule(refusal) => refusal.reason(),
            Self::UnknownPath => "unknown_path",
            Self::SessionMissing => "session_missing",
            Self::BadHeader(_) => "bad_header",
            Self::BadEventId => "bad_event_id",
            Self::NotResumed(why) => why.reason(),
            Self::TooManyConnections => "too_many_connections",
            Self::BodyBroken => "body_broken",
            Self::NoRandomness(_) => "no_randomness",
            Self::AnswerLost => "answer_lost",
        }
    }

    /// A JSON-RPC error without an id, as the transport's own errors are
    /// (MCP 2025-11-25, Streamable HTTP, Sending Messages, 4).
    pub fn body(&self) -> Bytes {
        /// Implementation-defined server error (JSON-RPC 2.0, section 5.1).
        const CODE: i32 = -32000;
        if let Self::Rule(refusal) = self {
            return refusal.body(None);
        }
        let error = serde_json::json!({
            "jsonrpc": "2.0",
            "id": null,
            "error": { "code": CODE, "message": self.to_string() },
        });
        Bytes::from(error.to_string())
    }
}

/// The HTTP status of a refusal.
pub(super) fn status(refusal: &Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.http_status()).unwrap_or(StatusCode::BAD_REQUEST)
}

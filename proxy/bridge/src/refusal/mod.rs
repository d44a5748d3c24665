//! Why a body, a stream or a call was refused, and how HTTP and JSON-RPC say so.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

mod codes;
mod data;
mod input;
mod malformed;
mod modern;

pub use input::InputFault;
pub use malformed::Malformed;
pub use modern::{HeaderFault, StateFault};

use crate::{envelope::Capabilities, io::Loss, message, protocol::Era};

/// After how long a client may ask a full pool again: about as long as the process of a session that
/// has ended takes to be replaced.
pub const POOL_RETRY: Duration = Duration::from_secs(5);

/// A refusal as a client sees it: an HTTP status, a JSON-RPC error and one sentence that says what
/// to change. Refusals of a body travel in [`crate::Output::Refused`]; refusals of one call inside
/// a good body travel as JSON-RPC errors in [`crate::Output::ToClient`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body is longer than the door takes.
    #[error("the body is larger than {limit} bytes; send a smaller one")]
    BodyTooLarge {
        /// The door's bound, in bytes.
        limit: usize,
    },
    /// The body did not arrive in time.
    #[error("the body did not arrive in time; send it again")]
    BodyTimeout,
    /// The `Origin` header names a site that may not call this server (MCP, Security Warning).
    #[error("this Origin may not call the server; add it to the allowed origins")]
    ForbiddenOrigin,
    /// The `Host` header names a host that this proxy does not serve.
    #[error("this Host is not served here; call the server by its Service name or add the host")]
    ForbiddenHost,
    /// The method is none that the path takes.
    #[error("this path does not take this HTTP method")]
    MethodNotAllowed,
    /// The `Accept` header leaves no way to answer.
    #[error("Accept must list application/json and text/event-stream")]
    NotAcceptable,
    /// The `Content-Type` is not JSON.
    #[error("Content-Type must be application/json")]
    UnsupportedMediaType,
    /// The body is not UTF-8.
    #[error("the body is not UTF-8; send JSON text in UTF-8")]
    NotUtf8,
    /// The body is not JSON.
    #[error("the body is not JSON; send one JSON-RPC 2.0 message")]
    NotJson,
    /// The body is JSON, but no JSON-RPC 2.0 message as MCP has them.
    #[error("the body is not a JSON-RPC 2.0 message: {0}")]
    NotJsonRpc(Malformed),
    /// A batch in a session whose revision has none (all but 2025-03-26).
    #[error("this protocol revision has no batches; send one message a request")]
    BatchNotAllowed,
    /// An empty batch.
    #[error("the batch is empty; send at least one message")]
    BatchEmpty,
    /// A batch with more messages than one body may carry.
    #[error("the batch has more than {limit} messages; send smaller batches")]
    BatchTooLong {
        /// The bound, in messages.
        limit: usize,
    },
    /// `initialize` inside a batch (forbidden by MCP 2025-03-26, Lifecycle).
    #[error("initialize must not be part of a batch; send it alone")]
    InitializeInBatch,
    /// A body other than `initialize`, without a session.
    #[error("the Mcp-Session-Id header is missing; send initialize first")]
    SessionRequired,
    /// The session has ended or never was.
    #[error("there is no such session; send initialize to open a new one")]
    UnknownSession,
    /// The session was opened at another door: HTTP+SSE sessions have no `/mcp` GET or DELETE.
    #[error("this session was opened on /sse; it has no other stream")]
    WrongDoor,
    /// `MCP-Protocol-Version` names a revision that is not spoken here.
    #[error("this MCP-Protocol-Version is not supported; use the one that initialize agreed on")]
    UnsupportedVersion,
    /// A second `initialize` in one session.
    #[error("the session is already initialized; end it and open a new one")]
    AlreadyInitialized,
    /// A request before `initialize` in an HTTP+SSE session.
    #[error("the session is not initialized yet; send initialize first")]
    NotInitialized,
    /// The parameters that the bridge itself has to read are missing or of the wrong type.
    #[error("the parameters of this method are not as the protocol defines them: {0}")]
    InvalidParams(&'static str),
    /// A request with the id of a request that is still waiting for its answer in this session.
    #[error("a request with this id is still in flight in this session; use a fresh id")]
    DuplicateId,
    /// The table of sessions is full.
    #[error("too many sessions are open; end one or try again later")]
    TooManySessions,
    /// Each session has a process to itself, and every process has one.
    #[error(
        "every process of the pool serves a session ({max} at most); end a session or try again later"
    )]
    PoolFull {
        /// The bound, in processes.
        max: usize,
    },
    /// Too many requests wait for their answers, in this session or in all of them.
    #[error("too many requests are in flight; wait for an answer before the next one")]
    TooManyPending,
    /// Too many resource subscriptions in one session.
    #[error("the session has too many subscriptions; unsubscribe from one first")]
    TooManySubscriptions,
    /// No process was initialized while the call could be held, or the queue of held calls is full.
    #[error("the server is not available ({}); try again later", .0.map_or("not_started", Loss::reason))]
    ServerUnavailable(
        /// Why the last process went away; none if there was none yet.
        Option<Loss>,
    ),
    /// The process ended before it answered this call.
    #[error("the server process ended before it answered ({}); call again", .0.reason())]
    ServerLost(
        /// Why the process went away.
        Loss,
    ),
    /// The connection to the server broke when the call was written to it, and nothing shows that it
    /// arrived.
    #[error(
        "the connection to the server broke and it is not known whether the call arrived; find out what it has done before you call again"
    )]
    DeliveryUnknown,
    /// The server asked for something before it goes on, and did not get it.
    #[error("the server needs something of the client first: {0}")]
    InputMissing(InputFault),
    /// The answer was longer than the longest line.
    #[error("the server's answer was longer than {limit} bytes and was discarded; ask for less")]
    AnswerTooLong {
        /// The bound, in bytes.
        limit: usize,
    },
    /// The client did not read the stream that the answer was to come on: its queue is full.
    #[error(
        "too much waited unread on this stream and the rest was discarded; read it while it comes, then call again"
    )]
    NotRead,
    /// The server did not answer within the longest wait.
    #[error("the server did not answer in time; the call was cancelled")]
    CallTimeout,
    /// The proxy is about to end.
    #[error("the proxy is shutting down; connect again")]
    Draining,
    /// A header says something else than the body (MCP 2026-07-28, Server Validation).
    #[error("the {header} header {fault}")]
    HeaderMismatch {
        /// The header's name.
        header: Arc<str>,
        /// What is wrong.
        fault: HeaderFault,
    },
    /// A revision that is not spoken without a session (MCP 2026-07-28, Protocol Version
    /// Negotiation).
    #[error("this protocol revision is not spoken here without initialize; use a supported one")]
    RevisionNotSpoken {
        /// What was asked for, cut to [`crate::limits::MAX_VERSION`] bytes.
        requested: Arc<str>,
    },
    /// `_meta` lacks what every request must say (MCP 2026-07-28, `_meta`).
    #[error("_meta does not say what every request must say: {0}")]
    MetaIncomplete(&'static str),
    /// The method is none that clients of this revision can call here.
    #[error("there is no such method here; see server/discover for what there is")]
    MethodNotFound,
    /// The server asked for something that the client did not declare.
    #[error("the server needs a capability that the client did not declare; declare it in _meta")]
    CapabilityMissing(
        /// What it asked for.
        Capabilities,
    ),
    /// The `requestState` cannot be taken.
    #[error("this requestState {0}")]
    RequestState(StateFault),
    /// A response or a batch, where only requests and notifications are sent.
    #[error("a client of this revision sends one request or notification a POST, and no responses")]
    NotARequest,
    /// Too many requests without a session are open.
    #[error("too many requests are open; wait for an answer before the next one")]
    TooManyVisits,
}

impl Refusal {
    /// A bounded label for metrics and logs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::BodyTimeout => "body_timeout",
            Self::ForbiddenOrigin => "forbidden_origin",
            Self::ForbiddenHost => "forbidden_host",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NotAcceptable => "not_acceptable",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::NotUtf8 => "not_utf8",
            Self::NotJson => "not_json",
            Self::NotJsonRpc(_) => "not_json_rpc",
            Self::BatchNotAllowed => "batch_not_allowed",
            Self::BatchEmpty => "batch_empty",
            Self::BatchTooLong { .. } => "batch_too_long",
            Self::InitializeInBatch => "initialize_in_batch",
            Self::SessionRequired => "session_required",
            Self::UnknownSession => "unknown_session",
            Self::WrongDoor => "wrong_door",
            Self::UnsupportedVersion => "unsupported_version",
            Self::AlreadyInitialized => "already_initialized",
            Self::NotInitialized => "not_initialized",
            Self::InvalidParams(_) => "invalid_params",
            Self::DuplicateId => "duplicate_id",
            Self::TooManySessions => "too_many_sessions",
            Self::PoolFull { .. } => "pool_full",
            Self::TooManyPending => "too_many_pending",
            Self::TooManySubscriptions => "too_many_subscriptions",
            Self::ServerUnavailable(_) => "server_unavailable",
            Self::ServerLost(_) => "server_lost",
            Self::InputMissing(why) => why.reason(),
            Self::DeliveryUnknown => "delivery_unknown",
            Self::AnswerTooLong { .. } => "answer_too_long",
            Self::NotRead => "not_read",
            Self::CallTimeout => "call_timeout",
            Self::Draining => "draining",
            Self::HeaderMismatch { .. } => "header_mismatch",
            Self::RevisionNotSpoken { .. } => "revision_not_spoken",
            Self::MetaIncomplete(_) => "meta_incomplete",
            Self::MethodNotFound => "method_not_found",
            Self::CapabilityMissing(_) => "capability_missing",
            Self::RequestState(fault) => fault.reason(),
            Self::NotARequest => "not_a_request",
            Self::TooManyVisits => "too_many_visits",
        }
    }

    /// After how long it may be worth to try again, for the header `Retry-After` (RFC 9110, 10.2.3).
    pub fn retry_after(&self) -> Option<Duration> {
        matches!(self, Self::PoolFull { .. }).then_some(POOL_RETRY)
    }

    /// The sentence for the client.
    pub fn message(&self) -> String {
        self.to_string()
    }

    /// The refusal as a JSON-RPC error response. `id` is the request's raw id; without one (the
    /// body was refused as a whole) it is null (JSON-RPC 2.0, section 5).
    pub fn body(&self, id: Option<&[u8]>) -> Bytes {
        self.body_for(Era::Legacy, id)
    }

    /// The same for a client of this era.
    pub fn body_for(&self, era: Era, id: Option<&[u8]>) -> Bytes {
        message::error(
            id,
            self.code_for(era),
            &self.message(),
            self.data().as_deref(),
        )
    }
}

#[cfg(test)]
mod tests;

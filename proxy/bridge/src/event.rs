//! What happened in the hub: metrics, access log, spans and audit are folds over these.

use std::{sync::Arc, time::Duration};

use crate::{
    io::{CallKey, Loss, SessionId, StreamKey},
    protocol::{MethodLabel, Revision},
    refusal::Refusal,
};

/// One fact. Label-like fields are enums; the only texts are session ids, capped excerpts and the
/// names that clients and servers give, which a consumer must never use as metric labels unless
/// they are configured names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HubEvent {
    /// A session exists and is initialized.
    SessionOpened {
        /// Its id.
        session: SessionId,
        /// The door it came through.
        door: Door,
        /// The revision that was agreed on.
        revision: Revision,
    },
    /// A session is over.
    SessionClosed {
        /// Its id.
        session: SessionId,
        /// The door it came through.
        door: Door,
        /// Why.
        why: CloseReason,
        /// How long it was open.
        duration: Duration,
    },
    /// A client's request was taken: sent to the server, or held until there is one.
    RequestStarted {
        /// Which.
        call: CallKey,
        /// The POST that it came by; none in an HTTP+SSE session, where it is the input of this
        /// step.
        stream: Option<StreamKey>,
        /// Whose.
        session: SessionId,
        /// Its method.
        method: MethodLabel,
        /// The tool that a `tools/call` names, cut to [`crate::limits::MAX_TOOL_NAME`] bytes.
        tool: Option<Arc<str>>,
        /// Size of the request, in bytes.
        bytes: usize,
    },
    /// The next line to the server is this request. One that its server asks something about is
    /// sent more than once, one that the bridge answers itself never.
    RequestSent {
        /// Which.
        call: CallKey,
    },
    /// A client's request is over, whoever answered it.
    RequestFinished {
        /// Which. One whose client was asked for something is told as finished then, and perhaps
        /// once more when its server has answered after all.
        call: CallKey,
        /// Whose.
        session: SessionId,
        /// Its method.
        method: MethodLabel,
        /// The tool that a `tools/call` names, cut to [`crate::limits::MAX_TOOL_NAME`] bytes.
        tool: Option<Arc<str>>,
        /// How it ended.
        outcome: Outcome,
        /// From its arrival to its answer.
        duration: Duration,
        /// Size of the answer, in bytes; 0 if there is none.
        bytes: usize,
    },
    /// A request of the server was sent to the session that caused it.
    AskStarted {
        /// The session that is asked.
        session: SessionId,
        /// The request's method.
        method: MethodLabel,
    },
    /// A request of the server is over.
    AskFinished {
        /// The request's method.
        method: MethodLabel,
        /// How it ended.
        outcome: AskOutcome,
        /// From its arrival to its answer.
        duration: Duration,
    },
    /// A notification was passed on.
    NotificationForwarded {
        /// Who sent it.
        from: Side,
        /// Its method.
        method: MethodLabel,
        /// To how many receivers.
        receivers: usize,
    },
    /// A message had nowhere to go, or must not go there.
    MessageDropped {
        /// Who sent it.
        from: Side,
        /// Its method; `Other` for a response to nothing.
        method: MethodLabel,
        /// Why.
        why: DropReason,
    },
    /// The server wrote something to stdout that is no JSON-RPC message.
    GarbageDropped {
        /// Its length, in bytes.
        bytes: usize,
        /// Its beginning, with control characters escaped, for the log.
        excerpt: Arc<str>,
    },
    /// A bound was reached.
    Overflow {
        /// Which.
        bound: Bound,
    },
    /// A body, a stream or a call was refused to a client.
    Refused {
        /// Why.
        refusal: Refusal,
    },
    /// `initialize` was sent to a fresh process.
    HandshakeStarted,
    /// The process answered `initialize`: clients are being answered.
    ServerInitialized {
        /// `serverInfo.name`, cut to [`crate::limits::MAX_SERVER_INFO`] bytes.
        name: Arc<str>,
        /// `serverInfo.version`, cut likewise.
        version: Arc<str>,
        /// The revision it chose; none if it is none of ours.
        revision: Option<Revision>,
        /// Whether its answer differs from that of the process before it.
        changed: bool,
        /// From `initialize` to its answer.
        duration: Duration,
    },
    /// The process did not become an MCP server; [`crate::Output::DropServer`] went out.
    HandshakeFailed {
        /// Why.
        loss: Loss,
        /// What it answered instead, cut and escaped, for the log; empty if nothing.
        excerpt: Arc<str>,
    },
    /// The process, or the way to it, is gone.
    ServerLost {
        /// Why.
        loss: Loss,
        /// How many calls failed by it.
        failed_calls: usize,
    },
}

/// Defines a bounded label enum with its texts, so that no text is written twice.
macro_rules! labels {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// Every value, in the order of the enum.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The label's text.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

labels! {
    /// The door that a session came through.
    Door {
        /// Streamable HTTP, `/mcp`.
        Streamable = "streamable_http",
        /// HTTP+SSE, `/sse` and `/messages`.
        Sse = "sse",
        /// Requests of 2026-07-28 on `/mcp`, each a visit of its own rather than part of a session.
        Stateless = "stateless",
    }
}

labels! {
    /// Which end a message came from.
    Side {
        /// A client.
        Client = "client",
        /// The server process.
        Server = "server",
    }
}

labels! {
    /// Why a session ended.
    CloseReason {
        /// The client sent DELETE.
        Deleted = "deleted",
        /// The only stream of an HTTP+SSE session closed.
        StreamGone = "stream_gone",
        /// Nothing happened in it for the idle timeout.
        Idle = "idle",
        /// Its server pod was taken away: fewer are wanted.
        ScaledDown = "scaled_down",
    }
}

labels! {
    /// How a client's request ended.
    Outcome {
        /// A result.
        Ok = "ok",
        /// A result of `tools/call` with `isError: true`.
        ToolError = "tool_error",
        /// A JSON-RPC error from the server.
        Error = "error",
        /// The bridge refused it with a JSON-RPC error.
        Refused = "refused",
        /// The client cancelled it.
        Cancelled = "cancelled",
        /// Its session ended first.
        SessionClosed = "session_closed",
        /// The process ended first.
        Lost = "lost",
        /// No process was there to take it in time.
        Unavailable = "unavailable",
        /// The server did not answer in time.
        TimedOut = "timed_out",
        /// The client was asked for input and is to come back with it (2026-07-28).
        InputRequired = "input_required",
    }
}

labels! {
    /// How a request of the server to a client ended.
    AskOutcome {
        /// A result from the client.
        Ok = "ok",
        /// A JSON-RPC error from the client.
        Error = "error",
        /// The server cancelled it.
        Cancelled = "cancelled",
        /// Refused: it cannot be told which session caused it.
        NotAttributable = "not_attributable",
        /// Refused: the session's client did not declare the capability.
        NotCapable = "not_capable",
        /// Refused: the session has no open stream.
        NoStream = "no_stream",
        /// Refused: too many of them are waiting.
        TooMany = "too_many",
        /// Refused: the server may not ask before it is initialized.
        TooEarly = "too_early",
        /// The client did not answer in time.
        TimedOut = "timed_out",
        /// The session ended first.
        SessionClosed = "session_closed",
        /// The process ended first.
        Lost = "lost",
        /// `ping`, answered by the bridge.
        Answered = "answered",
    }
}

labels! {
    /// Why a message went nowhere.
    DropReason {
        /// Nobody waits for it: a response with an unknown id, progress of an ended call.
        Unmatched = "unmatched",
        /// The call was cancelled before.
        AfterCancel = "after_cancel",
        /// It cannot be told whose it is.
        NotAttributable = "not_attributable",
        /// Its session has no open stream for it.
        NoStream = "no_stream",
        /// Below the level that the session asked for.
        BelowLevel = "below_level",
        /// Nobody subscribed to it.
        NoSubscriber = "no_subscriber",
        /// No process is initialized.
        NoServer = "no_server",
        /// Parameters are not as the protocol defines them.
        Malformed = "malformed",
        /// The bridge answers for all sessions, so this one's copy ends here.
        Absorbed = "absorbed",
    }
}

labels! {
    /// A bound that was reached.
    Bound {
        /// A line of stdout was longer than the longest line; it was discarded.
        Line = "line",
        /// The table of sessions.
        Sessions = "sessions",
        /// All calls in flight.
        Pending = "pending",
        /// Calls in flight of one session.
        SessionPending = "session_pending",
        /// Held calls, by number.
        HeldCount = "held_count",
        /// Held calls, by bytes.
        HeldBytes = "held_bytes",
        /// Requests of the server to clients.
        Asks = "asks",
        /// Subscriptions of one session.
        Subscriptions = "subscriptions",
        /// Requests without a session that are open.
        Visits = "visits",
        /// Calls that wait for their clients to come back, by number.
        Parked = "parked",
        /// Calls that wait for their clients to come back, by bytes.
        ParkedBytes = "parked_bytes",
        /// Open `subscriptions/listen` requests.
        Listens = "listens",
        /// What is remembered of the server's tools, or the time and the pages that reading it takes.
        ToolCatalog = "tool_catalog",
        /// What calls may be repeated from with what the server asks for first, by bytes.
        RepeatBytes = "repeat_bytes",
        /// Answers of clients that wait for others of the same round, by bytes.
        InputBytes = "input_bytes",
    }
}

//! What goes into the hub and what comes out of it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use crate::line::Oversized;

/// Time since the driver started, monotonic. The hub knows no other clock.
pub type Now = Duration;

/// The public id of a session: visible ASCII (0x21 to 0x7E), random, made by the driver
/// (MCP 2025-11-25, Streamable HTTP, Session Management).
pub type SessionId = Arc<str>;

/// One open way to a client: the response of one POST, one GET stream, or one HTTP+SSE connection.
/// Named by the driver, never reused while the driver lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamKey(pub u64);

/// One request of a client, as events name it. Numbered by the hub, never reused while it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallKey(pub u64);

/// Everything that can happen to the hub.
#[derive(Clone, Debug)]
pub enum Input {
    /// From the transport to the server process.
    Server(FromServer),
    /// From a client.
    Client(FromClient),
    /// Time has passed. Send it when [`crate::hub::Hub::next_deadline`] is due.
    Tick,
}

/// What the server side can say.
#[derive(Clone, Debug)]
pub enum FromServer {
    /// A transport to a fresh process is open. The hub answers with the `initialize` line.
    Up,
    /// One line of the process's stdout, without its newline.
    Line(Bytes),
    /// A line was too long and has been discarded. If it was an answer, its call fails.
    Oversized(Oversized),
    /// The way to the process broke and was mended; the process ran on. Requests below `before` that
    /// came within `from` may not have reached it; all others have or will.
    Unsure {
        /// How long ago the first of them may have come.
        from: Duration,
        /// The id that was minted for the first request that had not been written when it broke.
        before: u64,
    },
    /// The process, or the way to it, is gone. Whatever was pending fails at once.
    Down(Loss),
    /// There will be no process here any more: whatever was pending fails, and every session ends.
    Retired,
}

/// Why the server side went away. Bounded: a metric label and a condition reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Loss {
    /// The process ended.
    ProcessExited,
    /// The attach connection broke; the process may still run.
    AttachLost,
    /// The HTTP connection to the server broke, or the server forgot our session.
    ConnectionLost,
    /// The process stopped reading its stdin: the queue of lines to it is full.
    NotReading,
    /// The process said nothing for long, and did not answer the question whether it is there.
    NotAnswering,
    /// The process did not answer `initialize` in time.
    HandshakeTimeout,
    /// What answered `initialize` was not an MCP server.
    NotMcp,
    /// Its pod was taken away: fewer are wanted.
    ScaledDown,
    /// The session that had it to itself has ended, and the next one gets a fresh one.
    Renewed,
    /// We are shutting down.
    Draining,
}

impl Loss {
    /// Every loss, in the order of the enum.
    pub const ALL: [Self; 10] = [
        Self::ProcessExited,
        Self::AttachLost,
        Self::ConnectionLost,
        Self::NotReading,
        Self::NotAnswering,
        Self::HandshakeTimeout,
        Self::NotMcp,
        Self::ScaledDown,
        Self::Renewed,
        Self::Draining,
    ];

    /// A bounded label, also the `reason` that clients read in errors.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ProcessExited => "process_exited",
            Self::AttachLost => "attach_lost",
            Self::ConnectionLost => "connection_lost",
            Self::NotReading => "not_reading",
            Self::NotAnswering => "not_answering",
            Self::HandshakeTimeout => "handshake_timeout",
            Self::NotMcp => "not_mcp",
            Self::ScaledDown => "scaled_down",
            Self::Renewed => "renewed",
            Self::Draining => "draining",
        }
    }
}

/// What a client can do. Each carries the [`StreamKey`] on which its answer is to be given.
#[derive(Clone, Debug)]
pub enum FromClient {
    /// A POST without a session. Only `initialize` is allowed here; it opens `session`
    /// (a fresh id that the driver made) if it succeeds.
    Open {
        /// Fresh random id, used only if the session opens.
        session: SessionId,
        /// Where the answer goes.
        stream: StreamKey,
        /// The POST's body.
        body: Bytes,
    },
    /// A POST in the manner of 2026-07-28: a request that says itself who asks. It opens no session;
    /// if the client closes the stream, the request is cancelled.
    Visit {
        /// Where the answer goes.
        stream: StreamKey,
        /// The headers that mirror the body.
        head: crate::modern::ModernHead,
        /// The POST's body.
        body: Bytes,
    },
    /// GET on `/sse`: opens an HTTP+SSE session (2024-11-05); `stream` carries everything to it.
    OpenSse {
        /// Fresh random id; the driver puts it into the `endpoint` event.
        session: SessionId,
        /// The SSE connection.
        stream: StreamKey,
    },
    /// A POST in a session, through either door.
    Post {
        /// Value of `Mcp-Session-Id`, or of the query parameter of `/messages`.
        session: SessionId,
        /// Value of `MCP-Protocol-Version`, if sent.
        version: Option<Arc<str>>,
        /// Where the answer goes. In an HTTP+SSE session the POST itself gets only the verdict
        /// ([`Output::Accepted`] or [`Output::Refused`]); messages go to the session's SSE stream.
        stream: StreamKey,
        /// The POST's body.
        body: Bytes,
    },
    /// GET on `/mcp`: a stream for messages that belong to no request of the client.
    Listen {
        /// Value of `Mcp-Session-Id`.
        session: SessionId,
        /// Value of `MCP-Protocol-Version`, if sent.
        version: Option<Arc<str>>,
        /// The stream.
        stream: StreamKey,
    },
    /// DELETE on `/mcp`: the client ends its session.
    Close {
        /// Value of `Mcp-Session-Id`.
        session: SessionId,
        /// Where the verdict goes.
        stream: StreamKey,
    },
    /// The client closed this stream. For a request's stream this is no cancellation
    /// (MCP 2025-11-25); for an HTTP+SSE session it ends the session.
    Gone {
        /// The stream that is gone.
        stream: StreamKey,
    },
    /// The client does not read this stream: its queue is full. As [`FromClient::Gone`], but what
    /// was still owed on it is answered by [`Output::Overrun`].
    Overrun {
        /// The stream.
        stream: StreamKey,
    },
}

/// What the driver has to do, in this order.
#[derive(Clone, Debug)]
pub enum Output {
    /// Write this line (newline included) to the server's stdin.
    ToServer(Bytes),
    /// Give this JSON-RPC message to the client on this stream. `last` ends the stream. A stream
    /// whose first message is also its last may be answered as `application/json`.
    ToClient {
        /// The stream.
        stream: StreamKey,
        /// One JSON-RPC message, no newline added.
        message: Bytes,
        /// Nothing more will come on this stream.
        last: bool,
    },
    /// The session of this `Open` now exists: its answer follows on the same stream and must carry
    /// the `Mcp-Session-Id` header.
    Opened {
        /// The stream of the `Open`.
        stream: StreamKey,
        /// The session.
        session: SessionId,
    },
    /// The body was taken and has no answer: HTTP 202, or 200/204 for a `Close`. For `Listen` and
    /// `OpenSse`: the stream is open.
    Accepted {
        /// The stream.
        stream: StreamKey,
    },
    /// The body or the stream was refused.
    Refused {
        /// The stream.
        stream: StreamKey,
        /// Why, with the HTTP status and the JSON-RPC error that say so.
        refusal: crate::refusal::Refusal,
    },
    /// The last message on the stream of a [`FromClient::Visit`], an error that HTTP tells by its
    /// status too, if nothing was sent on the stream before.
    Rejected {
        /// The stream.
        stream: StreamKey,
        /// The HTTP status.
        status: u16,
        /// One JSON-RPC error, no newline added.
        message: Bytes,
    },
    /// The last words on a stream whose queue is full, which must take them all the same: an error
    /// for each call that was to be answered on it. Nothing follows.
    Overrun {
        /// The stream.
        stream: StreamKey,
        /// JSON-RPC errors; none if no call was to be answered on it.
        errors: Vec<Bytes>,
    },
    /// End this stream now (session closed, or replaced by a newer listener).
    EndStream {
        /// The stream.
        stream: StreamKey,
    },
    /// The server process cannot be used further (no or wrong answer to `initialize`): drop it and
    /// bring up a fresh one.
    DropServer(Loss),
    /// Something happened that metrics, logs and traces are folds over.
    Event(crate::event::HubEvent),
}

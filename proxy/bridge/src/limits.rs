//! Every bound of the hub, with its unit and its reason.

use std::time::Duration;

/// Sessions open at once. One is about 1 KiB here and two tasks in the driver, so that the full
/// table stays below 100 MiB in a proxy whose pod is usually given 128 MiB or more.
pub const MAX_SESSIONS: usize = 4096;

/// Calls in flight at once, over all sessions. A stdio server handles a few; thousands in flight
/// mean that it does not keep up, and more would only wait longer.
pub const MAX_PENDING: usize = 8192;

/// Calls in flight in one session, so that one client cannot fill the table for all.
pub const MAX_PENDING_PER_SESSION: usize = 512;

/// Calls held while no process is initialized, by number.
pub const MAX_HELD: usize = 1024;

/// Calls held while no process is initialized, in bytes: what a restart may cost in memory, and what
/// is written to the next process at once.
pub const MAX_HELD_BYTES: usize = 16 * 1024 * 1024;

/// The longest that a call is held. Clients commonly give up after 30 to 60 seconds; the answer
/// must come before that to be read.
pub const HOLD_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest wait for the answer to `initialize` or `server/discover`: servers started by package runners fetch their
/// dependencies first, which takes tens of seconds on a cold node.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_mins(1);

/// How long a fresh process may take to answer the first question of the handshake before it is asked
/// the other one too, and an initialized one the question whether it takes requests of 2026-07-28.
/// Interpreted servers need one to two seconds to start, and one that speaks both ought to have
/// answered before it is asked twice; the few that say nothing to what they do not know cost so much.
pub const PROBE_TIMEOUT: Duration = Duration::from_secs(3);

/// The longest that a call may take, progress or not (MCP 2025-11-25, Lifecycle, Timeouts). Long
/// enough for research and build tools; clients have their own, shorter limits.
pub const CALL_TIMEOUT: Duration = Duration::from_hours(1);

/// After the way to the server broke and was mended: the longest wait for a sign that a call which
/// was written just before the break has arrived. What the server wrote meanwhile is there within
/// milliseconds, so this is time for the call itself; clients commonly give up after 60 seconds.
pub const UNSURE_WAIT: Duration = Duration::from_secs(30);

/// How long a cancelled call is remembered: its late answer is swallowed, and what the server still
/// does for it is not taken for the work of another session.
pub const CANCEL_GRACE: Duration = Duration::from_secs(30);

/// The longest wait for a client's answer to a request of the server. Elicitation and sampling
/// approvals wait for a human.
pub const ASK_TIMEOUT: Duration = Duration::from_mins(10);

/// Requests of the server to clients that wait for their answers, over all sessions.
pub const MAX_ASKS: usize = 256;

/// How often a server of 2026-07-28 may ask for something before it answers one call: more than a
/// wizard has pages, and an end to a server that never has enough.
pub const MAX_ROUNDS: u32 = 16;

/// What all calls together may be repeated from when the server asks for something first, in bytes:
/// their lines are kept until they are answered. Past it a call is sent, but cannot be repeated.
pub const MAX_REPEAT_BYTES: usize = 16 * 1024 * 1024;

/// Answers of clients that wait for others of the same round, over all calls, in bytes. Sampled
/// texts and lists of roots are some KiB.
pub const MAX_INPUT_BYTES: usize = 16 * 1024 * 1024;

/// Length of a client's `clientInfo` and of its `capabilities`, in bytes, that are repeated in each
/// request to a server of 2026-07-28 and kept in each session. They are some hundred bytes, and some
/// KiB with icons.
pub const MAX_CLIENT_INTRO: usize = 4 * 1024;

/// How long an initialized server may say nothing before it is asked whether it is there: at most one
/// question a minute for an idle one.
pub const PING_AFTER: Duration = Duration::from_mins(1);

/// The longest wait for its answer. A node under pressure may stop a process for some seconds.
pub const PING_WAIT: Duration = Duration::from_secs(30);

/// The longest wait for the acknowledgement of a `subscriptions/listen`. After that it counts as one
/// that the server does not acknowledge.
pub const LISTEN_ACK_WAIT: Duration = Duration::from_secs(30);

/// How long the bridge waits before it listens again when the server has ended its listen, so that a
/// server that always does is not asked in a tight loop.
pub const RELISTEN_AFTER: Duration = Duration::from_secs(5);

/// A session without open stream, pending call or message for this long is over. Desktop clients
/// that are asleep come back within minutes; they open a new session on 404 at no cost, because
/// `initialize` is answered from the cache.
pub const IDLE_TIMEOUT: Duration = Duration::from_mins(30);

/// Messages in one batch (MCP 2025-03-26): more than any client sends, few enough to peek at once.
pub const MAX_BATCH: usize = 128;

/// Resource subscriptions of one session.
pub const MAX_SUBSCRIPTIONS: usize = 256;

/// Resources that somebody is subscribed to, over all sessions: so many lines are written at once
/// when a fresh process is told of them.
pub const MAX_RESOURCES: usize = 1024;

/// The most lines that one step writes to the server with the default bounds (the handshake of a
/// fresh process: subscriptions, held calls, and a few of our own). A driver whose queue is smaller
/// would take a healthy server for one that does not read.
pub const MAX_LINES_PER_STEP: usize = MAX_RESOURCES + MAX_HELD + 8;

/// Length of a subscribed resource's URI, in bytes: 1,024 of them stay below 8 MiB. HTTP servers and
/// clients commonly take URIs of up to 8 KiB.
pub const MAX_URI: usize = 8 * 1024;

/// Raw length of a request id or progress token, in bytes. Ids are counters or UUIDs in practice.
pub const MAX_ID: usize = 1024;

/// Length of a tool's name in events, in bytes (MCP 2025-11-25 recommends at most 128).
pub const MAX_TOOL_NAME: usize = 128;

/// Length of a server's name or version in events, in bytes.
pub const MAX_SERVER_INFO: usize = 128;

/// Length of an excerpt for the log, in bytes of input.
pub const MAX_EXCERPT: usize = 160;

/// Requests of 2026-07-28 open at once, listens and parked calls included. As with sessions, the
/// full table is a few MiB; each open one is a connection that its client waits on.
pub const MAX_VISITS: usize = 4096;

/// Calls that wait parked for their clients to come back, over all clients. Each waits for a human
/// or a model, and the server works on each.
pub const MAX_PARKED: usize = 256;

/// What parked calls keep, in bytes: what is asked, and answers that came meanwhile.
pub const MAX_PARKED_BYTES: usize = 16 * 1024 * 1024;

/// Things asked by one call that wait for their answers.
pub const MAX_WANTS: usize = 32;

/// The longest that a call waits parked. Humans answer within minutes; while it waits, what the
/// server asks without saying for whom cannot be told to be another call's.
pub const PARK_TIMEOUT: Duration = Duration::from_mins(5);

/// How long the first thing that a call asks waits for others of the same call, so that the client
/// is asked once. Nothing against the time of a human or a model; servers that ask several things at
/// once write them within a few milliseconds.
pub const GATHER: Duration = Duration::from_millis(50);

/// Open `subscriptions/listen` requests: each is a connection.
pub const MAX_LISTENS: usize = 1024;

/// Length of a revision's name that is repeated in a refusal, in bytes. Names are dates of 10.
pub const MAX_VERSION: usize = 64;

/// Tools with mirrored parameters that are remembered.
pub const MAX_ANNOTATED_TOOLS: usize = 1024;

/// Mirrored parameters of one tool: no client sends more headers, and no door takes them.
pub const MAX_ANNOTATIONS: usize = 64;

/// Length of the name of a tool that is remembered, in bytes.
pub const MAX_TOOL_NAME_BYTES: usize = 1024;

/// How deep in a tool's schema mirrored parameters are looked for.
pub const MAX_SCHEMA_DEPTH: usize = 8;

/// Pages of `tools/list` that are read to learn what is mirrored.
pub const MAX_TOOL_PAGES: usize = 32;

/// The longest that a call waits for its tool's schema to be read. Listing takes milliseconds.
pub const LIST_TIMEOUT: Duration = Duration::from_secs(5);

/// The bounds that a deployment or a test may choose; the others are constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// See [`MAX_SESSIONS`].
    pub max_sessions: usize,
    /// See [`MAX_PENDING`].
    pub max_pending: usize,
    /// See [`MAX_PENDING_PER_SESSION`].
    pub max_pending_per_session: usize,
    /// See [`MAX_HELD`].
    pub max_held: usize,
    /// See [`MAX_HELD_BYTES`].
    pub max_held_bytes: usize,
    /// See [`MAX_ASKS`].
    pub max_asks: usize,
    /// See [`MAX_SUBSCRIPTIONS`].
    pub max_subscriptions: usize,
    /// See [`IDLE_TIMEOUT`].
    pub idle_timeout: Duration,
    /// See [`HOLD_TIMEOUT`].
    pub hold_timeout: Duration,
    /// See [`HANDSHAKE_TIMEOUT`].
    pub handshake_timeout: Duration,
    /// See [`PING_AFTER`].
    pub ping_after: Duration,
    /// See [`PROBE_TIMEOUT`].
    pub probe_timeout: Duration,
    /// See [`CALL_TIMEOUT`].
    pub call_timeout: Duration,
    /// See [`ASK_TIMEOUT`].
    pub ask_timeout: Duration,
    /// See [`MAX_VISITS`].
    pub max_visits: usize,
    /// See [`MAX_PARKED`].
    pub max_parked: usize,
    /// See [`MAX_PARKED_BYTES`].
    pub max_parked_bytes: usize,
    /// See [`MAX_LISTENS`].
    pub max_listens: usize,
    /// See [`PARK_TIMEOUT`].
    pub park_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_sessions: MAX_SESSIONS,
            max_pending: MAX_PENDING,
            max_pending_per_session: MAX_PENDING_PER_SESSION,
            max_held: MAX_HELD,
            max_held_bytes: MAX_HELD_BYTES,
            max_asks: MAX_ASKS,
            max_subscriptions: MAX_SUBSCRIPTIONS,
            idle_timeout: IDLE_TIMEOUT,
            hold_timeout: HOLD_TIMEOUT,
            handshake_timeout: HANDSHAKE_TIMEOUT,
            ping_after: PING_AFTER,
            probe_timeout: PROBE_TIMEOUT,
            call_timeout: CALL_TIMEOUT,
            ask_timeout: ASK_TIMEOUT,
            max_visits: MAX_VISITS,
            max_parked: MAX_PARKED,
            max_parked_bytes: MAX_PARKED_BYTES,
            max_listens: MAX_LISTENS,
            park_timeout: PARK_TIMEOUT,
        }
    }
}

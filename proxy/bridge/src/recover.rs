//! Goes on without a gap when only the attach connection broke: what the server wrote meanwhile is
//! read from the container's log, up to the point from which the new connection has it.
//!
//! ```text
//!                  landmark   heard            missed               on both         on the new one
//!  stdout     ───────●──────────────┤·····························┤···············┤──────────────>
//!  old attach ──────────────────────┘ break
//!  log             ├──seek──┤─pass──┤──────────── given ──────────┼── given ──●   (left)
//!  new attach                                                     └─ kept ────●── given ─────────>
//! ```
//!
//! `pods/attach` has no replay and numbers nothing, and neither does `pods/log`. So a place in the
//! stream is named by a *landmark*, the server's latest answer: its id was minted once, so its line
//! occurs once. From there lines are counted, not compared with a set: two equal notifications in a
//! row are two lines. The log is left for the new connection at a landmark that both have shown;
//! until then the log, which is complete, is what is given, however long the server writes none.
//!
//! What a log can look like (Kubernetes 1.34, containerd 1.7, seen on a cluster):
//! - It is written whether or not anybody is attached, line by line: a line is there when its newline
//!   is, some milliseconds after it was written. Following it costs 1 to 3 ms more than the attach.
//! - Bytes are kept as they are, NUL and invalid UTF-8 too; a `\r` before the newline is dropped.
//! - Lines of more than 16 KiB are stored in pieces and put together again by the kubelet; 10 MiB
//!   pass. A line of stderr between two pieces lands in the middle: such a line is [`Lost::Torn`].
//! - stdout and stderr are one text, unless the cluster has the feature PodLogsQuerySplitStreams
//!   (KEP 3288, alpha and off): `stream=Stdout` is then refused with 422. In a text of both, only
//!   lines that are JSON-RPC messages are taken for stdout's, and nothing at all of a server that
//!   ever wrote such a line to stderr ([`Lost::StderrSpeaks`]).
//! - The kubelet keeps 10 MiB (containerLogMaxSize, looked at every 10 s) and gives out the newest
//!   file alone. If the landmark is not there, the gap cannot be closed.
//! - A new attach repeats nothing. It may begin in the middle of a line, so what it shows up to its
//!   first newline is left to the log.

mod digest;
mod heard;
mod rejoin;
#[cfg(test)]
mod tests;

pub use self::{
    heard::{Heard, MAX_AFTER},
    rejoin::{MAX_KEPT_BYTES, MAX_KEPT_LINES, Rejoin},
};

/// What the lines of a log are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// Those of stdout alone.
    Stdout,
    /// Those of stdout and stderr, in the order in which the runtime read them.
    Both,
}

/// Why a gap cannot be closed. The process, whose answers are then unknown, has to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// The server has answered nothing yet: there is no place to go on from.
    #[error("the connection broke before the server had answered anything")]
    NoLandmark,
    /// More than [`MAX_AFTER`] messages came after the last answer.
    #[error("the server's last answer is too many messages ago to be counted from")]
    TooFarBack,
    /// The log holds both streams, and the server writes JSON-RPC messages to stderr too.
    #[error("the server writes JSON-RPC messages to stderr, which its log cannot tell from stdout")]
    StderrSpeaks,
    /// A message is broken up by a line of stderr.
    #[error("a message in the log is torn by a line of stderr")]
    Torn,
    /// The log and the connections do not show the same lines.
    #[error("the log and the attach connection show different lines")]
    Diverged,
}

impl Lost {
    /// A bounded label.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NoLandmark => "no_landmark",
            Self::TooFarBack => "too_far_back",
            Self::StderrSpeaks => "stderr_speaks",
            Self::Torn => "torn",
            Self::Diverged => "diverged",
        }
    }
}

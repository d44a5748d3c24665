//! How an attachment ends, and what that says about the process.

use hivewright_bridge::{
    channel::{ChannelError, ExitStatus},
    recover::Lost,
};
use tokio_tungstenite::tungstenite;

/// Why [`pump`](super::pump) returned, or why there is no connection to go on with.
#[derive(Debug, thiserror::Error)]
pub enum AttachEnd {
    /// The driver has no more use for the process.
    #[error("the bridge dropped the process")]
    Dropped,
    /// The kubelet said how it ended.
    #[error("the kubelet ended the attachment: {0:?}")]
    Status(ExitStatus),
    /// The connection was closed without a status.
    #[error("the attach connection was closed")]
    Closed,
    /// The connection broke.
    #[error("the attach connection broke")]
    Broken(#[source] Box<tungstenite::Error>),
    /// Nothing was heard for [`SILENCE_LIMIT`](super::SILENCE_LIMIT), not even answers to pings.
    #[error("nothing was heard on the attach connection for {} s", super::SILENCE_LIMIT.as_secs())]
    Silent,
    /// A frame made no sense.
    #[error("the attach connection carried a frame that is none")]
    Protocol(#[source] ChannelError),
    /// The log that a gap is being closed from ended.
    #[error("the container's log ended while it was needed")]
    LogBroke(#[source] Option<Box<kube::Error>>),
    /// The API server will not give the log.
    #[error("what was written during the break cannot be read")]
    Unreadable(#[source] super::LogError),
    /// The log does not hold the place of the break.
    #[error("the container's log does not hold what was received before the break; it was rotated")]
    NotLocated,
    /// What was missed cannot be told.
    #[error("what was written during the break cannot be recovered")]
    Lost(#[source] Lost),
    /// Another process runs in the container's place.
    #[error("the container was restarted during the break")]
    Replaced,
    /// There was no new connection in time.
    #[error("the connection was not back in time")]
    NotBack,
}

/// What an end means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The driver wanted it.
    Dropped,
    /// The process ended.
    Exited,
    /// The process ended, or the kubelet did: it says `Success` in both cases (seen with Kubernetes
    /// 1.34). The next attach tells.
    ExitedOrBroken,
    /// The connection broke; the process may run on.
    Broken,
    /// The process may run on but is of no use any more.
    Final,
}

impl AttachEnd {
    /// What it means.
    pub const fn meaning(&self) -> Meaning {
        match self {
            Self::Dropped => Meaning::Dropped,
            Self::Status(ExitStatus::ExitCode(_) | ExitStatus::NotThere { .. })
            | Self::Replaced => Meaning::Exited,
            Self::Status(ExitStatus::Success) => Meaning::ExitedOrBroken,
            Self::Status(ExitStatus::Failed { .. })
            | Self::Closed
            | Self::Broken(_)
            | Self::Silent
            | Self::Protocol(_)
            | Self::LogBroke(_) => Meaning::Broken,
            Self::Unreadable(_) | Self::NotLocated | Self::Lost(_) | Self::NotBack => {
                Meaning::Final
            }
        }
    }

    /// A bounded label.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Status(ExitStatus::Success) => "ended",
            Self::Status(ExitStatus::ExitCode(_) | ExitStatus::NotThere { .. })
            | Self::Replaced => "exited",
            Self::Status(ExitStatus::Failed { .. }) => "kubelet_failed",
            Self::Closed => "closed",
            Self::Broken(_) => "broken",
            Self::Silent => "silent",
            Self::Protocol(error) => error.reason(),
            Self::LogBroke(_) => "log_broke",
            Self::Unreadable(_) => "unreadable",
            Self::NotLocated => "not_located",
            Self::Lost(lost) => lost.reason(),
            Self::NotBack => "not_back",
        }
    }
}

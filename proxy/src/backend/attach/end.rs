//! How an attachment ends, and what that says about the process.

use hivewright_bridge::channel::{ChannelError, ExitStatus};
use tokio_tungstenite::tungstenite;

/// Why [`pump`](super::pump) returned.
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
}

impl AttachEnd {
    /// Whether the process is known to have ended. If not, it may still run.
    pub fn process_exited(&self) -> bool {
        match self {
            Self::Status(ExitStatus::Success | ExitStatus::ExitCode(_)) => true,
            Self::Status(ExitStatus::Failed { .. })
            | Self::Dropped
            | Self::Closed
            | Self::Broken(_)
            | Self::Silent
            | Self::Protocol(_) => false,
        }
    }
}

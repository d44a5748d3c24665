//! A pod on its way to running, or off it: the part of the story that every pod shares.

use super::Standing;
use crate::detail::Detail;
use crate::event::Severity;
use crate::reason::Reason;

/// Where a pod stands whose main container does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PodState {
    /// It waits for its turn, or is not made yet.
    Pending,
    /// The API server refuses to make it.
    Refused(Detail),
    /// No node takes it.
    Unschedulable(Detail),
    /// The node turned it away or put it out.
    Evicted(Detail),
    /// Its node, named so, does not answer.
    NodeLost(Detail),
    /// Its image cannot be pulled.
    ImagePullFailed(Detail),
    /// Its container cannot be made from its settings.
    ContainerConfigError(Detail),
    /// Its container is being started.
    Starting,
    /// Its process ended.
    Exited {
        /// Exit code.
        code: i32,
        /// Whether the kubelet now waits longer and longer before it starts it again.
        again: bool,
        /// Its last words.
        detail: Detail,
    },
    /// Its process was killed because there was no memory left for it.
    OutOfMemory {
        /// Exit code.
        code: i32,
        /// The limit that it met, as the pod has it; empty if it has none and the node was full.
        limit: Detail,
    },
    /// It is being deleted.
    Terminating,
}

impl PodState {
    pub(super) const fn reason(&self) -> Reason {
        match self {
            Self::Pending => Reason::Pending,
            Self::Refused(_) => Reason::PodRefused,
            Self::Unschedulable(_) => Reason::Unschedulable,
            Self::Evicted(_) => Reason::Evicted,
            Self::NodeLost(_) => Reason::NodeLost,
            Self::ImagePullFailed(_) => Reason::ImagePullFailed,
            Self::ContainerConfigError(_) => Reason::ContainerConfigError,
            Self::Starting => Reason::Starting,
            Self::Exited { again: false, .. } => Reason::ProcessExited,
            Self::Exited { again: true, .. } => Reason::CrashLoopBackOff,
            Self::OutOfMemory { .. } => Reason::OutOfMemory,
            Self::Terminating => Reason::Terminating,
        }
    }

    /// Unschedulable is not a failure yet: a cluster may be about to grow. An evicted pod is made
    /// again by its controller; that of a lost node is not.
    pub(super) const fn standing(&self) -> Standing {
        match self {
            Self::Pending
            | Self::Unschedulable(_)
            | Self::Evicted(_)
            | Self::Starting
            | Self::Terminating => Standing::Waiting,
            Self::Refused(_)
            | Self::NodeLost(_)
            | Self::ImagePullFailed(_)
            | Self::ContainerConfigError(_)
            | Self::Exited { .. }
            | Self::OutOfMemory { .. } => Standing::Failed,
        }
    }

    pub(super) const fn severity(&self) -> Severity {
        match self {
            Self::Pending | Self::Starting | Self::Terminating => Severity::Normal,
            Self::Refused(_)
            | Self::Unschedulable(_)
            | Self::Evicted(_)
            | Self::NodeLost(_)
            | Self::ImagePullFailed(_)
            | Self::ContainerConfigError(_)
            | Self::Exited { .. }
            | Self::OutOfMemory { .. } => Severity::Warning,
        }
    }

    pub(super) const fn detail(&self) -> Option<&Detail> {
        match self {
            Self::Pending | Self::Starting | Self::Terminating => None,
            Self::Refused(detail)
            | Self::Unschedulable(detail)
            | Self::Evicted(detail)
            | Self::NodeLost(detail)
            | Self::ImagePullFailed(detail)
            | Self::ContainerConfigError(detail)
            | Self::Exited { detail, .. }
            | Self::OutOfMemory { limit: detail, .. } => Some(detail),
        }
    }

    pub(super) const fn exit_code(&self) -> Option<i32> {
        match self {
            Self::Exited { code, .. } | Self::OutOfMemory { code, .. } => Some(*code),
            Self::Pending
            | Self::Refused(_)
            | Self::Unschedulable(_)
            | Self::Evicted(_)
            | Self::NodeLost(_)
            | Self::ImagePullFailed(_)
            | Self::ContainerConfigError(_)
            | Self::Starting
            | Self::Terminating => None,
        }
    }

    /// Every state that a pod can be in, with this data where a state has any.
    pub(super) fn all(detail: &Detail, code: i32) -> Vec<Self> {
        let exited = |again| Self::Exited {
            code,
            again,
            detail: detail.clone(),
        };
        vec![
            Self::Pending,
            Self::Refused(detail.clone()),
            Self::Unschedulable(detail.clone()),
            Self::Evicted(detail.clone()),
            Self::NodeLost(detail.clone()),
            Self::ImagePullFailed(detail.clone()),
            Self::ContainerConfigError(detail.clone()),
            Self::Starting,
            exited(false),
            exited(true),
            Self::OutOfMemory {
                code,
                limit: detail.clone(),
            },
            Self::Terminating,
        ]
    }
}

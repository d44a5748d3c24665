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
    /// No node takes it.
    Unschedulable(Detail),
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
    /// It is being deleted.
    Terminating,
}

impl PodState {
    pub(super) const fn reason(&self) -> Reason {
        match self {
            Self::Pending => Reason::Pending,
            Self::Unschedulable(_) => Reason::Unschedulable,
            Self::ImagePullFailed(_) => Reason::ImagePullFailed,
            Self::ContainerConfigError(_) => Reason::ContainerConfigError,
            Self::Starting => Reason::Starting,
            Self::Exited { again: false, .. } => Reason::ProcessExited,
            Self::Exited { again: true, .. } => Reason::CrashLoopBackOff,
            Self::Terminating => Reason::Terminating,
        }
    }

    /// Unschedulable is not a failure yet: a cluster may be about to grow.
    pub(super) const fn standing(&self) -> Standing {
        match self {
            Self::Pending | Self::Unschedulable(_) | Self::Starting | Self::Terminating => {
                Standing::Waiting
            }
            Self::ImagePullFailed(_) | Self::ContainerConfigError(_) | Self::Exited { .. } => {
                Standing::Failed
            }
        }
    }

    pub(super) const fn severity(&self) -> Severity {
        match self {
            Self::Pending | Self::Starting | Self::Terminating => Severity::Normal,
            Self::Unschedulable(_)
            | Self::ImagePullFailed(_)
            | Self::ContainerConfigError(_)
            | Self::Exited { .. } => Severity::Warning,
        }
    }

    pub(super) const fn detail(&self) -> Option<&Detail> {
        match self {
            Self::Pending | Self::Starting | Self::Terminating => None,
            Self::Unschedulable(detail)
            | Self::ImagePullFailed(detail)
            | Self::ContainerConfigError(detail)
            | Self::Exited { detail, .. } => Some(detail),
        }
    }

    pub(super) const fn exit_code(&self) -> Option<i32> {
        match self {
            Self::Exited { code, .. } => Some(*code),
            Self::Pending
            | Self::Unschedulable(_)
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
            Self::Unschedulable(detail.clone()),
            Self::ImagePullFailed(detail.clone()),
            Self::ContainerConfigError(detail.clone()),
            Self::Starting,
            exited(false),
            exited(true),
            Self::Terminating,
        ]
    }
}

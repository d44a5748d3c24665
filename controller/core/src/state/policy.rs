//! The network rules.

use super::{Component, Standing};
use crate::detail::Detail;
use crate::event::Severity;
use crate::reason::Reason;

/// Whether the permission profile holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// The NetworkPolicies are not in place yet.
    #[default]
    Pending,
    /// They are, and the cluster acts on them.
    Enforced,
    /// They are, and the cluster does not act on them.
    NotEnforced,
    /// They are, and nobody has said whether the cluster acts on them.
    Unverified,
}

impl Component for Policy {
    fn reason(&self) -> Reason {
        match self {
            Self::Pending => Reason::PolicyPending,
            Self::Enforced => Reason::PolicyEnforced,
            Self::NotEnforced => Reason::PolicyNotEnforced,
            Self::Unverified => Reason::PolicyUnverified,
        }
    }

    fn standing(&self) -> Standing {
        match self {
            Self::Pending | Self::Unverified => Standing::Waiting,
            Self::Enforced => Standing::Good,
            Self::NotEnforced => Standing::Failed,
        }
    }

    fn severity(&self) -> Severity {
        match self {
            Self::Pending | Self::Enforced | Self::Unverified => Severity::Normal,
            Self::NotEnforced => Severity::Warning,
        }
    }

    fn detail(&self) -> Option<&Detail> {
        None
    }

    fn exit_code(&self) -> Option<i32> {
        None
    }

    fn all(_: &Detail, _: i32) -> Vec<Self> {
        vec![
            Self::Pending,
            Self::Enforced,
            Self::NotEnforced,
            Self::Unverified,
        ]
    }

    fn sentence(&self) -> String {
        match self {
            Self::Pending => "The NetworkPolicies of this server are not in place yet.",
            Self::Enforced => "The permission profile is in place as NetworkPolicies.",
            Self::NotEnforced => "The NetworkPolicies are in place and this cluster does not act on them; use a network plugin that does, or accept that the permission profile is without effect.",
            Self::Unverified => "The NetworkPolicies are in place; whether this cluster acts on them has not been said: set it in the values of the Hivewright chart.",
        }
        .to_owned()
    }
}

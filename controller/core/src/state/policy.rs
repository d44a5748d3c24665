//! The network rules.

use super::{Component, Standing};
use crate::detail::Detail;
use crate::event::Severity;
use crate::reason::Reason;

/// Whether the permission profile holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// The NetworkPolicies are not in place yet.
    #[default]
    Pending,
    /// They are, and the cluster acts on them.
    Enforced,
    /// They are, and the cluster does not act on them: these rules of the profile are without
    /// effect.
    NotEnforced(Detail),
    /// They are, and it is not known yet whether the cluster acts on them.
    Unverified,
}

impl Component for Policy {
    fn reason(&self) -> Reason {
        match self {
            Self::Pending => Reason::PolicyPending,
            Self::Enforced => Reason::PolicyEnforced,
            Self::NotEnforced(_) => Reason::PolicyNotEnforced,
            Self::Unverified => Reason::PolicyUnverified,
        }
    }

    fn standing(&self) -> Standing {
        match self {
            Self::Pending | Self::Unverified => Standing::Waiting,
            Self::Enforced => Standing::Good,
            Self::NotEnforced(_) => Standing::Failed,
        }
    }

    fn severity(&self) -> Severity {
        match self {
            Self::Pending | Self::Enforced | Self::Unverified => Severity::Normal,
            Self::NotEnforced(_) => Severity::Warning,
        }
    }

    fn detail(&self) -> Option<&Detail> {
        match self {
            Self::Pending | Self::Enforced | Self::Unverified => None,
            Self::NotEnforced(rules) => Some(rules),
        }
    }

    fn exit_code(&self) -> Option<i32> {
        None
    }

    fn all(detail: &Detail, _: i32) -> Vec<Self> {
        vec![
            Self::Pending,
            Self::Enforced,
            Self::NotEnforced(detail.clone()),
            Self::Unverified,
        ]
    }

    fn sentence(&self) -> String {
        match self {
            Self::Pending => "The NetworkPolicies of this server are not in place yet.".to_owned(),
            Self::Enforced => "The permission profile is in place as NetworkPolicies.".to_owned(),
            Self::NotEnforced(rules) if rules.is_empty() => "The NetworkPolicies are in place and this cluster does not act on them; use a network plugin that does, or accept that the permission profile is without effect.".to_owned(),
            Self::NotEnforced(rules) => format!(
                "The NetworkPolicies are in place and this cluster does not act on them; use a network plugin that does, or accept that this is without effect: {}.",
                rules.as_str()
            ),
            Self::Unverified => "The NetworkPolicies are in place; whether this cluster acts on them is found out once the proxy runs, or say it with networkPolicyEnforcement in the values of the Hivewright chart.".to_owned(),
        }
    }
}

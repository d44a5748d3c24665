//! What the server reached for and must not reach.

use super::{Component, Standing};
use crate::detail::Detail;
use crate::event::Severity;
use crate::reason::Reason;

/// What the egress gateway has said of the server's pods.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Egress {
    /// Nothing was denied.
    #[default]
    Unhindered,
    /// Something was, last this: the gateway's words.
    Denied(Detail),
}

impl Component for Egress {
    fn reason(&self) -> Reason {
        match self {
            Self::Unhindered => Reason::EgressUnhindered,
            Self::Denied(_) => Reason::EgressDenied,
        }
    }

    /// A denial is the profile at work: it keeps no client from being answered.
    fn standing(&self) -> Standing {
        Standing::Good
    }

    fn severity(&self) -> Severity {
        match self {
            Self::Unhindered => Severity::Normal,
            Self::Denied(_) => Severity::Warning,
        }
    }

    fn detail(&self) -> Option<&Detail> {
        match self {
            Self::Unhindered => None,
            Self::Denied(detail) => Some(detail),
        }
    }

    fn exit_code(&self) -> Option<i32> {
        None
    }

    fn all(detail: &Detail, _: i32) -> Vec<Self> {
        vec![Self::Unhindered, Self::Denied(detail.clone())]
    }

    fn sentence(&self) -> String {
        match self {
            Self::Unhindered => {
                "The server has reached for nothing that its permission profile denies.".to_owned()
            }
            Self::Denied(detail) => detail.or(
                "The server reached for something that its permission profile denies; add it to network.outbound of the profile if it should be reachable.",
            ),
        }
    }
}

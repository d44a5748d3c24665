//! Permission profiles: what a server may reach, mount and be.
//!
//! ```text
//!  built in ────────────────────────────────┐
//!  ConfigMap ─ document.rs (JSON) ─┬─ reach.rs ──┼──> Profile { egress, inbound, mounts, privileged }
//!                                  └─ mounts.rs ─┘
//! ```
//!
//! The JSON is upstream's (`permissions` of its core library): `name`, `read`, `write`,
//! `privileged` and `network {mode, outbound, inbound}`. Every field does what its name says or is
//! refused; none is skipped.

mod document;
mod mounts;
mod reach;

use hivewright_api::proxy_config::EgressRules;

pub(crate) use document::parse;
pub(crate) use mounts::{Mount, Place};

/// What a server may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) egress: Egress,
    /// `Host` values that clients may use, if only these; `None` for the usual ones.
    pub(crate) inbound: Option<Vec<String>>,
    pub(crate) mounts: Vec<Mount>,
    pub(crate) privileged: bool,
}

/// What a server may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Egress {
    /// Nothing.
    None,
    /// Everything but the cloud's metadata address.
    Anywhere,
    /// These TCP ports of everything but the cloud's metadata address, and DNS.
    Ports(Vec<u16>),
    /// What the proxy's egress gateway lets through, and nothing beside the gateway.
    Gateway(EgressRules),
}

/// Why a profile cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {sentence}")]
pub(crate) struct Fault {
    /// Where in the profile.
    pub(crate) path: String,
    /// What to change.
    pub(crate) sentence: String,
}

impl Fault {
    fn new(path: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            sentence: sentence.into(),
        }
    }
}

impl Profile {
    /// The built-in profile `none`, which is also known as `stdio`.
    pub(crate) const fn none() -> Self {
        Self::only(Egress::None)
    }

    /// The built-in profile `network`, which is also the default.
    pub(crate) const fn network() -> Self {
        Self::only(Egress::Anywhere)
    }

    const fn only(egress: Egress) -> Self {
        Self {
            egress,
            inbound: None,
            mounts: Vec::new(),
            privileged: false,
        }
    }

    /// What the gateway lets through, if there is to be one.
    pub(crate) const fn gateway(&self) -> Option<&EgressRules> {
        match &self.egress {
            Egress::Gateway(rules) => Some(rules),
            Egress::None | Egress::Anywhere | Egress::Ports(_) => None,
        }
    }
}

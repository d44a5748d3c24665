//! Fields with few values.

use super::names::is_subdomain;
use crate::refusal::{Refusal, RefusalReason};

/// Which door `status.url` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// `/mcp`.
    StreamableHttp,
    /// `/sse`.
    Sse,
}

/// Session affinity of the proxy's Service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Affinity {
    /// One client address, one pod.
    ClientIp,
    /// None.
    None,
}

impl Affinity {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::ClientIp => "ClientIP",
            Self::None => "None",
        }
    }
}

pub(super) fn door(mode: Option<&str>) -> Result<Door, Refusal> {
    match mode {
        None | Some("streamable-http") => Ok(Door::StreamableHttp),
        Some("sse") => Ok(Door::Sse),
        Some(other) => Err(refuse(
            "spec.proxyMode",
            format!("there is no mode `{other}`; use streamable-http or sse"),
        )),
    }
}

pub(super) fn affinity(affinity: Option<&str>) -> Result<Option<Affinity>, Refusal> {
    match affinity {
        None => Ok(None),
        Some("ClientIP") => Ok(Some(Affinity::ClientIp)),
        Some("None") => Ok(Some(Affinity::None)),
        Some(other) => Err(refuse(
            "spec.sessionAffinity",
            format!("there is no affinity `{other}`; use ClientIP or None"),
        )),
    }
}

/// A ServiceAccount's name is a DNS subdomain (RFC 1123).
pub(super) fn service_account(name: Option<&str>) -> Result<Option<&str>, Refusal> {
    match name {
        None => Ok(None),
        Some(name) if is_subdomain(name) => Ok(Some(name)),
        Some(name) => Err(refuse(
            "spec.serviceAccount",
            format!(
                "`{name}` cannot be the name of a ServiceAccount; use lower-case letters, digits, '-' and '.'"
            ),
        )),
    }
}

fn refuse(field: &str, sentence: String) -> Refusal {
    Refusal::new(RefusalReason::InvalidValue, field, sentence)
}

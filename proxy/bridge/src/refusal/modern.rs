//! Refusals that the revision 2026-07-28 brought.

use serde::Serialize;

use crate::{envelope::Capabilities, message, protocol::SUPPORTED};

/// What is wrong with a header that mirrors the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFault {
    /// It was not sent.
    #[error("is missing; send in it what the body says")]
    Missing,
    /// It says something else than the body.
    #[error("does not say what the body says; send the same in both")]
    Different,
    /// Doubled, not visible ASCII, or Base64 that cannot be decoded.
    #[error("cannot be read; send it once, as visible ASCII or as =?base64?...?=")]
    Unreadable,
}

/// What is wrong with a `requestState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateFault {
    /// Its seal does not fit: it was changed, or belongs to another request or another proxy.
    #[error("was not made for this request; send it back unchanged, with the request it came for")]
    Forged,
    /// What waited for it is over: it expired, or the server ended.
    #[error("is of a call that does not wait any more; send the request again without it")]
    Over,
    /// It has been answered before.
    #[error("has been used already; send the request again without it")]
    Used,
}

impl StateFault {
    /// A bounded label.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Forged => "request_state_forged",
            Self::Over => "request_state_over",
            Self::Used => "request_state_used",
        }
    }
}

#[derive(Serialize)]
struct Empty {}

/// `data` of a refusal for want of capabilities: a `ClientCapabilities` object.
pub(super) fn required(needed: Capabilities) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Data {
        required_capabilities: Required,
    }
    #[derive(Serialize)]
    struct Required {
        #[serde(skip_serializing_if = "Option::is_none")]
        sampling: Option<Empty>,
        #[serde(skip_serializing_if = "Option::is_none")]
        elicitation: Option<Empty>,
        #[serde(skip_serializing_if = "Option::is_none")]
        roots: Option<Empty>,
    }
    message::json(&Data {
        required_capabilities: Required {
            sampling: needed.sampling.then_some(Empty {}),
            elicitation: needed.elicitation.then_some(Empty {}),
            roots: needed.roots.then_some(Empty {}),
        },
    })
}

/// `data` of a refusal of a revision.
pub(super) fn versions(requested: &str) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        supported: &'static [&'static str],
        requested: &'a str,
    }
    message::json(&Data {
        supported: SUPPORTED,
        requested,
    })
}

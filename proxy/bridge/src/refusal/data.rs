//! What a refusal says to programs: `data` of its JSON-RPC error.

use serde::Serialize;

use super::{Refusal, modern};
use crate::{io::Loss, message, protocol::SUPPORTED};

#[derive(Serialize)]
struct LossData {
    reason: &'static str,
    retryable: bool,
}

#[derive(Serialize)]
struct ReasonData {
    reason: &'static str,
}

#[derive(Serialize)]
struct VersionData {
    supported: &'static [&'static str],
}

impl Refusal {
    /// The error's `data`, as JSON, where a client can act on it.
    pub(super) fn data(&self) -> Option<String> {
        let loss = |loss: Option<Loss>| {
            message::json(&LossData {
                reason: loss.map_or("not_started", Loss::reason),
                retryable: true,
            })
        };
        match self {
            Self::ServerLost(why) => Some(loss(Some(*why))),
            Self::InputMissing(why) => Some(message::json(&ReasonData {
                reason: why.reason(),
            })),
            Self::DeliveryUnknown => Some(message::json(&LossData {
                reason: self.reason(),
                retryable: false,
            })),
            Self::ServerUnavailable(why) => Some(loss(*why)),
            Self::UnsupportedVersion => Some(message::json(&VersionData {
                supported: SUPPORTED,
            })),
            Self::RevisionNotSpoken { requested } => Some(modern::versions(requested)),
            Self::CapabilityMissing(needed) => Some(modern::required(*needed)),
            Self::BodyTooLarge { .. }
            | Self::BodyTimeout
            | Self::ForbiddenOrigin
            | Self::ForbiddenHost
            | Self::MethodNotAllowed
            | Self::NotAcceptable
            | Self::UnsupportedMediaType
            | Self::NotUtf8
            | Self::NotJson
            | Self::NotJsonRpc(_)
            | Self::BatchNotAllowed
            | Self::BatchEmpty
            | Self::BatchTooLong { .. }
            | Self::InitializeInBatch
            | Self::SessionRequired
            | Self::UnknownSession
            | Self::WrongDoor
            | Self::AlreadyInitialized
            | Self::NotInitialized
            | Self::InvalidParams(_)
            | Self::DuplicateId
            | Self::TooManySessions
            | Self::PoolFull { .. }
            | Self::TooManyPending
            | Self::TooManySubscriptions
            | Self::AnswerTooLong { .. }
            | Self::NotRead
            | Self::CallTimeout
            | Self::Draining
            | Self::HeaderMismatch { .. }
            | Self::MetaIncomplete(_)
            | Self::MethodNotFound
            | Self::RequestState(_)
            | Self::NotARequest
            | Self::TooManyVisits => None,
        }
    }
}

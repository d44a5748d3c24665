//! The numbers of a refusal: HTTP statuses and JSON-RPC error codes.

use super::Refusal;
use crate::protocol::Era;

impl Refusal {
    /// The HTTP status, for a refusal that ends the HTTP request.
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::BodyTooLarge { .. } => 413,
            Self::BodyTimeout => 408,
            Self::ForbiddenOrigin => 403,
            Self::ForbiddenHost => 421,
            Self::MethodNotAllowed => 405,
            Self::NotAcceptable => 406,
            Self::UnsupportedMediaType => 415,
            Self::NotUtf8
            | Self::NotJson
            | Self::NotJsonRpc(_)
            | Self::BatchNotAllowed
            | Self::BatchEmpty
            | Self::BatchTooLong { .. }
            | Self::InitializeInBatch
            | Self::SessionRequired
            | Self::WrongDoor
            | Self::UnsupportedVersion
            | Self::AlreadyInitialized
            | Self::NotInitialized
            | Self::InvalidParams(_)
            | Self::DuplicateId
            | Self::HeaderMismatch { .. }
            | Self::RevisionNotSpoken { .. }
            | Self::MetaIncomplete(_)
            | Self::CapabilityMissing(_)
            | Self::RequestState(_)
            | Self::NotARequest => 400,
            Self::UnknownSession | Self::MethodNotFound => 404,
            Self::TooManyPending | Self::TooManySubscriptions => 429,
            Self::TooManySessions
            | Self::PoolFull { .. }
            | Self::TooManyVisits
            | Self::ServerUnavailable(_)
            | Self::ServerLost(_)
            | Self::InputMissing(_)
            | Self::DeliveryUnknown
            | Self::NotRead
            | Self::Draining => 503,
            Self::AnswerTooLong { .. } => 502,
            Self::CallTimeout => 504,
        }
    }

    /// The JSON-RPC error code. -32700, -32600 and -32602 are JSON-RPC 2.0's own; -32000 and -32001
    /// are of its range for servers, used as the official MCP SDKs use them.
    pub const fn code(&self) -> i64 {
        match self {
            Self::NotUtf8 | Self::NotJson => -32700,
            Self::BodyTooLarge { .. }
            | Self::NotJsonRpc(_)
            | Self::BatchNotAllowed
            | Self::BatchEmpty
            | Self::BatchTooLong { .. }
            | Self::InitializeInBatch
            | Self::AlreadyInitialized
            | Self::NotInitialized
            | Self::NotARequest
            | Self::DuplicateId => -32600,
            Self::InvalidParams(_) | Self::MetaIncomplete(_) | Self::RequestState(_) => -32602,
            Self::MethodNotFound => -32601,
            Self::HeaderMismatch { .. } => -32020,
            Self::CapabilityMissing(_) => -32021,
            Self::RevisionNotSpoken { .. } => -32022,
            Self::UnknownSession | Self::CallTimeout => -32001,
            Self::BodyTimeout
            | Self::ForbiddenOrigin
            | Self::ForbiddenHost
            | Self::MethodNotAllowed
            | Self::NotAcceptable
            | Self::UnsupportedMediaType
            | Self::SessionRequired
            | Self::WrongDoor
            | Self::UnsupportedVersion
            | Self::TooManySessions
            | Self::PoolFull { .. }
            | Self::TooManyVisits
            | Self::TooManyPending
            | Self::TooManySubscriptions
            | Self::ServerUnavailable(_)
            | Self::ServerLost(_)
            | Self::InputMissing(_)
            | Self::DeliveryUnknown
            | Self::AnswerTooLong { .. }
            | Self::NotRead
            | Self::Draining => -32000,
        }
    }

    /// The code for clients of this era. Since 2026-07-28 the range in which the SDKs' own codes lie
    /// is not to be used (MCP 2026-07-28, Error Codes): what is no fault of the request is internal.
    pub const fn code_for(&self, era: Era) -> i64 {
        match (era, self.code()) {
            (Era::Modern, -32019..=-32000) => -32603,
            (Era::Legacy | Era::Modern, code) => code,
        }
    }
}

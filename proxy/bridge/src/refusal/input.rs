//! Why a server did not get what it asked for in a result (MCP 2026-07-28, Multi Round-Trip
//! Requests).

/// What stood in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputFault {
    /// The client did not declare what it takes.
    #[error("the client did not declare the capability; use one that does")]
    NotCapable,
    /// The client cannot be reached.
    #[error("the client has no open stream to be asked on; keep the request's stream open")]
    NoStream,
    /// The client answered with an error.
    #[error("the client answered with an error; call again")]
    Refused,
    /// The client did not answer.
    #[error("the client did not answer in time; call again")]
    TimedOut,
    /// Too many questions wait for their answers.
    #[error("too many questions wait for answers; call again later")]
    TooMany,
    /// The server asks without end.
    #[error("the server asked too often; tell its author")]
    TooManyRounds,
    /// Too many bytes of answers wait for others.
    #[error("the answers are too long; call again later")]
    TooLarge,
    /// The call was too long to be kept, or its server was replaced by one that cannot go on.
    #[error("the call cannot be repeated with it; call again")]
    NotKept,
    /// The server's question is none of the protocol.
    #[error("its question is not as the protocol defines it; tell the server's author")]
    Malformed,
}

impl InputFault {
    /// Every fault, in the order of the enum.
    pub const ALL: [Self; 9] = [
        Self::NotCapable,
        Self::NoStream,
        Self::Refused,
        Self::TimedOut,
        Self::TooMany,
        Self::TooManyRounds,
        Self::TooLarge,
        Self::NotKept,
        Self::Malformed,
    ];

    /// A bounded label.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotCapable => "input_not_capable",
            Self::NoStream => "input_no_stream",
            Self::Refused => "input_refused",
            Self::TimedOut => "input_timed_out",
            Self::TooMany => "input_too_many",
            Self::TooManyRounds => "input_too_many_rounds",
            Self::TooLarge => "input_too_large",
            Self::NotKept => "input_not_kept",
            Self::Malformed => "input_malformed",
        }
    }
}

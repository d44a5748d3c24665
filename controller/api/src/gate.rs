//! What the proxy says through the readiness gate of the MCP pod.
//!
//! The pod condition [`INITIALIZED_GATE`](crate::names::INITIALIZED_GATE) is the only channel from
//! the proxy to the controller: its status says whether an MCP client would be answered, its
//! reason is one of these words, its message the detail.

use std::fmt;

/// Reason of the pod condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GateReason {
    /// The server has answered `initialize`; the only reason with status True.
    Initialized,
    /// The proxy is attached and `initialize` is under way.
    Handshaking,
    /// The server did not answer `initialize` in time.
    HandshakeTimeout,
    /// What the server printed is not MCP.
    NotMcp,
    /// The process ended.
    ProcessExited,
    /// The attach connection broke.
    AttachLost,
    /// The server does not read its stdin, or does not answer a ping.
    NotReading,
    /// Nothing listens on the port that the server was given.
    NotListening,
    /// Nothing listens on the port that the server was given, but on another one something does.
    WrongPort,
    /// Something answers HTTP there, but not the transport that the spec names.
    WrongTransport,
    /// The HTTP connection to the server broke.
    ConnectionLost,
    /// The proxy is shutting down.
    Draining,
}

impl GateReason {
    /// Every reason.
    pub const ALL: [Self; 12] = [
        Self::Initialized,
        Self::Handshaking,
        Self::HandshakeTimeout,
        Self::NotMcp,
        Self::ProcessExited,
        Self::AttachLost,
        Self::NotReading,
        Self::NotListening,
        Self::WrongPort,
        Self::WrongTransport,
        Self::ConnectionLost,
        Self::Draining,
    ];

    /// The word in the pod condition.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Initialized => "Initialized",
            Self::Handshaking => "Handshaking",
            Self::HandshakeTimeout => "HandshakeTimeout",
            Self::NotMcp => "NotMcp",
            Self::ProcessExited => "ProcessExited",
            Self::AttachLost => "AttachLost",
            Self::NotReading => "NotReading",
            Self::NotListening => "NotListening",
            Self::WrongPort => "WrongPort",
            Self::WrongTransport => "WrongTransport",
            Self::ConnectionLost => "ConnectionLost",
            Self::Draining => "Draining",
        }
    }

    /// The reason with this word, if it is one of ours.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

impl fmt::Display for GateReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

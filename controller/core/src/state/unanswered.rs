//! A server that runs and does not answer.

use super::Standing;
use crate::reason::Reason;

/// Why a running server does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// No answer to `initialize` in time.
    HandshakeTimeout,
    /// What it printed is not MCP.
    NotMcp,
    /// It does not read its stdin.
    NotReading,
    /// The connection to it broke.
    AttachLost,
    /// Nothing listens on its port.
    NotListening,
    /// Nothing listens on its port, but on another one.
    WrongPort,
    /// It speaks HTTP, but not its transport.
    WrongTransport,
    /// The HTTP connection to it broke.
    ConnectionLost,
}

impl Unanswered {
    /// Every such reason.
    pub const ALL: [Self; 8] = [
        Self::HandshakeTimeout,
        Self::NotMcp,
        Self::NotReading,
        Self::AttachLost,
        Self::NotListening,
        Self::WrongPort,
        Self::WrongTransport,
        Self::ConnectionLost,
    ];

    /// A broken connection is made anew by the proxy; all else waits for somebody.
    pub(super) const fn standing(self) -> Standing {
        match self {
            Self::AttachLost | Self::ConnectionLost => Standing::Waiting,
            Self::HandshakeTimeout
            | Self::NotMcp
            | Self::NotReading
            | Self::NotListening
            | Self::WrongPort
            | Self::WrongTransport => Standing::Failed,
        }
    }

    /// What is said when the proxy gave no words of its own.
    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::HandshakeTimeout => {
                "The server runs and did not answer `initialize` in time; make sure that spec.image with spec.args starts an MCP server of the transport that spec.transport names."
            }
            Self::NotMcp => {
                "What the server prints is not MCP; make sure that spec.image with spec.args starts an MCP server that speaks over stdin and stdout."
            }
            Self::NotReading => {
                "The server does not read its stdin; make sure that spec.image with spec.args starts an MCP server that speaks over stdin and stdout."
            }
            Self::AttachLost | Self::ConnectionLost => {
                "The proxy lost its connection to the server and connects again."
            }
            Self::NotListening => {
                "Nothing listens on the server's port; set spec.mcpPort to the port on which the server listens, on every address of its pod."
            }
            Self::WrongPort => "The server listens on another port; set spec.mcpPort to it.",
            Self::WrongTransport => {
                "The server speaks HTTP, but not the transport that spec.transport names; correct spec.transport."
            }
        }
    }
}

impl From<Unanswered> for Reason {
    fn from(why: Unanswered) -> Self {
        match why {
            Unanswered::HandshakeTimeout => Self::HandshakeTimeout,
            Unanswered::NotMcp => Self::NotMcp,
            Unanswered::NotReading => Self::NotReading,
            Unanswered::AttachLost => Self::AttachLost,
            Unanswered::NotListening => Self::NotListening,
            Unanswered::WrongPort => Self::WrongPort,
            Unanswered::WrongTransport => Self::WrongTransport,
            Unanswered::ConnectionLost => Self::ConnectionLost,
        }
    }
}

//! What can be wrong with a server that is reached over HTTP, and how a connection ends.

use std::time::Duration;

use hivewright_api::gate::GateReason;
use hivewright_bridge::io::Loss;

use super::endpoint::Kind;

/// How a connection that was good was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The server ended the event stream that carries everything it says.
    #[error("the server closed the event stream")]
    Closed,
    /// The connection of that stream broke.
    #[error("the event stream broke")]
    Cut,
    /// A call failed, and the server cannot be connected to any more.
    #[error("the server cannot be connected to any more")]
    Unreachable,
    /// The server no longer knows the session (HTTP 404).
    #[error("the server no longer knows the session")]
    Forgotten,
}

/// Why the server cannot be used, as one sentence for its user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The port refuses connections.
    #[error(
        "Nothing listens on port {port} of the pod; the server must listen on 0.0.0.0 at the port that MCP_PORT names, or spec.mcpPort must name the port that it listens on."
    )]
    NotListening {
        /// The port that the server was given.
        port: u16,
    },
    /// Packets to the port are lost.
    #[error(
        "Port {port} of the pod does not answer at all; check that a NetworkPolicy lets the proxy reach it."
    )]
    Silent {
        /// The port that the server was given.
        port: u16,
    },
    /// The port refuses connections, but another one accepts them.
    #[error(
        "Nothing listens on port {port} of the pod, but port {other} accepts connections; set spec.mcpPort to {other}, or make the server listen on {port}."
    )]
    WrongPort {
        /// The port that the server was given.
        port: u16,
        /// The usual port on which something listens.
        other: u16,
    },
    /// Something listens, but does not answer.
    #[error(
        "Port {port} of the pod accepts connections, but GET {path} was not answered in {} s; see the server's log for what it waits for.",
        limit.as_secs()
    )]
    Deaf {
        /// The port that the server was given.
        port: u16,
        /// What was asked for.
        path: String,
        /// How long was waited.
        limit: Duration,
    },
    /// Something listens, but does not speak this transport.
    #[error("Port {port} of the pod does not speak {kind} at {path}: {answered}; {advice}.")]
    WrongTransport {
        /// The port that the server was given.
        port: u16,
        /// What the spec says.
        kind: Kind,
        /// Where it was looked for.
        path: String,
        /// What came instead, in a few words.
        answered: String,
        /// What to change.
        advice: &'static str,
    },
    /// A connection that was good was lost.
    #[error("The HTTP connection to the server was lost ({0}); it is connected to again.")]
    ConnectionLost(Broken),
    /// Too much waits for the server to take it.
    #[error("The server does not take what is posted to it; it is connected to again.")]
    NotReading,
}

impl Fault {
    /// The word for the readiness gate.
    pub const fn gate(&self) -> GateReason {
        match self {
            Self::NotListening { .. } | Self::Silent { .. } => GateReason::NotListening,
            Self::WrongPort { .. } => GateReason::WrongPort,
            Self::Deaf { .. } => GateReason::HandshakeTimeout,
            Self::WrongTransport { .. } => GateReason::WrongTransport,
            Self::ConnectionLost(_) => GateReason::ConnectionLost,
            Self::NotReading => GateReason::NotReading,
        }
    }

    /// What the bridge is to be told, if it was told that the server is up.
    pub const fn loss(&self) -> Loss {
        match self {
            Self::NotListening { .. }
            | Self::Silent { .. }
            | Self::WrongPort { .. }
            | Self::ConnectionLost(_) => Loss::ConnectionLost,
            Self::Deaf { .. } => Loss::HandshakeTimeout,
            Self::WrongTransport { .. } => Loss::NotMcp,
            Self::NotReading => Loss::NotReading,
        }
    }
}

/// Why [`pump`](super::pump) returned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpEnd {
    /// The driver has no more use for the server; its reason is in
    /// [`Bridge::status`](crate::driver::Bridge::status).
    #[error("the bridge dropped the server")]
    Dropped,
    /// The proxy is shutting down.
    #[error("the proxy is shutting down")]
    Shutdown,
    /// The server, or the way to it, is of no use any more. The pod may be: connect again.
    #[error("the server was lost")]
    Lost(#[source] Fault),
}

impl HttpEnd {
    /// What the bridge is to be told; none if it has dropped the server itself, whose reason stands.
    pub const fn loss(&self) -> Option<Loss> {
        match self {
            Self::Dropped => None,
            Self::Shutdown => Some(Loss::Draining),
            Self::Lost(fault) => Some(fault.loss()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every() -> Vec<Fault> {
        let answered = "GET /sse answered HTTP 404 Not Found".to_owned();
        let all = [
            Broken::Closed,
            Broken::Cut,
            Broken::Unreachable,
            Broken::Forgotten,
        ];
        let mut faults = vec![
            Fault::NotListening { port: 8080 },
            Fault::Silent { port: 8080 },
            Fault::WrongPort {
                port: 8080,
                other: 8000,
            },
            Fault::WrongTransport {
                port: 8080,
                kind: Kind::Sse,
                path: "/sse".to_owned(),
                answered,
                advice: "set spec.transport to what the server speaks",
            },
            Fault::Deaf {
                port: 8080,
                path: "/sse".to_owned(),
                limit: Duration::from_secs(10),
            },
            Fault::NotReading,
        ];
        faults.extend(all.map(Fault::ConnectionLost));
        faults
    }

    #[test]
    fn every_fault_is_one_whole_sentence_and_never_says_that_all_is_well() {
        for fault in every() {
            let message = fault.to_string();
            assert!(message.ends_with('.') && message.starts_with(char::is_uppercase));
            assert_ne!(fault.gate(), GateReason::Initialized);
            assert_ne!(fault.gate(), GateReason::Handshaking);
        }
    }

    #[test]
    fn a_wrong_port_names_both_ports() {
        let fault = Fault::WrongPort {
            port: 8080,
            other: 8000,
        };
        assert_eq!(
            fault.to_string(),
            "Nothing listens on port 8080 of the pod, but port 8000 accepts connections; set spec.mcpPort to 8000, or make the server listen on 8080."
        );
    }
}

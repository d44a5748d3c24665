//! How the server speaks, and where.

use hivewright_api::{MCPServerSpec, names};

use super::ports;
use crate::refusal::{Refusal, RefusalReason};

/// How the proxy reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// stdin and stdout of the container; the port, if any, is only declared.
    Stdio,
    /// HTTP+SSE on this port.
    Sse(u16),
    /// Streamable HTTP on this port.
    StreamableHttp(u16),
}

impl Transport {
    pub(super) fn parse(spec: &MCPServerSpec) -> Result<Self, Refusal> {
        let port = || Ok(ports::container(spec)?.unwrap_or(names::DEFAULT_TARGET_PORT));
        match spec.transport.as_str() {
            "stdio" => Ok(Self::Stdio),
            "sse" => Ok(Self::Sse(port()?)),
            "streamable-http" => Ok(Self::StreamableHttp(port()?)),
            other => Err(Refusal::new(
                RefusalReason::InvalidTransport,
                "spec.transport",
                format!("there is no transport `{other}`; use stdio, sse or streamable-http"),
            )),
        }
    }

    /// Its word in the spec, which is also what the server is told.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Sse(_) => "sse",
            Self::StreamableHttp(_) => "streamable-http",
        }
    }

    /// The port on which the server listens; `None` over stdio.
    pub(crate) const fn port(self) -> Option<u16> {
        match self {
            Self::Stdio => None,
            Self::Sse(port) | Self::StreamableHttp(port) => Some(port),
        }
    }
}

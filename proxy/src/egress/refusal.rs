//! Why a request was not let through, and what its sender is told.

use http::StatusCode;

use super::{
    denial::Why,
    metrics::Outcome,
    target::{BadTarget, Target},
};

/// Why a request got an answer of the gateway's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The rules have something against it.
    #[error("{}", denied(target, *why))]
    Denied {
        /// What it wanted.
        target: Target,
        /// What is against it.
        why: Why,
    },
    /// Its target cannot be read.
    #[error(transparent)]
    Target(#[from] BadTarget),
    /// `GET /path`: somebody took the gateway for a web server.
    #[error(
        "this is a forward proxy; send CONNECT host:port, or a whole URL as in GET http://host/path"
    )]
    NoProxyRequest,
    /// A whole URL of another scheme than http.
    #[error("a whole URL is forwarded for http only; use CONNECT host:port for everything else")]
    Scheme,
    /// The host has no address.
    #[error("the host of {target} has no address; check its name")]
    Unresolved {
        /// What it wanted.
        target: Target,
    },
    /// The DNS took too long, or too many names were being resolved.
    #[error("the name of {target} was not resolved in time; try again")]
    ResolveTimeout {
        /// What it wanted.
        target: Target,
    },
    /// No address of the host accepted a connection.
    #[error(
        "{target} does not accept connections; check that it is up and reachable from the proxy's pod"
    )]
    Unreachable {
        /// What it wanted.
        target: Target,
    },
    /// The connection was not made in time.
    #[error(
        "{target} did not answer the connection in time; check that it is reachable from the proxy's pod"
    )]
    ConnectTimeout {
        /// What it wanted.
        target: Target,
    },
    /// The host broke off before it answered, or what it said was no HTTP.
    #[error("{target} ended the connection without an answer in HTTP/1.1")]
    Broken {
        /// What it wanted.
        target: Target,
    },
    /// The host accepted the request and did not answer.
    #[error("{target} did not answer the request in time")]
    AnswerTimeout {
        /// What it wanted.
        target: Target,
    },
    /// Too many requests and tunnels are running.
    #[error("{limit} requests and tunnels are running already; close some, then try again")]
    TooMany {
        /// How many may run.
        limit: usize,
    },
}

impl Refusal {
    /// How it is counted.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Denied { why, .. } => match why {
                Why::Host => Outcome::HostDenied,
                Why::Port => Outcome::PortDenied,
                Why::Address => Outcome::AddressDenied,
                Why::ServerName => Outcome::ServerNameDenied,
            },
            Self::Target(_) | Self::NoProxyRequest | Self::Scheme => Outcome::BadRequest,
            Self::Unresolved { .. } => Outcome::Unresolved,
            Self::Unreachable { .. } | Self::Broken { .. } => Outcome::Unreachable,
            Self::ResolveTimeout { .. }
            | Self::ConnectTimeout { .. }
            | Self::AnswerTimeout { .. } => Outcome::TimedOut,
            Self::TooMany { .. } => Outcome::TooMany,
        }
    }

    /// The status of the answer.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Denied { .. } => StatusCode::FORBIDDEN,
            Self::Target(_) | Self::NoProxyRequest | Self::Scheme => StatusCode::BAD_REQUEST,
            Self::Unresolved { .. } | Self::Unreachable { .. } | Self::Broken { .. } => {
                StatusCode::BAD_GATEWAY
            }
            Self::ResolveTimeout { .. }
            | Self::ConnectTimeout { .. }
            | Self::AnswerTimeout { .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::TooMany { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The error type of the `Proxy-Status` field (RFC 9209, 2.3), by which a client can tell the
    /// gateway's answer from its host's.
    pub const fn proxy_error(&self) -> &'static str {
        match self {
            Self::Denied { why, .. } => match why {
                Why::Host | Why::Port | Why::ServerName => "http_request_denied",
                Why::Address => "destination_ip_prohibited",
            },
            Self::Target(_) | Self::NoProxyRequest | Self::Scheme => "http_request_error",
            Self::Unresolved { .. } => "dns_error",
            Self::ResolveTimeout { .. } => "dns_timeout",
            Self::Unreachable { .. } => "destination_unavailable",
            Self::ConnectTimeout { .. } => "connection_timeout",
            Self::Broken { .. } => "connection_terminated",
            Self::AnswerTimeout { .. } => "http_response_timeout",
            Self::TooMany { .. } => "connection_limit_reached",
        }
    }
}

/// The sentence of a denial names the line of the permission profile that would allow it, where
/// there is one.
fn denied(target: &Target, why: Why) -> String {
    let Target { host, port } = target;
    match why {
        Why::Host => format!(
            "{host} is not allowed by the server's permission profile; add \"{host}\" to its \
             network.outbound.allow_host"
        ),
        Why::Port => format!(
            "port {port} of {host} is not allowed by the server's permission profile; add {port} to \
             its network.outbound.allow_port"
        ),
        Why::Address => format!(
            "{host} has an address that no permission profile opens: loopback, link-local, \
             multicast or a metadata service; use a host with another address"
        ),
        Why::ServerName => format!(
            "the TLS handshake in the tunnel to {target} asks for another host; open a tunnel to \
             the host that it asks for"
        ),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn told(why: Why, target: &str) -> String {
        let target = Target::parse(target, None).expect("a target");
        Refusal::Denied { target, why }.to_string()
    }

    #[rstest]
    #[case(Why::Host, "add \"api.x.com\" to its network.outbound.allow_host")]
    #[case(Why::Port, "add 8443 to its network.outbound.allow_port")]
    fn a_denial_names_the_rule_to_add(#[case] why: Why, #[case] rule: &str) {
        assert!(told(why, "api.x.com:8443").ends_with(rule));
    }
}

//! Where a server listens, and how it speaks.

use std::{fmt, net::SocketAddr};

use http::{
    HeaderValue, Uri,
    uri::{Authority, PathAndQuery, Scheme},
};

/// A transport of MCP over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// HTTP with SSE (MCP 2024-11-05).
    Sse,
    /// Streamable HTTP (MCP 2025-03-26 and later).
    StreamableHttp,
}

impl Kind {
    /// Its name in the spec of an MCPServer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sse => "sse",
            Self::StreamableHttp => "streamable-http",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an endpoint makes no URL.
#[derive(Debug, thiserror::Error)]
pub enum InvalidEndpoint {
    /// The host is none.
    #[error("the host {0:?} of the server is no host name")]
    Host(String, #[source] http::uri::InvalidUri),
    /// The path is none.
    #[error("the path {0:?} of the server must begin with a slash and hold no spaces")]
    Path(String),
}

/// One server of one pod.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub(super) address: SocketAddr,
    pub(super) host: HeaderValue,
    pub(super) path: PathAndQuery,
    pub(super) kind: Kind,
}

impl Endpoint {
    /// `address` is what is connected to; `host` what the `Host` header names, with the port
    /// (`POD.SERVICE.NAMESPACE.svc:8080`); `path` begins with a slash.
    ///
    /// # Errors
    /// If host or path cannot be part of a URL.
    ///
    /// # Panics
    /// Never: an authority is visible ASCII.
    pub fn new(
        address: SocketAddr,
        host: &str,
        path: &str,
        kind: Kind,
    ) -> Result<Self, InvalidEndpoint> {
        let authority =
            Authority::try_from(host).map_err(|e| InvalidEndpoint::Host(host.to_owned(), e))?;
        let path = PathAndQuery::try_from(path)
            .ok()
            .filter(|_| path.starts_with('/'))
            .ok_or_else(|| InvalidEndpoint::Path(path.to_owned()))?;
        let host =
            HeaderValue::from_str(authority.as_str()).expect("an authority is visible ASCII");
        Ok(Self {
            address,
            host,
            path,
            kind,
        })
    }

    /// The port that the server was given.
    pub(super) const fn port(&self) -> u16 {
        self.address.port()
    }

    /// A URL of this server.
    pub(super) fn uri(&self, path: &PathAndQuery) -> Uri {
        Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(self.address.to_string())
            .path_and_query(path.clone())
            .build()
            .expect("an address and a path make a URL")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(host: &str, path: &str) -> Result<Endpoint, InvalidEndpoint> {
        Endpoint::new(([10, 0, 0, 7], 8080).into(), host, path, Kind::Sse)
    }

    #[test]
    fn the_url_names_the_address_and_the_header_the_host() {
        let endpoint = endpoint("osv-0.mcp-osv-headless.ns.svc:8080", "/sse?a=b").unwrap();
        assert_eq!(endpoint.uri(&endpoint.path), "http://10.0.0.7:8080/sse?a=b");
        assert_eq!(endpoint.host, "osv-0.mcp-osv-headless.ns.svc:8080");
    }

    #[test]
    fn an_address_of_ipv6_makes_a_url_too() {
        let address = "[fd00::7]:80".parse().unwrap();
        let endpoint = Endpoint::new(address, "a:80", "/mcp", Kind::StreamableHttp).unwrap();
        assert_eq!(endpoint.uri(&endpoint.path), "http://[fd00::7]:80/mcp");
    }

    #[test]
    fn what_makes_no_url_is_refused_in_a_sentence() {
        assert!(matches!(
            endpoint("a b", "/"),
            Err(InvalidEndpoint::Host(..))
        ));
        for path in ["", "sse", "/a b", "http://x/"] {
            let error = endpoint("a", path).expect_err(path);
            assert!(matches!(error, InvalidEndpoint::Path(_)), "{error}");
        }
    }
}

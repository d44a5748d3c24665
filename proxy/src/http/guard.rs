//! The checks that keep a web page from talking to the proxy through a visitor's browser.
//!
//! A page can make a name that it owns resolve to a loopback or cluster address (DNS rebinding).
//! The browser then sends that name in `Host` and the page's own origin in `Origin`
//! (MCP 2025-11-25, Streamable HTTP, Security Warning).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hivewright_api::names;
use http::{HeaderMap, HeaderValue, Uri, header};

/// Which `Host` and `Origin` values the doors accept beside loopback ones.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    hosts: Vec<String>,
    origins: Vec<String>,
}

/// What the guard found wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// `Host` is missing or names somebody else.
    Host,
    /// `Origin` is a web page's that is not known.
    Origin,
}

impl Guard {
    /// `hosts` are DNS names without port, `origins` are `scheme://host[:port]`.
    pub fn new(hosts: Vec<String>, origins: Vec<String>) -> Self {
        Self { hosts, origins }
    }

    /// Accepts also the DNS names of the proxy's Service, from the short one to the full one.
    #[must_use]
    pub fn with_service(mut self, server: &str, namespace: &str) -> Self {
        let service = names::proxy_service(server);
        self.hosts.extend([
            format!("{service}.{namespace}"),
            format!("{service}.{namespace}.svc"),
            names::proxy_host(server, namespace),
            service,
        ]);
        self
    }

    /// Checks one request.
    ///
    /// # Errors
    /// [`Foreign`] says which header is not acceptable.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Foreign> {
        let host = match uri.authority() {
            // An absolute request target overrules the header (RFC 9112, 3.2.2).
            Some(authority) => Some(authority.as_str()),
            None => single(headers, &header::HOST),
        };
        if !host.is_some_and(|host| self.host_allowed(host)) {
            return Err(Foreign::Host);
        }
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let known = |origin: &HeaderValue| {
            origin
                .to_str()
                .is_ok_and(|origin| self.origin_allowed(origin))
        };
        if origins.all(known) {
            Ok(())
        } else {
            Err(Foreign::Origin)
        }
    }

    /// Whether this origin is one of those that were configured as such. Only their pages may read
    /// answers (CORS): that a page comes from loopback or from a host of ours is no permission.
    pub(super) fn names_origin(&self, origin: &HeaderValue) -> bool {
        let same = |known: &String| known.as_bytes().eq_ignore_ascii_case(origin.as_bytes());
        self.origins.iter().any(same)
    }

    /// Loopback names, configured names, and any IP literal: a browser that was led here by DNS
    /// sends the name, so a literal cannot be the work of rebinding.
    fn host_allowed(&self, value: &str) -> bool {
        let Some(host) = without_port(value) else {
            return false;
        };
        is_localhost(host) || literal(host).is_some() || self.is_configured(host)
    }

    fn origin_allowed(&self, origin: &str) -> bool {
        if self
            .origins
            .iter()
            .any(|known| known.eq_ignore_ascii_case(origin))
        {
            return true;
        }
        let Some((scheme, authority)) = origin.split_once("://") else {
            return false;
        };
        let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        let Some(host) = without_port(authority).filter(|_| web) else {
            return false;
        };
        is_localhost(host)
            || literal(host).is_some_and(|address| address.is_loopback())
            || self.is_configured(host)
    }

    fn is_configured(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        self.hosts
            .iter()
            .any(|known| known.eq_ignore_ascii_case(host))
    }
}

/// The only value of this header; `None` if it is missing, doubled or not ASCII.
fn single<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

/// `host[:port]` without the port; `None` if it is neither. A bracketed literal keeps its brackets.
fn without_port(authority: &str) -> Option<&str> {
    let (host, rest) = match authority.strip_prefix('[') {
        Some(inside) => authority.split_at(inside.find(']')? + 2),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port_ok = match rest.strip_prefix(':') {
        Some(port) => port.bytes().all(|byte| byte.is_ascii_digit()),
        None => rest.is_empty(),
    };
    (port_ok && !host.is_empty()).then_some(host)
}

fn is_localhost(host: &str) -> bool {
    host.strip_suffix('.')
        .unwrap_or(host)
        .eq_ignore_ascii_case("localhost")
}

fn literal(host: &str) -> Option<IpAddr> {
    match host
        .strip_prefix('[')
        .and_then(|inside| inside.strip_suffix(']'))
    {
        Some(inside) => inside.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => host.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn guard() -> Guard {
        let hosts = vec!["tools.example.com".to_owned()];
        Guard::new(hosts, vec!["https://app.example.com:8443".to_owned()])
            .with_service("fetch", "team-a")
    }

    fn check(host: &str, origin: Option<&str>) -> Result<(), Foreign> {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::HOST,
            HeaderValue::from_str(host).expect("a header value"),
        );
        if let Some(origin) = origin {
            let origin = HeaderValue::from_str(origin).expect("a header value");
            headers.insert(header::ORIGIN, origin);
        }
        guard().check(&Uri::from_static("/mcp"), &headers)
    }

    #[rstest]
    #[case("localhost")]
    #[case("LOCALHOST:8080")]
    #[case("localhost.:8080")]
    #[case("127.0.0.1:8080")]
    #[case("[::1]:8080")]
    #[case("[::1]")]
    #[case("10.244.0.7:8080")]
    #[case("[fd00::7]:8080")]
    #[case("tools.example.com")]
    #[case("Tools.Example.COM:443")]
    #[case("tools.example.com.:443")]
    #[case("mcp-fetch-proxy:8080")]
    #[case("mcp-fetch-proxy.team-a:8080")]
    #[case("mcp-fetch-proxy.team-a.svc:8080")]
    #[case("mcp-fetch-proxy.team-a.svc.cluster.local:8080")]
    #[case("mcp-fetch-proxy")]
    #[case("mcp-fetch-proxy.:8080")]
    #[case("mcp-fetch-proxy.team-a.")]
    #[case("mcp-fetch-proxy.team-a.svc.")]
    #[case("mcp-fetch-proxy.team-a.svc.cluster.local")]
    #[case("mcp-fetch-proxy.team-a.svc.cluster.local.")]
    #[case("MCP-Fetch-Proxy.Team-A.SVC.Cluster.Local.:8080")]
    #[case("127.0.0.1")]
    #[case("localhost:")]
    fn a_host_of_ours_is_accepted(#[case] host: &str) {
        assert_eq!(check(host, None), Ok(()));
    }

    #[rstest]
    #[case("evil.example")]
    #[case("evil.example:8080")]
    #[case("localhost.evil.example")]
    #[case("127.0.0.1.evil.example")]
    #[case("eviltools.example.com")]
    #[case("sub.tools.example.com")]
    #[case("mcp-fetch-proxy.team-b")]
    #[case("mcp-fetch-proxy.team-a.svc.evil.example")]
    #[case("mcp-fetch-proxy.team-a.svc.cluster.local.evil.example")]
    #[case("mcp-fetch-proxy.team-a.svc.cluster.local..")]
    #[case("evil.mcp-fetch-proxy.team-a.svc")]
    #[case("localhost..")]
    #[case("127.0.0.1.")]
    #[case("0x7f.1")]
    #[case("localhost, evil.example")]
    #[case("localhost evil.example")]
    #[case("localhost/evil.example")]
    #[case("user@localhost")]
    #[case("localhost:80:80")]
    #[case("localhost:http")]
    #[case("[::1")]
    #[case("[::1]x")]
    #[case("[evil]")]
    #[case("")]
    #[case(":8080")]
    fn a_foreign_host_is_refused(#[case] host: &str) {
        assert_eq!(check(host, None), Err(Foreign::Host));
    }

    #[rstest]
    #[case("http://localhost")]
    #[case("http://localhost:6274")]
    #[case("https://127.0.0.1:6274")]
    #[case("http://127.9.9.9")]
    #[case("http://[::1]:6274")]
    #[case("https://app.example.com:8443")]
    #[case("HTTPS://APP.example.com:8443")]
    #[case("https://tools.example.com")]
    #[case("http://mcp-fetch-proxy.team-a.svc.cluster.local:8080")]
    fn an_origin_of_ours_is_accepted(#[case] origin: &str) {
        assert_eq!(check("localhost:8080", Some(origin)), Ok(()));
    }

    #[rstest]
    #[case("http://evil.example")]
    #[case("https://app.example.com")]
    #[case("http://app.example.com:8443")]
    #[case("http://localhost.evil.example")]
    #[case("http://10.1.2.3")]
    #[case("null")]
    #[case("file://localhost")]
    #[case("chrome-extension://abcdef")]
    #[case("localhost")]
    #[case("http://")]
    #[case("")]
    fn a_foreign_origin_is_refused(#[case] origin: &str) {
        assert_eq!(check("localhost:8080", Some(origin)), Err(Foreign::Origin));
    }

    #[test]
    fn a_missing_or_doubled_host_is_refused_and_an_absolute_target_overrules_it() {
        let mut headers = HeaderMap::new();
        let path = Uri::from_static("/mcp");
        assert_eq!(guard().check(&path, &headers), Err(Foreign::Host));
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        let absolute = Uri::from_static("http://evil.example/mcp");
        assert_eq!(guard().check(&absolute, &headers), Err(Foreign::Host));
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        assert_eq!(guard().check(&path, &headers), Err(Foreign::Host));
    }

    #[test]
    fn one_foreign_origin_among_several_is_enough_to_refuse() {
        let mut headers = HeaderMap::new();
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        headers.append(header::ORIGIN, HeaderValue::from_static("http://localhost"));
        headers.append(
            header::ORIGIN,
            HeaderValue::from_static("http://evil.example"),
        );
        assert_eq!(
            guard().check(&Uri::from_static("/mcp"), &headers),
            Err(Foreign::Origin)
        );
    }
}

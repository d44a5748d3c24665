//! Where a request wants to go: a host and a port, each in one spelling only.
//!
//! A host is the text that rules are compared with, the name that is resolved, and the address that
//! is connected to. If these three could be read differently, a rule could be talked round; hence
//! one parser, and every unusual spelling is refused.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

/// Characters of the longest DNS name (RFC 1035, 3.1: 255 octets with the length octets).
pub const MAX_NAME: usize = 253;
/// Characters of the longest label (RFC 1035, 3.1).
const MAX_LABEL: usize = 63;

/// A host in its one spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A DNS name: lower case, no trailing dot, at most [`MAX_NAME`] characters.
    Name(Arc<str>),
    /// An address literal.
    Address(IpAddr),
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The host.
    pub host: Host,
    /// The port; not 0.
    pub port: u16,
}

/// Why a text names no target. The sentences are read by whoever wrote the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTarget {
    /// `user@host`.
    #[error("the target must not hold a user name; send credentials in headers")]
    UserInfo,
    /// No port, port 0, or no number.
    #[error("the target needs a port between 1 and 65535, as in example.com:443")]
    Port,
    /// Neither a DNS name nor an address.
    #[error(
        "the target's host is neither a DNS name (ASCII, punycode for others) nor an IP address"
    )]
    Host,
    /// `0x7f.1`, `2130706433`, `010.0.0.1`, `::ffff:10.0.0.1`: one address, many spellings.
    #[error("the target's IPv4 address must be written as four decimal numbers, as in 192.0.2.1")]
    OddAddress,
}

impl Target {
    /// Reads `host[:port]`; without a port `default` counts, if there is one.
    ///
    /// # Errors
    /// [`BadTarget`] says what is not accepted.
    pub fn parse(authority: &str, default: Option<u16>) -> Result<Self, BadTarget> {
        if authority.contains('@') {
            return Err(BadTarget::UserInfo);
        }
        let (host, port) = split(authority)?;
        let port = match port {
            Some(port) => number(port).ok_or(BadTarget::Port)?,
            None => default.ok_or(BadTarget::Port)?,
        };
        let host = Host::parse(host)?;
        Ok(Self { host, port })
    }
}

impl Host {
    /// Reads a DNS name, an IPv4 address, or an IPv6 address in brackets.
    ///
    /// # Errors
    /// [`BadTarget::Host`], [`BadTarget::OddAddress`].
    pub fn parse(text: &str) -> Result<Self, BadTarget> {
        if let Some(inside) = text.strip_prefix('[') {
            let inside = inside.strip_suffix(']').ok_or(BadTarget::Host)?;
            return v6(inside);
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Ok(Self::Address(IpAddr::V4(address)));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let labels_ok = name.split('.').all(is_label);
        if name.len() > MAX_NAME || !labels_ok {
            return Err(BadTarget::Host);
        }
        if ends_in_a_number(name) {
            return Err(BadTarget::OddAddress);
        }
        Ok(Self::Name(name.to_ascii_lowercase().into()))
    }
}

fn v6(text: &str) -> Result<Host, BadTarget> {
    let address = text.parse::<Ipv6Addr>().map_err(|_| BadTarget::Host)?;
    if address.to_ipv4_mapped().is_some() {
        return Err(BadTarget::OddAddress);
    }
    Ok(Host::Address(IpAddr::V6(address)))
}

/// Splits at the port's colon. Brackets stay with the host.
fn split(authority: &str) -> Result<(&str, Option<&str>), BadTarget> {
    let end = if authority.starts_with('[') {
        authority.find(']').ok_or(BadTarget::Host)? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, rest) = authority.split_at(end);
    match rest.strip_prefix(':') {
        Some(port) => Ok((host, Some(port))),
        None if rest.is_empty() => Ok((host, None)),
        None => Err(BadTarget::Host),
    }
}

/// A port of plain digits: `parse` alone would also take `+80`.
fn number(port: &str) -> Option<u16> {
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    port.parse().ok().filter(|port| digits && *port != 0)
}

/// Letters, digits, hyphens, and the underscores that some zones use.
fn is_label(label: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=MAX_LABEL).contains(&label.len()) && label.bytes().all(plain)
}

/// Whether resolvers would take the name for an IPv4 address, as `inet_aton` does: no top-level
/// domain is a number (WHATWG URL, "ends in a number").
fn ends_in_a_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let hex = last
        .strip_prefix("0x")
        .or_else(|| last.strip_prefix("0X"))
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    hex || last.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => out.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(out),
            Self::Address(IpAddr::V6(address)) => write!(out, "[{address}]"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("api.example.com:443", "api.example.com:443")]
    #[case("API.Example.COM.:443", "api.example.com:443")]
    #[case("xn--bcher-kva.example:8443", "xn--bcher-kva.example:8443")]
    #[case("my_host:80", "my_host:80")]
    #[case("192.0.2.1:80", "192.0.2.1:80")]
    #[case("[2001:DB8:0::1]:443", "[2001:db8::1]:443")]
    #[case("3com.example:80", "3com.example:80")]
    #[case("0xcafe.example:80", "0xcafe.example:80")]
    fn a_target_has_one_spelling(#[case] given: &str, #[case] meant: &str) {
        assert_eq!(
            Target::parse(given, None).map(|target| target.to_string()),
            Ok(meant.to_owned())
        );
    }

    #[rstest]
    #[case("user@example.com:443", BadTarget::UserInfo)]
    #[case("user:secret@example.com:443", BadTarget::UserInfo)]
    #[case("example.com", BadTarget::Port)]
    #[case("example.com:", BadTarget::Port)]
    #[case("example.com:0", BadTarget::Port)]
    #[case("example.com:+80", BadTarget::Port)]
    #[case("example.com:65536", BadTarget::Port)]
    #[case("example.com:80:80", BadTarget::Port)]
    #[case("example.com:https", BadTarget::Port)]
    #[case(":443", BadTarget::Host)]
    #[case(".:443", BadTarget::Host)]
    #[case("example..com:443", BadTarget::Host)]
    #[case("example.com..:443", BadTarget::Host)]
    #[case(".example.com:443", BadTarget::Host)]
    #[case("*.example.com:443", BadTarget::Host)]
    #[case("ex%61mple.com:443", BadTarget::Host)]
    #[case("bücher.example:443", BadTarget::Host)]
    #[case("2001:db8::1", BadTarget::Port)]
    #[case("[2001:db8::1", BadTarget::Host)]
    #[case("[2001:db8::1]443", BadTarget::Host)]
    #[case("[fe80::1%eth0]:443", BadTarget::Host)]
    #[case("[192.0.2.1]:443", BadTarget::Host)]
    #[case("[::ffff:192.0.2.1]:443", BadTarget::OddAddress)]
    #[case("0x7f.1:80", BadTarget::OddAddress)]
    #[case("0x7f000001:80", BadTarget::OddAddress)]
    #[case("127.0.0.0x1:80", BadTarget::OddAddress)]
    #[case("127.0.0.0x:80", BadTarget::OddAddress)]
    #[case("2130706433:80", BadTarget::OddAddress)]
    #[case("127.1:80", BadTarget::OddAddress)]
    #[case("0177.0.0.1:80", BadTarget::OddAddress)]
    #[case("127.0.0.1.:80", BadTarget::OddAddress)]
    #[case("1.2.3.4.5:80", BadTarget::OddAddress)]
    #[case("256.1.1.1:80", BadTarget::OddAddress)]
    fn every_other_spelling_is_refused(#[case] given: &str, #[case] why: BadTarget) {
        assert_eq!(Target::parse(given, None), Err(why));
    }

    #[test]
    fn a_name_past_the_bounds_is_refused() {
        let label = "a".repeat(MAX_LABEL);
        let name = [&*label, &label, &label, &label[2..]].join(".");
        assert_eq!(name.len(), MAX_NAME);
        assert!(Host::parse(&name).is_ok());
        assert_eq!(Host::parse(&format!("{name}a")), Err(BadTarget::Host));
        assert_eq!(Host::parse(&format!("a{label}")), Err(BadTarget::Host));
    }

    #[test]
    fn a_missing_port_is_the_default_and_a_given_one_wins() {
        let port = |text| Target::parse(text, Some(80)).map(|target| target.port);
        assert_eq!(port("example.com"), Ok(80));
        assert_eq!(port("[2001:db8::1]"), Ok(80));
        assert_eq!(port("example.com:8080"), Ok(8080));
        assert_eq!(port("example.com:"), Err(BadTarget::Port));
    }
}

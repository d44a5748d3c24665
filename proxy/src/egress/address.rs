//! Addresses that no rule opens.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Metadata services that are not at a link-local address: they hand out a machine's credentials.
/// Amazon EC2 (instance metadata, IPv6), Google Compute Engine (metadata server, IPv6), Alibaba
/// Cloud (instance metadata), Oracle Cloud (192.0.0.192, instance metadata of older shapes).
const METADATA: [IpAddr; 4] = [
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
];

/// Which addresses are never connected to, whatever name led there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressPolicy {
    /// Loopback, link-local (which is where metadata services are), unspecified, multicast,
    /// broadcast and reserved addresses are closed, in every form in which IPv6 writes them.
    #[default]
    Strict,
    /// The same, but loopback is open: for tests, whose servers are there.
    LoopbackOpen,
}

impl AddressPolicy {
    /// Whether this address is closed.
    pub fn closes(self, address: IpAddr) -> bool {
        METADATA.contains(&address)
            || match address {
                IpAddr::V4(address) => self.closes_v4(address),
                IpAddr::V6(address) => self.closes_v6(address),
            }
    }

    fn closes_v4(self, address: Ipv4Addr) -> bool {
        let [first, ..] = address.octets();
        // 0.0.0.0/8 is "this network", which Linux takes for this host; 240.0.0.0/4 is reserved and
        // ends with the broadcast address (RFC 6890).
        first == 0
            || first >= 240
            || address.is_link_local()
            || address.is_multicast()
            || (address.is_loopback() && self == Self::Strict)
    }

    fn closes_v6(self, address: Ipv6Addr) -> bool {
        if address.is_loopback() {
            return self == Self::Strict;
        }
        match embedded(address) {
            Embedded::Mapped => true,
            Embedded::Translated(inner) => self.closes(IpAddr::V4(inner)),
            Embedded::None => {
                address.is_unspecified()
                    || address.is_multicast()
                    || address.is_unicast_link_local()
            }
        }
    }
}

/// How an IPv6 address holds an IPv4 address.
enum Embedded {
    /// As another way to write it, which sockets take for the same: `::ffff:0:0/96`, and `::/96`
    /// which is long out of use (RFC 4291, 2.5.5). Nobody who means well resolves to these.
    Mapped,
    /// As the address that a gateway translates to: `64:ff9b::/96` (RFC 6052), `2002::/16` (RFC 3056).
    Translated(Ipv4Addr),
    /// Not.
    None,
}

fn embedded(address: Ipv6Addr) -> Embedded {
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] if (high, low) != (0, 0) => Embedded::Mapped,
        [0, 0, 0, 0, 0, 0xffff, ..] => Embedded::Mapped,
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Embedded::Translated(v4(high, low))
        }
        _ => Embedded::None,
    }
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[rstest]
    #[case("0.0.0.0")]
    #[case("0.1.2.3")]
    #[case("169.254.169.254")]
    #[case("169.254.0.1")]
    #[case("224.0.0.251")]
    #[case("240.0.0.1")]
    #[case("255.255.255.255")]
    #[case("100.100.100.200")]
    #[case("192.0.0.192")]
    #[case("::")]
    #[case("fe80::1")]
    #[case("ff02::fb")]
    #[case("fd00:ec2::254")]
    #[case("fd20:ce::254")]
    #[case("::ffff:169.254.169.254")]
    #[case("::ffff:127.0.0.1")]
    #[case("::ffff:8.8.8.8")]
    #[case("::ffff:0.0.0.0")]
    #[case("::127.0.0.1")]
    #[case("64:ff9b::169.254.169.254")]
    #[case("2002:a9fe:a9fe::1")]
    fn an_address_that_leads_to_a_machine_itself_is_closed(#[case] text: &str) {
        assert!(AddressPolicy::Strict.closes(address(text)));
        assert!(AddressPolicy::LoopbackOpen.closes(address(text)));
    }

    #[rstest]
    #[case("127.0.0.1")]
    #[case("127.9.9.9")]
    #[case("::1")]
    #[case("64:ff9b::7f00:1")]
    fn loopback_is_closed_except_in_tests(#[case] text: &str) {
        assert!(AddressPolicy::Strict.closes(address(text)));
        assert!(!AddressPolicy::LoopbackOpen.closes(address(text)));
    }

    #[rstest]
    #[case("8.8.8.8")]
    #[case("10.96.0.1")]
    #[case("192.168.1.1")]
    #[case("100.64.0.1")]
    #[case("2001:db8::1")]
    #[case("fd00:10:244::7")]
    #[case("64:ff9b::8.8.8.8")]
    #[case("2002:808:808::1")]
    fn an_address_of_the_world_or_of_the_cluster_is_open(#[case] text: &str) {
        assert!(!AddressPolicy::Strict.closes(address(text)));
    }
}

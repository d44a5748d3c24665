//! The permission profile as packets.
//!
//! `NAME-mcp`: nobody reaches a stdio server over the network (the proxy's attach goes through the
//! kubelet, not the pod network); a server that listens is reached by its own proxy, at every TCP
//! port, since the proxy looks for one that listens on the wrong one. The profile says what the
//! server reaches.
//!
//! `NAME-proxy`: anybody in the cluster may knock at the doors and scrape the admin port; the egress
//! gateway is for the server's own pods; nothing else is open, the canary port least of all. Egress
//! of the proxy is left free: it needs the API server, whose address a policy cannot name (it may
//! lie behind a host, a load balancer or a VPC endpoint), DNS, and whatever the gateway's rules let
//! through.

use hivewright_api::names;
use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer,
    NetworkPolicyPort, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::meta::{component, meta, selector};
use crate::part::Part;
use crate::profile::Egress;
use crate::valid::{Transport, ValidServer};

/// Where clouds serve credentials to anybody who asks, IPv4: the link-local address that nearly all
/// of them share, and those that Alibaba and older Oracle clouds document.
const METADATA_V4: [&str; 3] = ["169.254.169.254/32", "100.100.100.200/32", "192.0.0.192/32"];
/// The same on IPv6: the addresses that AWS and Google document for their instances.
const METADATA_V6: [&str; 2] = ["fd00:ec2::254/128", "fd20:ce::254/128"];

/// Port of DNS (RFC 1035).
const DNS: u16 = 53;

pub(super) fn server(server: &ValidServer) -> NetworkPolicy {
    let ingress = match server.transport {
        Transport::Stdio => Vec::new(),
        Transport::Sse(_) | Transport::StreamableHttp(_) => vec![NetworkPolicyIngressRule {
            from: Some(vec![pods(server, names::COMPONENT_PROXY)]),
            ports: Some(vec![every_tcp_port()]),
        }],
    };
    let egress = match &server.profile.egress {
        Egress::None => Vec::new(),
        Egress::Anywhere => vec![NetworkPolicyEgressRule {
            to: Some(everywhere()),
            ..NetworkPolicyEgressRule::default()
        }],
        Egress::Ports(ports) => vec![NetworkPolicyEgressRule {
            to: Some(everywhere()),
            ports: Some(with_dns(ports)),
        }],
        Egress::Gateway(_) => vec![NetworkPolicyEgressRule {
            to: Some(vec![pods(server, names::COMPONENT_PROXY)]),
            ports: Some(vec![tcp(names::PROXY_EGRESS_PORT)]),
        }],
    };
    policy(server, Part::ServerPolicy, ingress, egress)
}

/// Every address but those of the cloud's metadata.
fn everywhere() -> Vec<NetworkPolicyPeer> {
    vec![
        everywhere_except("0.0.0.0/0", &METADATA_V4),
        everywhere_except("::/0", &METADATA_V6),
        // Some network plugins do not count pods among the addresses of an ipBlock.
        NetworkPolicyPeer {
            namespace_selector: Some(LabelSelector::default()),
            ..NetworkPolicyPeer::default()
        },
    ]
}

/// These ports, and the one by which names become addresses, over both protocols (RFC 7766).
fn with_dns(ports: &[u16]) -> Vec<NetworkPolicyPort> {
    let named = ports.iter().filter(|port| **port != DNS);
    let mut all: Vec<_> = named.map(|port| tcp(*port)).collect();
    all.push(tcp(DNS));
    all.push(NetworkPolicyPort {
        protocol: Some("UDP".to_owned()),
        ..tcp(DNS)
    });
    all
}

fn pods(server: &ValidServer, component: &str) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        pod_selector: Some(selector(server, component)),
        ..NetworkPolicyPeer::default()
    }
}

fn everywhere_except(cidr: &str, addresses: &[&str]) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        ip_block: Some(IPBlock {
            cidr: cidr.to_owned(),
            except: Some(
                addresses
                    .iter()
                    .map(|&address| address.to_owned())
                    .collect(),
            ),
        }),
        ..NetworkPolicyPeer::default()
    }
}

pub(super) fn proxy(server: &ValidServer) -> NetworkPolicy {
    let doors = NetworkPolicyIngressRule {
        ports: Some(vec![tcp(server.port), tcp(names::PROXY_ADMIN_PORT)]),
        ..NetworkPolicyIngressRule::default()
    };
    let gateway = server.profile.gateway().map(|_| NetworkPolicyIngressRule {
        from: Some(vec![pods(server, names::COMPONENT_SERVER)]),
        ports: Some(vec![tcp(names::PROXY_EGRESS_PORT)]),
    });
    policy(
        server,
        Part::ProxyPolicy,
        std::iter::once(doors).chain(gateway).collect(),
        vec![NetworkPolicyEgressRule::default()],
    )
}

fn every_tcp_port() -> NetworkPolicyPort {
    NetworkPolicyPort {
        protocol: Some("TCP".to_owned()),
        ..NetworkPolicyPort::default()
    }
}

fn tcp(port: u16) -> NetworkPolicyPort {
    NetworkPolicyPort {
        port: Some(IntOrString::Int(i32::from(port))),
        protocol: Some("TCP".to_owned()),
        ..NetworkPolicyPort::default()
    }
}

/// Both lists are always there, empty or not: an absent one would be nobody's, and a rule added
/// by hand would stay.
fn policy(
    server: &ValidServer,
    part: Part,
    ingress: Vec<NetworkPolicyIngressRule>,
    egress: Vec<NetworkPolicyEgressRule>,
) -> NetworkPolicy {
    NetworkPolicy {
        metadata: meta(server, part),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(selector(server, component(part))),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ingress: Some(ingress),
            egress: Some(egress),
        }),
    }
}

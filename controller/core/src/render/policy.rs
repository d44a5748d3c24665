//! The permission profile as packets.
//!
//! `NAME-mcp`: nobody reaches a stdio server over the network (the proxy's attach goes through the
//! kubelet, not the pod network), and the profile says what the server reaches.
//!
//! `NAME-proxy`: anybody in the cluster may knock at the doors and scrape the admin port; nothing
//! else is open. Egress of the proxy is left free: it needs the API server, whose address a policy
//! cannot name (it may lie behind a host, a load balancer or a VPC endpoint), and DNS.

use hivewright_api::names;
use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer,
    NetworkPolicyPort, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::meta::{component, meta, selector};
use crate::part::Part;
use crate::valid::{Profile, ValidServer};

/// Where clouds serve credentials to anybody who asks, IPv4 (link-local, RFC 3927).
const METADATA_V4: &str = "169.254.169.254/32";
/// The same on IPv6 (the address that AWS documents for its instances).
const METADATA_V6: &str = "fd00:ec2::254/128";

pub(super) fn server(server: &ValidServer) -> NetworkPolicy {
    let egress = match server.profile {
        Profile::None => Vec::new(),
        Profile::Network => vec![NetworkPolicyEgressRule {
            to: Some(vec![
                everywhere_except("0.0.0.0/0", METADATA_V4),
                everywhere_except("::/0", METADATA_V6),
                // Some network plugins do not count pods among the addresses of an ipBlock.
                NetworkPolicyPeer {
                    namespace_selector: Some(LabelSelector::default()),
                    ..NetworkPolicyPeer::default()
                },
            ]),
            ..NetworkPolicyEgressRule::default()
        }],
    };
    policy(server, Part::ServerPolicy, Vec::new(), egress)
}

fn everywhere_except(cidr: &str, address: &str) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        ip_block: Some(IPBlock {
            cidr: cidr.to_owned(),
            except: Some(vec![address.to_owned()]),
        }),
        ..NetworkPolicyPeer::default()
    }
}

pub(super) fn proxy(server: &ValidServer) -> NetworkPolicy {
    let doors = NetworkPolicyIngressRule {
        ports: Some(vec![tcp(server.port), tcp(names::PROXY_ADMIN_PORT)]),
        ..NetworkPolicyIngressRule::default()
    };
    policy(
        server,
        Part::ProxyPolicy,
        vec![doors],
        vec![NetworkPolicyEgressRule::default()],
    )
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

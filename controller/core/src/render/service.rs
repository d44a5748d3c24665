//! The two Services: what clients connect to, and what names the server's pods.

use hivewright_api::names;
use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::meta::{add, meta, selector_labels};
use crate::part::Part;
use crate::valid::ValidServer;

/// In front of the proxy. The egress gateway is behind it too, so that the server's pods know it
/// by an address that outlives the proxy's pod; a policy keeps everybody else from it.
pub(super) fn proxy(server: &ValidServer) -> Service {
    let gateway = server.profile.gateway();
    let name = &server.identity.name;
    let mut ports = vec![port(names::PORT_MCP, server.port)];
    ports.extend(gateway.map(|_| port(names::PORT_EGRESS, names::PROXY_EGRESS_PORT)));
    Service {
        metadata: add(meta(server, Part::ProxyService), &server.overrides.service),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            selector: Some(selector_labels(name, names::COMPONENT_PROXY)),
            session_affinity: server.affinity.map(|affinity| affinity.as_str().to_owned()),
            ports: Some(ports),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

/// In front of the server's pods, if they listen. It names pods that are not ready: they become so
/// only when the proxy has reached them.
pub(super) fn headless(server: &ValidServer) -> Option<Service> {
    let number = server.transport.port()?;
    Some(Service {
        metadata: meta(server, Part::HeadlessService),
        spec: Some(ServiceSpec {
            cluster_ip: Some("None".to_owned()),
            publish_not_ready_addresses: Some(true),
            selector: Some(selector_labels(
                &server.identity.name,
                names::COMPONENT_SERVER,
            )),
            ports: Some(vec![ServicePort {
                target_port: Some(IntOrString::Int(i32::from(number))),
                ..port(names::PORT_MCP, number)
            }]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    })
}

/// A port of a Service that leads to the container's port of the same name.
fn port(name: &str, number: u16) -> ServicePort {
    ServicePort {
        name: Some(name.to_owned()),
        port: i32::from(number),
        target_port: Some(IntOrString::String(name.to_owned())),
        protocol: Some("TCP".to_owned()),
        ..ServicePort::default()
    }
}

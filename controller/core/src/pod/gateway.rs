//! The way out through the proxy's egress gateway, as programs are told of it.

use std::net::IpAddr;

use hivewright_api::names;
use k8s_openapi::api::core::v1::{Container, EnvVar, PodTemplateSpec};

use crate::refusal::{Refusal, RefusalReason};

/// Variables that name a forward proxy. No standard says so; curl, Python, Go and Node read these.
const PROXY_VARIABLES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"];
/// Variables that name what is reached directly.
const DIRECT_VARIABLES: [&str; 2] = ["NO_PROXY", "no_proxy"];
/// A pod's own addresses: sidecars speak to each other.
const DIRECT: &str = "localhost,127.0.0.1,::1";
/// Node's own `fetch` looks at the variables above only if this is set (Node 22.21 and 24).
const NODE: (&str, &str) = ("NODE_USE_ENV_PROXY", "1");

/// Tells every container of the pod of the gateway at this address of the proxy's Service. An
/// address, since a pod with a gateway has no DNS.
pub(crate) fn through_gateway(
    template: &mut PodTemplateSpec,
    address: Option<IpAddr>,
) -> Result<(), Refusal> {
    let spec = template.spec.get_or_insert_default();
    let containers = spec.containers.iter_mut();
    for container in containers.chain(spec.init_containers.iter_mut().flatten()) {
        tell(container, address)?;
    }
    Ok(())
}

fn tell(container: &mut Container, address: Option<IpAddr>) -> Result<(), Refusal> {
    let env = container.env.get_or_insert_default();
    if let Some(taken) = env
        .iter()
        .find(|variable| PROXY_VARIABLES.contains(&variable.name.as_str()))
    {
        return Err(Refusal::new(
            RefusalReason::InvalidEnv,
            "spec.permissionProfile",
            format!(
                "its egress gateway is told to every container as `{}`, which container `{}` sets itself; remove the variable",
                taken.name, container.name
            ),
        ));
    }
    let Some(address) = address else {
        return Ok(());
    };
    let gateway = match address {
        IpAddr::V4(address) => format!("http://{address}:{}", names::PROXY_EGRESS_PORT),
        IpAddr::V6(address) => format!("http://[{address}]:{}", names::PROXY_EGRESS_PORT),
    };
    for name in PROXY_VARIABLES {
        env.push(variable(name, &gateway));
    }
    let usual = DIRECT_VARIABLES.map(|name| (name, DIRECT));
    for (name, value) in usual.into_iter().chain([NODE]) {
        if env.iter().all(|given| given.name != name) {
            env.push(variable(name, value));
        }
    }
    Ok(())
}

fn variable(name: &str, value: &str) -> EnvVar {
    EnvVar {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        ..EnvVar::default()
    }
}

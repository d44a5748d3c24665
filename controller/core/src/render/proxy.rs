//! Deployment of the proxy.

use hivewright_api::names;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy};
use k8s_openapi::api::core::v1::{
    Capabilities, ConfigMapVolumeSource, Container, ContainerPort, EnvVar, HTTPGetAction,
    LocalObjectReference, PodSecurityContext, PodSpec, PodTemplateSpec, Probe, SeccompProfile,
    SecurityContext, Sysctl, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::config::Config;
use super::meta::{add, labels, meta, selector};
use crate::observed::Settings;
use crate::part::Part;
use crate::valid::{Scale, ValidServer};

/// User and group of the proxy: no name, no rights, the number that images for "nonroot" use.
const NOBODY: i64 = 65532;
/// Seconds that the proxy has to drain: Kubernetes' own default, spelt out since the proxy counts
/// on it.
const GRACE_SECONDS: i64 = 30;
/// Ports below this need a right that the proxy does not have, unless the pod's sysctl frees them.
const FIRST_FREE_PORT: u16 = 1024;
const CONFIG_VOLUME: &str = "config";

pub(super) fn deployment(server: &ValidServer, settings: &Settings, config: &Config) -> Deployment {
    let replicas = match server.scale {
        Scale::Stopped => 0,
        Scale::Fixed(_) | Scale::Followed(_) | Scale::Pooled(_) => 1,
    };
    Deployment {
        metadata: add(meta(server, Part::Deployment), &server.overrides.deployment),
        spec: Some(DeploymentSpec {
            replicas: Some(replicas),
            selector: selector(server, names::COMPONENT_PROXY),
            // Two proxies may never be attached to one process at once.
            strategy: Some(DeploymentStrategy {
                type_: Some("Recreate".to_owned()),
                ..DeploymentStrategy::default()
            }),
            template: PodTemplateSpec {
                metadata: Some(pod_meta(server, config)),
                spec: Some(pod(server, settings)),
            },
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    }
}

fn pod_meta(server: &ValidServer, config: &Config) -> ObjectMeta {
    let annotations = [
        (names::CONFIG_CHECKSUM, config.checksum()),
        ("prometheus.io/scrape", "true".to_owned()),
        ("prometheus.io/port", names::PROXY_ADMIN_PORT.to_string()),
        ("prometheus.io/path", "/metrics".to_owned()),
    ];
    let ours = ObjectMeta {
        labels: Some(labels(&server.identity.name, names::COMPONENT_PROXY)),
        annotations: Some(
            annotations
                .map(|(key, value)| (key.to_owned(), value))
                .into(),
        ),
        ..ObjectMeta::default()
    };
    add(ours, &server.overrides.pod)
}

fn pod(server: &ValidServer, settings: &Settings) -> PodSpec {
    let name = &server.identity.name;
    PodSpec {
        containers: vec![container(server, settings)],
        service_account_name: Some(Part::ServiceAccount.name(name)),
        image_pull_secrets: pull_secrets(server),
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(GRACE_SECONDS),
        security_context: Some(pod_security(server.port)),
        volumes: Some(vec![Volume {
            name: CONFIG_VOLUME.to_owned(),
            config_map: Some(ConfigMapVolumeSource {
                name: Part::ConfigMap.name(name),
                ..ConfigMapVolumeSource::default()
            }),
            ..Volume::default()
        }]),
        ..PodSpec::default()
    }
}

fn container(server: &ValidServer, settings: &Settings) -> Container {
    Container {
        name: names::PROXY_CONTAINER.to_owned(),
        image: Some(settings.proxy_image.clone()),
        image_pull_policy: settings
            .proxy_pull_policy
            .map(|policy| policy.as_str().to_owned()),
        args: Some(vec!["serve".to_owned()]),
        env: env(server),
        ports: Some(ports(server)),
        // A restart helps a proxy that hangs, and only that: it is asked seldom and patiently.
        liveness_probe: Some(probe("/live", 10, 3)),
        // Ready must show, and stop to show, within seconds.
        readiness_probe: Some(probe("/ready", 2, 1)),
        resources: server.proxy_resources.clone(),
        security_context: Some(container_security()),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(vec![VolumeMount {
            name: CONFIG_VOLUME.to_owned(),
            mount_path: names::PROXY_CONFIG_DIR.to_owned(),
            read_only: Some(true),
            ..VolumeMount::default()
        }]),
        ..Container::default()
    }
}

fn pull_secrets(server: &ValidServer) -> Option<Vec<LocalObjectReference>> {
    let names = server.overrides.pull_secrets.iter();
    let secrets: Vec<_> = names
        .map(|name| LocalObjectReference { name: name.clone() })
        .collect();
    (!secrets.is_empty()).then_some(secrets)
}

fn env(server: &ValidServer) -> Option<Vec<EnvVar>> {
    let given = server.overrides.env.iter();
    let env: Vec<_> = given
        .map(|(name, value)| EnvVar {
            name: name.clone(),
            value: Some(value.clone()),
            ..EnvVar::default()
        })
        .collect();
    (!env.is_empty()).then_some(env)
}

/// The canary port is not declared: nobody is meant to reach it.
fn ports(server: &ValidServer) -> Vec<ContainerPort> {
    let gateway = server.profile.gateway();
    let mut ports = vec![
        port(names::PORT_MCP, server.port),
        port(names::PORT_ADMIN, names::PROXY_ADMIN_PORT),
    ];
    ports.extend(gateway.map(|_| port(names::PORT_EGRESS, names::PROXY_EGRESS_PORT)));
    ports
}

fn port(name: &str, number: u16) -> ContainerPort {
    ContainerPort {
        name: Some(name.to_owned()),
        container_port: i32::from(number),
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    }
}

fn probe(path: &str, period: i32, failures: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::String(names::PORT_ADMIN.to_owned()),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(period),
        failure_threshold: Some(failures),
        timeout_seconds: Some(2),
        ..Probe::default()
    }
}

/// Fit for a namespace that enforces the "restricted" Pod Security Standard.
fn pod_security(port: u16) -> PodSecurityContext {
    let free_ports = || {
        vec![Sysctl {
            name: "net.ipv4.ip_unprivileged_port_start".to_owned(),
            value: "0".to_owned(),
        }]
    };
    PodSecurityContext {
        run_as_non_root: Some(true),
        run_as_user: Some(NOBODY),
        run_as_group: Some(NOBODY),
        seccomp_profile: Some(SeccompProfile {
            type_: "RuntimeDefault".to_owned(),
            ..SeccompProfile::default()
        }),
        sysctls: (port < FIRST_FREE_PORT).then(free_ports),
        ..PodSecurityContext::default()
    }
}

fn container_security() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        read_only_root_filesystem: Some(true),
        capabilities: Some(Capabilities {
            drop: Some(vec!["ALL".to_owned()]),
            ..Capabilities::default()
        }),
        ..SecurityContext::default()
    }
}

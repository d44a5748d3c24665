//! The pod as it is without the user's template.

use hivewright_api::names;
use k8s_openapi::api::core::v1::{
    Capabilities, Container, ContainerPort, EnvVar, PodReadinessGate, PodSecurityContext, PodSpec,
    PodTemplateSpec, SeccompProfile, SecurityContext,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::render::labels;

/// Seconds between SIGTERM and SIGKILL. A stdio server often runs as PID 1 without a handler and
/// would sit out Kubernetes' 30 s; its stdin is closed by then, which is how MCP ends one
/// (specification 2025-06-18, Lifecycle, Shutdown).
const GRACE_SECONDS: i64 = 5;

/// What the pod is made from.
pub(crate) struct Base<'a> {
    pub(crate) server: &'a str,
    pub(crate) image: &'a str,
    pub(crate) args: &'a [String],
    pub(crate) env: &'a [(String, String)],
    pub(crate) listens: Option<u16>,
    pub(crate) service_account: Option<&'a str>,
}

impl Base<'_> {
    pub(super) fn template(&self) -> PodTemplateSpec {
        PodTemplateSpec {
            metadata: Some(ObjectMeta {
                labels: Some(labels(self.server, names::COMPONENT_SERVER)),
                ..ObjectMeta::default()
            }),
            spec: Some(PodSpec {
                containers: vec![self.container()],
                readiness_gates: Some(vec![gate()]),
                // A server that was given no account of its own has no business with the API.
                automount_service_account_token: Some(self.service_account.is_some()),
                service_account_name: self.service_account.map(str::to_owned),
                // Addresses of other Services are none of a server's business either.
                enable_service_links: Some(false),
                termination_grace_period_seconds: Some(GRACE_SECONDS),
                security_context: Some(PodSecurityContext {
                    seccomp_profile: Some(SeccompProfile {
                        type_: "RuntimeDefault".to_owned(),
                        ..SeccompProfile::default()
                    }),
                    ..PodSecurityContext::default()
                }),
                ..PodSpec::default()
            }),
        }
    }

    /// Root inside the container is not forbidden, since published images run as root; what root
    /// could gain is taken away.
    fn container(&self) -> Container {
        Container {
            name: names::MCP_CONTAINER.to_owned(),
            image: Some(self.image.to_owned()),
            args: (!self.args.is_empty()).then(|| self.args.to_vec()),
            env: Some(self.env()),
            ports: self.listens.map(|port| {
                vec![ContainerPort {
                    container_port: i32::from(port),
                    protocol: Some("TCP".to_owned()),
                    ..ContainerPort::default()
                }]
            }),
            stdin: Some(true),
            tty: Some(false),
            // The last log lines of a process that failed are what its user needs to see.
            termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
            security_context: Some(SecurityContext {
                allow_privilege_escalation: Some(false),
                capabilities: Some(Capabilities {
                    drop: Some(vec!["ALL".to_owned()]),
                    ..Capabilities::default()
                }),
                ..SecurityContext::default()
            }),
            ..Container::default()
        }
    }

    /// Servers that know several transports are told which one is meant, unless the user says so.
    fn env(&self) -> Vec<EnvVar> {
        let ours = [("MCP_TRANSPORT".to_owned(), "stdio".to_owned())];
        let free = |name: &str| self.env.iter().all(|(taken, _)| taken != name);
        ours.iter()
            .filter(|(name, _)| free(name))
            .chain(self.env)
            .map(|(name, value)| EnvVar {
                name: name.clone(),
                value: Some(value.clone()),
                ..EnvVar::default()
            })
            .collect()
    }
}

/// A template with readiness gates of its own replaces the list, and ours must stay in it.
pub(super) fn keep_gate(merged: &mut PodTemplateSpec) {
    let gates = merged
        .spec
        .get_or_insert_default()
        .readiness_gates
        .get_or_insert_default();
    if !gates.contains(&gate()) {
        gates.push(gate());
    }
}

fn gate() -> PodReadinessGate {
    PodReadinessGate {
        condition_type: names::INITIALIZED_GATE.to_owned(),
    }
}

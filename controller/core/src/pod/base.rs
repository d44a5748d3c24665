//! The pod as it is without the user's template.

use hivewright_api::names;
use k8s_openapi::api::core::v1::{
    Capabilities, Container, ContainerPort, EnvVar, EnvVarSource, PodReadinessGate,
    PodSecurityContext, PodSpec, PodTemplateSpec, SeccompProfile, SecretKeySelector,
    SecurityContext, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::render::labels;
use crate::valid::{Mounted, SecretVariable, Transport};

/// Where a server of HTTP is to listen: its pod's address is what the proxy connects to.
const EVERY_ADDRESS: &str = "0.0.0.0";
/// Seconds between SIGTERM and SIGKILL. A server often runs as PID 1 without a handler and
/// would sit out Kubernetes' 30 s; over stdio, its stdin is closed by then, which is how MCP ends one
/// (specification 2025-06-18, Lifecycle, Shutdown).
const GRACE_SECONDS: i64 = 5;

/// What the pod is made from.
pub(crate) struct Base<'a> {
    pub(crate) server: &'a str,
    pub(crate) image: &'a str,
    pub(crate) args: &'a [String],
    pub(crate) env: &'a [(String, String)],
    pub(crate) secrets: &'a [SecretVariable],
    pub(crate) mounts: &'a [Mounted],
    pub(crate) transport: Transport,
    /// The port that the spec names, if any.
    pub(crate) listens: Option<u16>,
    pub(crate) service_account: Option<&'a str>,
    pub(crate) privileged: bool,
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
                volumes: some(self.mounts.iter().map(|mounted| mounted.volume.clone())),
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
            ports: self.transport.port().or(self.listens).map(|port| {
                vec![ContainerPort {
                    container_port: i32::from(port),
                    protocol: Some("TCP".to_owned()),
                    ..ContainerPort::default()
                }]
            }),
            stdin: self.over_stdio().then_some(true),
            tty: self.over_stdio().then_some(false),
            // The last log lines of a process that failed are what its user needs to see.
            termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
            security_context: Some(self.security()),
            volume_mounts: some(self.mounts.iter().map(|mounted| VolumeMount {
                name: mounted.volume.name.clone(),
                mount_path: mounted.path.clone(),
                read_only: mounted.read_only.then_some(true),
                ..VolumeMount::default()
            })),
            ..Container::default()
        }
    }

    fn over_stdio(&self) -> bool {
        self.transport == Transport::Stdio
    }

    /// A privileged process has every capability: Kubernetes refuses one that may not escalate.
    fn security(&self) -> SecurityContext {
        if self.privileged {
            return SecurityContext {
                privileged: Some(true),
                allow_privilege_escalation: Some(true),
                ..SecurityContext::default()
            };
        }
        SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities {
                drop: Some(vec!["ALL".to_owned()]),
                ..Capabilities::default()
            }),
            ..SecurityContext::default()
        }
    }

    /// Servers that know several transports are told which one is meant, and where to listen,
    /// unless the user says so.
    fn env(&self) -> Vec<EnvVar> {
        let free = |name: &str| {
            self.env.iter().all(|(taken, _)| taken != name)
                && self.secrets.iter().all(|taken| taken.variable != name)
        };
        let ours = told(self.transport);
        let ours = ours.iter().filter(|(name, _)| free(name));
        ours.chain(self.env)
            .map(|(name, value)| EnvVar {
                name: name.clone(),
                value: Some(value.clone()),
                ..EnvVar::default()
            })
            .chain(self.secrets.iter().map(from_secret))
            .collect()
    }
}

/// What a server is told of its transport. `FASTMCP_*` is what the Python SDK reads.
fn told(transport: Transport) -> Vec<(String, String)> {
    let word = ("MCP_TRANSPORT", transport.as_str().to_owned());
    let listen = transport.port().map(|port| {
        [
            ("MCP_PORT", port.to_string()),
            ("FASTMCP_PORT", port.to_string()),
            ("MCP_HOST", EVERY_ADDRESS.to_owned()),
            ("FASTMCP_HOST", EVERY_ADDRESS.to_owned()),
        ]
    });
    std::iter::once(word)
        .chain(listen.into_iter().flatten())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn from_secret(secret: &SecretVariable) -> EnvVar {
    EnvVar {
        name: secret.variable.clone(),
        value_from: Some(EnvVarSource {
            secret_key_ref: Some(SecretKeySelector {
                name: secret.secret.clone(),
                key: secret.key.clone(),
                ..SecretKeySelector::default()
            }),
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    }
}

/// A list that is left out when it is empty.
fn some<T>(items: impl Iterator<Item = T>) -> Option<Vec<T>> {
    let items: Vec<T> = items.collect();
    (!items.is_empty()).then_some(items)
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

//! What the controller tells the proxy, in the ConfigMap `NAME-proxy`.
//!
//! ```text
//!  NAME-proxy ─┬─ proxy.json  ProxyConfig   mounted; a change makes a new proxy pod
//!              └─ live.json   LiveConfig    watched; a change is followed without a restart
//! ```

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The proxy's whole configuration. Unknown fields are refused: controller and proxy ship together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProxyConfig {
    /// Name of the MCPServer.
    pub server: String,
    /// Its namespace.
    pub namespace: String,
    /// Port of the client doors.
    pub port: u16,
    /// How the server process is reached.
    pub backend: BackendConfig,
    /// `Host` values that the doors accept beside loopback forms (DNS names without port).
    pub allowed_hosts: Vec<String>,
    /// Whether `allowed_hosts` is the whole list: the names of the proxy's own Service are then not
    /// added to it (a permission profile's `network.inbound.allow_host`).
    #[serde(default)]
    pub only_allowed_hosts: bool,
    /// `Origin` values that the doors accept beside loopback ones (scheme://host\[:port\]).
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// Whether the egress gateway listens on [`PROXY_EGRESS_PORT`](crate::names::PROXY_EGRESS_PORT).
    /// Its rules are in [`LiveConfig`].
    #[serde(default)]
    pub egress: bool,
    /// Who shares a server process.
    #[serde(default)]
    pub isolation: Isolation,
    /// What is exported by OTLP. None: what the environment says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telemetry: Option<TelemetryConfig>,
    /// What the audit log holds, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditConfig>,
}

/// What the proxy exports by OTLP over HTTP. What is none here the environment says, by the names of
/// the OpenTelemetry specification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, as it is in the MCPServer"
)]
pub struct TelemetryConfig {
    /// Address of the collector: HOST:PORT, or a URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Whether the collector at HOST:PORT is reached without TLS.
    #[serde(default)]
    pub insecure: bool,
    /// Headers sent to the collector, each NAME=VALUE.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Value of `service.name`.
    pub service: String,
    /// Whether metrics are exported.
    pub metrics: bool,
    /// Whether spans are exported.
    pub traces: bool,
    /// Whether the log is exported.
    pub logs: bool,
    /// Of a million traces that begin here, so many are kept. None: what the environment says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled_per_million: Option<u32>,
    /// Whether attributes of spans also appear under their older names.
    #[serde(default)]
    pub legacy_attributes: bool,
}

/// What the audit log holds beside who called what, with what outcome and size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditConfig {
    /// The parameters of each call.
    #[serde(default)]
    pub request_data: bool,
    /// The answer to each call.
    #[serde(default)]
    pub response_data: bool,
}

/// Who shares a server process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Isolation {
    /// All clients: a process serves many sessions at once.
    #[default]
    Shared,
    /// Nobody: each session has a process to itself, which no other session gets after it.
    PerSession,
}

/// How the proxy reaches the server's pods, which are `statefulSet-0`, `statefulSet-1` and so on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BackendConfig {
    /// StatefulSet that the proxy scales up.
    pub stateful_set: String,
    /// Container in its pods that runs the server.
    pub container: String,
    /// How the server speaks.
    pub transport: BackendTransport,
}

/// How the server speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "kind", deny_unknown_fields)]
pub enum BackendTransport {
    /// stdio of the container, through the API server's `pods/attach`.
    Stdio {},
    /// HTTP+SSE (MCP 2024-11-05): the stream is at `path`, and names where messages are posted.
    Sse(HttpBackend),
    /// Streamable HTTP (MCP 2025-03-26 and later) at `path`.
    StreamableHttp(HttpBackend),
}

/// Where a server listens in its pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpBackend {
    /// Headless Service of the pods; `POD.SERVICE.NAMESPACE.svc` is what `Host` names.
    pub service: String,
    /// Port.
    pub port: u16,
    /// Path of the endpoint, beginning with `/`.
    pub path: String,
}

/// What the proxy follows while it runs. Unknown fields are refused, as in [`ProxyConfig`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LiveConfig {
    /// How many pods to serve, from ordinal 0; at most
    /// [`MAX_BACKEND_REPLICAS`](crate::names::MAX_BACKEND_REPLICAS). With [`Isolation::PerSession`]:
    /// how many there may be at most.
    pub replicas: u16,
    /// Whether the StatefulSet is kept at the count that the proxy serves (`spec.backendReplicas` is
    /// given, or the pods are a pool). If not, it is only brought from 0 to 1, and more is somebody
    /// else's decision (an HPA).
    pub keep_scale: bool,
    /// With [`Isolation::PerSession`]: how many pods beside those that serve a session are kept
    /// initialised. None counts as 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm: Option<u16>,
    /// What the egress gateway lets through; used if [`ProxyConfig::egress`] is set.
    #[serde(default)]
    pub egress: EgressRules,
}

/// What a server may reach through the egress gateway: a host of the list at a port of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EgressRules {
    /// Host names: `api.example.com` alone, `.example.com` or `*.example.com` with what is under it;
    /// an IP address literal for that address. Lower case. Empty: none.
    pub hosts: Vec<String>,
    /// Ports. Empty: 80 and 443.
    pub ports: Vec<u16>,
}

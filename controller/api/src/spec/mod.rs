//! The MCPServer's `spec`: every field that the API documents, as the schema shows it.
//!
//! ```text
//!  MCPServerSpec ─┬─ container.rs   what runs: env, secrets, volumes, resources, profile
//!                 ├─ access.rs      who may call: OIDC, Cedar, references to auth objects
//!                 ├─ overrides.rs   metadata for the proxy's Deployment and Service
//!                 ├─ telemetry.rs   OpenTelemetry and Prometheus settings
//!                 └─ traffic.rs     session storage, session pool and rate limits
//! ```
//!
//! Words with few values are strings here with an `enum` in the schema: an object that was stored
//! under another schema must still be readable, so that its status can say what is wrong with it.
//! The core crate parses them.

#![allow(
    unreachable_pub,
    reason = "KubeSchema copies each struct, with its `pub`, into the function that makes the schema"
)]
#![allow(
    clippy::duplicated_attributes,
    reason = "printer columns have the same keys, each in an attribute of its own"
)]

mod access;
mod container;
mod overrides;
mod telemetry;
mod traffic;

pub use access::{
    AuthServerRef, AuthzConfig, CaBundleRef, ConfigMapAuthz, ConfigMapKeyRef, ConfigMapOidc,
    InlineAuthz, InlineOidc, KubernetesOidc, NameRef, OidcConfig, OidcConfigRef, SecretKeyRef,
};
pub use container::{EnvVar, PermissionProfile, ResourceAmounts, Resources, SecretEnv, Volume};
pub use overrides::{
    LocalObjectRef, MetadataOverrides, ProxyDeploymentOverrides, ResourceOverrides,
};
pub use telemetry::{
    Audit, OpenTelemetry, Prometheus, Switch, Telemetry, TelemetryConfigRef, Tracing,
};
pub use traffic::{RateLimit, RateLimiting, SessionPool, SessionStorage, ToolRateLimit};

use kube_derive::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::status::MCPServerStatus;

/// One MCP server: an image, how it speaks, and what it may do.
#[derive(CustomResource, KubeSchema, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "toolhive.stacklok.dev",
    version = "v1alpha1",
    kind = "MCPServer",
    plural = "mcpservers",
    singular = "mcpserver",
    shortname = "mcpserver",
    shortname = "mcpservers",
    category = "toolhive",
    namespaced,
    status = "MCPServerStatus",
    derive = "PartialEq",
    derive = "Default",
    doc = "An MCP server, reachable by every MCP client at the URL in its status.",
    crates(kube_core = "::kube_core"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "URL", type_ = "string", json_path = ".status.url"),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.ready",
        priority = 1
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Ready')].reason",
        priority = 1
    ),
    printcolumn(
        name = "Transport",
        type_ = "string",
        json_path = ".spec.transport",
        priority = 1
    ),
    printcolumn(
        name = "Image",
        type_ = "string",
        json_path = ".spec.image",
        priority = 1
    ),
    printcolumn(
        name = "Restarts",
        type_ = "integer",
        json_path = ".status.restarts",
        priority = 1
    ),
    printcolumn(
        name = "Age",
        type_ = "date",
        json_path = ".metadata.creationTimestamp"
    )
)]
#[x_kube(
    crates(kube_core = "::kube_core"),
    validation = Rule::new("!has(self.port) || !has(self.proxyPort) || self.port == self.proxyPort").message("port and proxyPort are two names of one setting and differ: remove one of them").field_path(".proxyPort"),
    validation = Rule::new("!has(self.targetPort) || !has(self.mcpPort) || self.targetPort == self.mcpPort").message("targetPort and mcpPort are two names of one setting and differ: remove one of them").field_path(".mcpPort"),
    validation = Rule::new("!has(self.port) || !(self.port in [9464, 9466, 9467])").message("ports 9464, 9466 and 9467 are the proxy's own: choose another").field_path(".port"),
    validation = Rule::new("!has(self.proxyPort) || !(self.proxyPort in [9464, 9466, 9467])").message("ports 9464, 9466 and 9467 are the proxy's own: choose another").field_path(".proxyPort"),
    validation = Rule::new("!has(self.secrets) || self.secrets.all(one, self.secrets.exists_one(other, (has(other.targetEnvName) ? other.targetEnvName : other.key) == (has(one.targetEnvName) ? one.targetEnvName : one.key)))").message("two of the secrets become one environment variable: choose another targetEnvName").field_path(".secrets"),
    validation = Rule::new("!has(self.authzConfig) || !has(self.authzConfigRef)").message("authzConfig and authzConfigRef exclude each other: remove one of them").field_path(".authzConfigRef"),
    validation = Rule::new("!has(self.oidcConfig) || !has(self.oidcConfigRef)").message("oidcConfig and oidcConfigRef exclude each other: remove one of them").field_path(".oidcConfigRef"),
    validation = Rule::new("!has(self.sessionPool) || (has(self.isolation) && self.isolation == 'perSession')").message("sessionPool belongs to isolation perSession: add isolation: perSession or remove sessionPool").field_path(".sessionPool"),
    validation = Rule::new("!has(self.backendReplicas) || !has(self.isolation) || self.isolation != 'perSession'").message("backendReplicas does not go with isolation perSession, whose pods are a pool: use sessionPool.max").field_path(".backendReplicas")
)]
#[serde(rename_all = "camelCase")]
pub struct MCPServerSpec {
    /// Container image of the MCP server.
    #[schemars(length(min = 1, max = 1024))]
    pub image: String,
    /// How the proxy talks to the server: over the container's stdin and stdout, or HTTP.
    #[serde(default = "stdio")]
    #[schemars(extend("enum" = ["stdio", "sse", "streamable-http"]))]
    pub transport: String,
    /// Which door `status.url` names; the proxy always opens both. Default streamable-http.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["sse", "streamable-http"]))]
    pub proxy_mode: Option<String>,
    /// Port of the proxy's Service. Default 8080. The same as `proxyPort`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,
    /// Port of the proxy's Service. Default 8080. The newer name of `port`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub proxy_port: Option<i32>,
    /// Port on which a server of transport sse or streamable-http listens in its container, told to
    /// it as `MCP_PORT` and `FASTMCP_PORT`. Default 8080. The same as `mcpPort`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub target_port: Option<i32>,
    /// Port on which a server of transport sse or streamable-http listens in its container. Default
    /// 8080. The newer name of `targetPort`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub mcp_port: Option<i32>,
    /// Arguments of the server's container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub args: Option<Vec<String>>,
    /// Environment variables of the server's container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub env: Option<Vec<EnvVar>>,
    /// Secret keys that become environment variables of the server's container. One Secret may be
    /// named several times, and one key under several variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64), extend("x-kubernetes-list-type" = "atomic"))]
    pub secrets: Option<Vec<SecretEnv>>,
    /// Volumes mounted into the server's container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub volumes: Option<Vec<Volume>>,
    /// Resources of the proxy's container. Those of the server go into `podTemplateSpec`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
    /// ServiceAccount of the server's pod. Default: none, and no token is mounted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub service_account: Option<String>,
    /// What the server may reach. Default: the built-in profile `network`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission_profile: Option<PermissionProfile>,
    /// A pod template, merged strategically onto the server's pod. Its main container is `mcp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "any_object")]
    pub pod_template_spec: Option<Value>,
    /// Metadata, environment and pull secrets of the objects made for the proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_overrides: Option<ResourceOverrides>,
    /// OIDC authentication of clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc_config: Option<OidcConfig>,
    /// Reference to a shared OIDC configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc_config_ref: Option<OidcConfigRef>,
    /// Cedar authorisation of clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authz_config: Option<AuthzConfig>,
    /// Reference to a shared authorisation configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authz_config_ref: Option<NameRef>,
    /// Audit log of the proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<Audit>,
    /// Names of the tools that clients may see. The older form of `toolConfigRef`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<String>>,
    /// Reference to a filter and renaming of tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_config_ref: Option<NameRef>,
    /// Reference to the configuration of outgoing authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_auth_config_ref: Option<NameRef>,
    /// Reference to an embedded authorisation server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_server_ref: Option<AuthServerRef>,
    /// Reference to webhooks that see each call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_config_ref: Option<NameRef>,
    /// Telemetry of the proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telemetry: Option<Telemetry>,
    /// Reference to a shared telemetry configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telemetry_config_ref: Option<TelemetryConfigRef>,
    /// Whether `X-Forwarded-*` headers are believed. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_proxy_headers: Option<bool>,
    /// Path prefix put before the endpoint that the SSE door announces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_prefix: Option<String>,
    /// Group that this server belongs to: `{name: GROUP}`, or the name alone as in older manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "anything")]
    pub group_ref: Option<Value>,
    /// Session affinity of the proxy's Service. Default: Kubernetes' own, None.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["ClientIP", "None"]))]
    pub session_affinity: Option<String>,
    /// Number of proxy pods: 1, or 0, which stops the whole server. Default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub replicas: Option<i32>,
    /// Number of server pods. Default: 1, and whatever the StatefulSet is scaled to by others, such
    /// as an autoscaler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 16))]
    pub backend_replicas: Option<i32>,
    /// Who shares a server process. shared: all clients, the default. perSession: each session has a
    /// pod to itself, from a pool, and no other session gets that pod after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["shared", "perSession"]))]
    pub isolation: Option<String>,
    /// The pool of pods of `isolation: perSession`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_pool: Option<SessionPool>,
    /// Where sessions are kept. Default: in the proxy's memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_storage: Option<SessionStorage>,
    /// Limits of the rate of calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limiting: Option<RateLimiting>,
}

fn stdio() -> String {
    "stdio".to_owned()
}

/// An object whose fields another schema defines (a Kubernetes pod template).
fn any_object(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": true
    })
}

/// A value of either of two types, which a structural schema can only leave open.
fn anything(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "x-kubernetes-preserve-unknown-fields": true })
}

//! Every name that one part writes and another reads.

/// API group of [`MCPServer`](crate). Upstream's group, so that existing manifests apply unchanged.
pub const GROUP: &str = "toolhive.stacklok.dev";
/// The stored version, which the controller reads and writes.
pub const VERSION: &str = "v1alpha1";
/// Upstream's newer version, served with the same schema.
pub const VERSION_BETA: &str = "v1beta1";
/// Kind of the custom resource.
pub const KIND: &str = "MCPServer";

/// Prefix of every label, annotation, condition and finalizer that is Hivewright's own.
pub const DOMAIN: &str = "hivewright.dev";
/// Pod condition that the proxy sets once the server has answered `initialize`; named as a
/// readiness gate in the MCP pod, so `Ready` means "an MCP client would be answered".
pub const INITIALIZED_GATE: &str = "hivewright.dev/initialized";
/// Pod condition that the proxy sets on an MCP pod whose egress gateway has denied something:
/// status False, reason [`EGRESS_DENIED`], and a message that names the last denial.
pub const EGRESS_CONDITION: &str = "hivewright.dev/egress";
/// Reason of [`EGRESS_CONDITION`].
pub const EGRESS_DENIED: &str = "EgressDenied";
/// Annotation on the MCP pods' template: SHA-256 (hex, 16 characters) of the versions of the
/// Secrets that they use, so that a changed Secret means new pods.
pub const SECRETS_CHECKSUM: &str = "hivewright.dev/secrets-checksum";
/// Annotation on an MCPServer: `"false"` keeps its pods as they are when a Secret changes that they
/// use. Default `"true"`.
pub const ROLL_ON_SECRET_CHANGE: &str = "hivewright.dev/roll-on-secret-change";
/// Annotation on an MCPServer, upstream's: another value means new MCP pods. Any text is a value; a
/// time is what is usual.
pub const RESTARTED_AT: &str = "mcpserver.toolhive.stacklok.dev/restarted-at";
/// Annotation on the proxy's pod template: SHA-256 (hex, 16 characters) of its ProxyConfig.
pub const CONFIG_CHECKSUM: &str = "hivewright.dev/config-checksum";
/// Annotation on every object made for a server: SHA-256 (hex, 16 characters) of what it should be.
/// It tells apart "a field was dropped from what is wanted" and "somebody else added a field".
pub const DESIRED_HASH: &str = "hivewright.dev/desired-hash";
/// Label whose value is the MCPServer's name, on every object made for it.
pub const SERVER_LABEL: &str = "hivewright.dev/mcpserver";
/// Label that tells the two pods of a server apart; values [`COMPONENT_SERVER`], [`COMPONENT_PROXY`].
pub const COMPONENT_LABEL: &str = "app.kubernetes.io/component";
/// Component of the pod that runs the user's image.
pub const COMPONENT_SERVER: &str = "mcp-server";
/// Component of the pod that runs `hivewright-proxy`.
pub const COMPONENT_PROXY: &str = "proxy";
/// Standard label: who manages the object, value [`MANAGER`]. The controller's caches select on it.
pub const MANAGED_BY_LABEL: &str = "app.kubernetes.io/managed-by";
/// Value of [`MANAGED_BY_LABEL`], and the server-side-apply field manager of the controller.
pub const MANAGER: &str = "hivewright-controller";
/// Field manager that once applies `spec.replicas: 0` alone (design: the proxy owns the scale).
pub const SCALE_SEED_MANAGER: &str = "hivewright-controller-scale";
/// Field manager of the proxy's patches (scale, pod status).
pub const PROXY_MANAGER: &str = "hivewright-proxy";

/// Name of the container that runs the user's image; podTemplateSpec must use it too.
pub const MCP_CONTAINER: &str = "mcp";
/// Name of the proxy's own container.
pub const PROXY_CONTAINER: &str = "proxy";

/// Port, by name, of the proxy's client doors (number: `spec.port`).
pub const PORT_MCP: &str = "mcp";
/// Port, by name, of the proxy's admin listener.
pub const PORT_ADMIN: &str = "admin";
/// Number of the proxy's admin port: `/metrics`, `/live`, `/ready`, `/sessions`.
pub const PROXY_ADMIN_PORT: u16 = 9464;
/// Port, by name, of the proxy's egress gateway.
pub const PORT_EGRESS: &str = "egress";
/// Number of the egress gateway's port: a forward proxy for the MCP pods alone.
pub const PROXY_EGRESS_PORT: u16 = 9466;
/// Number of the canary port of the proxy: it accepts and closes every connection, and no
/// NetworkPolicy lets anybody reach it. Who can connect knows that policies are not enforced.
pub const PROXY_CANARY_PORT: u16 = 9467;
/// Number of the controller's admin port: `/metrics`, `/live`, `/ready`.
pub const CONTROLLER_ADMIN_PORT: u16 = 9465;

/// Audience of tokens that are for reading from the controller alone: the API server takes none of
/// them, so whoever gets hold of one can do nothing else with it.
pub const READER_AUDIENCE: &str = "hivewright.dev/reader";

/// Annotation on the controller's pods: the ServiceAccount in their namespace that may read every
/// MCPServer, for people whose kubeconfig has no token of its own.
pub const READER_ACCOUNT: &str = "hivewright.dev/reader-account";

/// Numbers that `spec.port` cannot have: the proxy's own ports, each with what it is.
pub const PROXY_OWN_PORTS: [(u16, &str); 3] = [
    (PROXY_ADMIN_PORT, "admin port"),
    (PROXY_EGRESS_PORT, "egress gateway"),
    (PROXY_CANARY_PORT, "canary port"),
];

/// Port on which an HTTP server listens in its pod unless the spec says otherwise.
pub const DEFAULT_TARGET_PORT: u16 = 8080;

/// Where the ConfigMap with [`ProxyConfig`](crate::ProxyConfig) is mounted in the proxy pod.
pub const PROXY_CONFIG_DIR: &str = "/etc/hivewright";
/// Key of the ConfigMap, and file name under [`PROXY_CONFIG_DIR`].
pub const PROXY_CONFIG_FILE: &str = "proxy.json";

/// Key of the ConfigMap that holds the [`LiveConfig`](crate::proxy_config::LiveConfig).
pub const LIVE_CONFIG_FILE: &str = "live.json";
/// Most pods of one server: the proxy's Role names each of them.
pub const MAX_BACKEND_REPLICAS: u16 = 16;
/// Most pods of a pool (`spec.isolation: perSession`) unless the spec says otherwise: a session each.
pub const DEFAULT_POOL_MAX: u16 = 4;
/// Spare pods of a pool unless the spec says otherwise: the next client does not wait for a start.
pub const DEFAULT_POOL_WARM: u16 = 1;

/// Path of the Streamable HTTP endpoint (every revision).
pub const PATH_MCP: &str = "/mcp";
/// Path of the HTTP+SSE stream (revision 2024-11-05).
pub const PATH_SSE: &str = "/sse";
/// Path to which an HTTP+SSE client posts (revision 2024-11-05).
pub const PATH_MESSAGES: &str = "/messages";

/// Longest MCPServer name, in characters. The longest derived name is the pod's
/// `controller-revision-hash` label value (`NAME-` and 10 more) and `mcp-NAME-headless` (13 more);
/// a DNS label holds 63 (RFC 1123).
pub const MAX_SERVER_NAME: usize = 50;

/// Deployment, ServiceAccount, Role, RoleBinding, ConfigMap and NetworkPolicy of the proxy.
pub fn proxy(server: &str) -> String {
    format!("{server}-proxy")
}

/// Service in front of the proxy.
pub fn proxy_service(server: &str) -> String {
    format!("mcp-{server}-proxy")
}

/// StatefulSet that runs the user's image.
pub fn stateful_set(server: &str) -> String {
    server.to_owned()
}

/// Headless Service of the MCP pods.
pub fn headless_service(server: &str) -> String {
    format!("mcp-{server}-headless")
}

/// The MCP pod with this ordinal.
pub fn pod(server: &str, ordinal: u32) -> String {
    format!("{server}-{ordinal}")
}

/// NetworkPolicy of the MCP pods.
pub fn server_policy(server: &str) -> String {
    format!("{server}-mcp")
}

/// NetworkPolicy of the proxy pods.
pub fn proxy_policy(server: &str) -> String {
    proxy(server)
}

/// In-cluster DNS name of the proxy's Service, in a cluster with the usual DNS domain.
pub fn proxy_host(server: &str, namespace: &str) -> String {
    proxy_host_in(server, namespace, "cluster.local")
}

/// In-cluster DNS name of the proxy's Service, in a cluster with this DNS domain.
pub fn proxy_host_in(server: &str, namespace: &str, domain: &str) -> String {
    format!("{}.{namespace}.svc.{domain}", proxy_service(server))
}

/// The URL that status shows: Streamable HTTP at the proxy's Service.
pub fn url(server: &str, namespace: &str, port: u16) -> String {
    format!("http://{}:{port}{PATH_MCP}", proxy_host(server, namespace))
}

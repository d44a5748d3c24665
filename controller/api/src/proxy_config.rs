//! What the controller tells the proxy: one JSON document in the ConfigMap `NAME-proxy`.

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
    /// `Origin` values that the doors accept beside loopback ones (scheme://host\[:port\]).
    #[serde(default)]
    pub allowed_origins: Vec<String>,
}

/// How the proxy reaches the server process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "kind", deny_unknown_fields)]
pub enum BackendConfig {
    /// stdio of a container, through the API server's `pods/attach`.
    #[serde(rename_all = "camelCase")]
    Attach {
        /// StatefulSet that the proxy scales up.
        stateful_set: String,
        /// Pod to attach to.
        pod: String,
        /// Container in it.
        container: String,
    },
}

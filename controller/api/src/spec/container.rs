//! What runs and what it may use.

use kube_derive::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A Kubernetes quantity, by the pattern that the API server documents for `resource.Quantity`.
const QUANTITY: &str = r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$";

/// One environment variable with a plain value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvVar {
    /// Name of the variable.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A key of a Secret as an environment variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretEnv {
    /// Name of the Secret, in the MCPServer's namespace.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Key in the Secret.
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
    /// Name of the variable. Default: the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub target_env_name: Option<String>,
}

/// A volume of the server's pod, mounted into its main container: `hostPath` as a string, or any
/// Kubernetes volume source, exactly one of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-preserve-unknown-fields" = true))]
#[x_kube(
    crates(kube_core = "::kube_core"),
    validation = Rule::new("self.mountPath.startsWith('/') && !self.mountPath.contains(':')").message("mountPath must be an absolute path without ':': choose one like /data").field_path(".mountPath"),
    validation = Rule::new("!has(self.hostPath) || self.hostPath.startsWith('/')").message("hostPath must be an absolute path on the node: choose one like /srv/data").field_path(".hostPath")
)]
pub struct Volume {
    /// Name of the volume.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// Path in the server's container.
    #[schemars(length(min = 1, max = 4096))]
    pub mount_path: String,
    /// Path on the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4096))]
    pub host_path: Option<String>,
    /// Whether the mount is read-only. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// A Kubernetes volume source under its own name, such as `persistentVolumeClaim`.
    #[serde(flatten)]
    #[schemars(skip)]
    pub source: Map<String, Value>,
}

/// Limits and requests of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resources {
    /// The most that the container may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<ResourceAmounts>,
    /// What the scheduler reserves for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<ResourceAmounts>,
}

/// Amounts of CPU and memory, as Kubernetes quantities.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceAmounts {
    /// CPU, such as `100m` or `2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = QUANTITY))]
    pub cpu: Option<String>,
    /// Memory, such as `128Mi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = QUANTITY))]
    pub memory: Option<String>,
}

/// Which permission profile applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    crates(kube_core = "::kube_core"),
    validation = Rule::new("self.type != 'builtin' || self.name in ['none', 'network', 'stdio']").message("the built-in permission profiles are none and network: choose one of them, or add type: configmap").field_path(".name")
)]
pub struct PermissionProfile {
    /// `builtin`, or `configmap` for a profile of one's own. Default builtin.
    #[serde(rename = "type", default = "builtin")]
    #[schemars(extend("enum" = ["builtin", "configmap"]))]
    pub kind: String,
    /// Built in: `none` (no egress) or `network` (egress everywhere but the cloud's metadata
    /// address). Otherwise the name of the ConfigMap.
    #[schemars(length(max = 253))]
    pub name: String,
    /// Key in the ConfigMap. Default: its only key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

fn builtin() -> String {
    "builtin".to_owned()
}

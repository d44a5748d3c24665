//! The MCPServer's `status`: what is true about it now, written by the controller alone.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is true about one server. Everything but the times can be read back by the controller.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MCPServerStatus {
    /// One word: Pending, Ready, Failed, Stopped or Terminating.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// Where MCP clients connect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// One sentence: why the server is not ready, or that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The generation of the spec that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Pods of the server that answer, of those wanted, as `2/3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<String>,
    /// How many pods of the server are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// How many of them have answered `initialize`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_replicas: Option<i32>,
    /// How often the server's container has been restarted in its present pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarts: Option<i32>,
    /// How the server's process ended before its last restart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_restart: Option<ComponentStatus>,
    /// Every door of the proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<Endpoints>,
    /// Accepted, PolicyEnforced, BackendReady, ProxyReady and Ready; and JournalAvailable if the
    /// controller keeps a journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Option<Vec<Condition>>,
    /// The server's pod; of several, the one that is worst off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<ComponentStatus>,
    /// The proxy's pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ComponentStatus>,
    /// The network rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<ComponentStatus>,
    /// What the server reached for and its permission profile denies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egress: Option<ComponentStatus>,
    /// The objects made for this server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["part"]))]
    pub objects: Option<Vec<ObjectStatus>>,
    /// The last thing that went wrong; it stays when all is well again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<LastFailure>,
}

/// The doors of the proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Endpoints {
    /// Streamable HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streamable_http: Option<String>,
    /// HTTP with SSE (revision 2024-11-05).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sse: Option<String>,
}

/// A condition in the shape of `metav1.Condition`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// Which condition.
    #[serde(rename = "type")]
    pub kind: String,
    /// True, False or Unknown.
    #[schemars(extend("enum" = ["True", "False", "Unknown"]))]
    pub status: String,
    /// The generation of the spec that it speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// When `status` last changed.
    #[schemars(schema_with = "date_time")]
    pub last_transition_time: Time,
    /// Why, as one of a bounded set of words.
    pub reason: String,
    /// Why, as a sentence that says what to change.
    pub message: String,
}

/// State of one component, with the data of its sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComponentStatus {
    /// Which state.
    pub state: String,
    /// What Kubernetes or the server said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Exit code of the process that ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Name of the pod, if there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
}

/// State of one object made for this server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectStatus {
    /// Which object.
    pub part: String,
    /// Missing, Lost, Outdated, Edited, Current, Leftover, Kept or Failed.
    pub state: String,
    /// Why the API server refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The last thing that went wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastFailure {
    /// Why, as one of a bounded set of words.
    pub reason: String,
    /// Why, as a sentence.
    pub message: String,
    /// Exit code of the process that ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// When it was seen.
    #[schemars(schema_with = "date_time")]
    pub time: Time,
}

fn date_time(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "string", "format": "date-time" })
}

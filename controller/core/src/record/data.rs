//! The data of each thing's events, version 1. What is here is released: a field may be added if it
//! is optional, and none may be removed, renamed or given another type.

use hivewright_api::MCPServerStatus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What every event says, whatever it is about: enough to show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// Why, as one of a bounded set of words.
    pub reason: String,
    /// Whether people should be warned.
    pub severity: Severity,
    /// The sentence that people read.
    pub message: String,
}

/// Whether people should be warned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Severity {
    /// News.
    Normal,
    /// Somebody should look.
    Warning,
}

/// Data of `generation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GenerationV1 {
    /// What every event says.
    #[serde(flatten)]
    pub told: Told,
    /// The generation of the spec that was read.
    pub generation: i64,
}

/// Data of `spec`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SpecV1 {
    /// What every event says.
    #[serde(flatten)]
    pub told: Told,
    /// Path of the field at fault, if the spec is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What to change in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
}

/// Data of `deletion` and `deleted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletionV1 {
    /// What every event says.
    #[serde(flatten)]
    pub told: Told,
}

/// Data of `object`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectV1 {
    /// What every event says.
    #[serde(flatten)]
    pub told: Told,
    /// Which of the objects made for the server.
    pub part: String,
    /// Why the API server refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Data of `policy`, `egress`, `backend` and `proxy`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComponentV1 {
    /// What every event says.
    #[serde(flatten)]
    pub told: Told,
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

/// Data of `pods`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodsV1 {
    /// What every event says.
    #[serde(flatten)]
    pub told: Told,
    /// How many pods are wanted.
    pub wanted: u32,
    /// How many of those have answered `initialize`.
    pub ready: u32,
}

/// Data of `restarts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RestartsV1 {
    /// What every event says.
    #[serde(flatten)]
    pub told: Told,
    /// Restarts in the pods that are there now.
    pub count: u32,
    /// How many more than before; 0 if the pod is a new one.
    pub more: u32,
    /// How the process ended before the last of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<EndingV1>,
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndingV1 {
    /// Why: `ProcessExited` or `OutOfMemory`.
    pub reason: String,
    /// Exit code.
    pub exit_code: i32,
    /// Its last words, or the limit that it met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Data of `endpoint`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndpointV1 {
    /// What every event says.
    #[serde(flatten)]
    pub told: Told,
    /// Where clients find the server, if they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<DoorsV1>,
}

/// The doors of a server's proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DoorsV1 {
    /// The one that `status.url` shows.
    pub url: String,
    /// Streamable HTTP.
    pub streamable_http: String,
    /// HTTP with SSE.
    pub sse: String,
}

/// Data of `server`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerV1 {
    /// What every event says.
    #[serde(flatten)]
    pub told: Told,
    /// What keeps the server from being ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocker: Option<BlockerV1>,
}

/// What keeps a server from being ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlockerV1 {
    /// Why, as one of a bounded set of words.
    pub reason: String,
    /// Whether somebody has to do something about it.
    pub standing: StandingV1,
    /// Why, as a sentence.
    pub sentence: String,
}

/// Whether somebody has to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum StandingV1 {
    /// All is well.
    Good,
    /// Not yet, and nobody has to do anything.
    Waiting,
    /// No, and that is what was asked for.
    Stopped,
    /// Not without a change by somebody.
    Failed,
}

/// Data of `journal`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JournalV1 {
    /// What every event says; the reason says what is wrong.
    #[serde(flatten)]
    pub told: Told,
}

/// Data of `snapshot`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotV1 {
    /// What every event says.
    #[serde(flatten)]
    pub told: Told,
    /// Why the whole status is told.
    pub why: WhyV1,
    /// The status of the MCPServer.
    pub status: MCPServerStatus,
}

/// Why a whole status is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WhyV1 {
    /// The journal knows nothing of the server, which has a status already.
    Begun,
    /// What the journal knows of the server is not its status: events were missed, or the status was
    /// changed by somebody else.
    Healed,
    /// The events that led to it were removed to keep the journal within its bounds.
    Retention,
}

//! Session storage, the pool of isolated sessions, and rate limits.

use kube_derive::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SecretKeyRef;

/// Where sessions are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    crates(kube_core = "::kube_core"),
    validation = Rule::new("self.provider != 'redis' || has(self.address)").message("sessionStorage with provider redis needs an address: add sessionStorage.address").field_path(".address")
)]
pub struct SessionStorage {
    /// In the proxy's memory, or in Redis.
    #[schemars(extend("enum" = ["memory", "redis"]))]
    pub provider: String,
    /// Address of Redis, host:port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Number of the Redis database. Default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub db: Option<i32>,
    /// Prefix of every key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_prefix: Option<String>,
    /// Password of Redis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_ref: Option<SecretKeyRef>,
}

/// The pods of a server with `isolation: perSession`: each serves one session and is then replaced by
/// a fresh one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    crates(kube_core = "::kube_core"),
    validation = Rule::new("(has(self.warm) ? self.warm : 1) <= (has(self.max) ? self.max : 4)").message("sessionPool.warm is more than sessionPool.max (default 4): lower warm or raise max").field_path(".warm")
)]
pub struct SessionPool {
    /// Most pods, and so most sessions at once. Past that, clients are refused until a session ends.
    /// Default 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 16))]
    pub max: Option<i32>,
    /// Pods that are kept initialised for the next sessions, beside those that serve one. Default 1.
    /// With 0, a client waits for a pod to start unless one is idle; the last pod always stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 16))]
    pub warm: Option<i32>,
}

/// Limits of the rate of calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateLimiting {
    /// Over all callers together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<RateLimit>,
    /// For each caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_user: Option<RateLimit>,
    /// For single tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<ToolRateLimit>>,
}

/// A token bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateLimit {
    /// Size of the bucket, in calls.
    #[schemars(range(min = 1))]
    pub max_tokens: i32,
    /// Time in which an empty bucket fills, as a Go duration.
    pub refill_period: String,
}

/// Limits of one tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ToolRateLimit {
    /// Name of the tool.
    pub name: String,
    /// Over all callers together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<RateLimit>,
    /// For each caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_user: Option<RateLimit>,
}

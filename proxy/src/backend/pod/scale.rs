//! Brings the pod up: the controller renders the StatefulSet with no replicas, the proxy scales it.

use hivewright_api::names::PROXY_MANAGER;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use super::target::{Target, TargetError, bounded};

/// Pods of a stdio server. One process serves every client through the hub.
const REPLICAS: i32 = 1;

impl Target {
    /// Scales the StatefulSet up if it has fewer pods than needed; never down. Says whether it had.
    pub(super) async fn ensure_scaled(&self) -> Result<bool, TargetError> {
        let sets = self.stateful_sets();
        let scale = bounded(sets.get_scale(&self.stateful_set)).await?;
        let replicas = scale.spec.and_then(|spec| spec.replicas).unwrap_or(0);
        if replicas >= REPLICAS {
            return Ok(false);
        }
        let params = PatchParams {
            field_manager: Some(PROXY_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let patch = Patch::Merge(json!({ "spec": { "replicas": REPLICAS } }));
        bounded(sets.patch_scale(&self.stateful_set, &params, &patch)).await?;
        Ok(true)
    }
}

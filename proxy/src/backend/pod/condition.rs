//! Writes one condition of the pod.

use hivewright_api::names::PROXY_MANAGER;
use k8s_openapi::jiff::Timestamp;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use super::target::{Target, TargetError, bounded};

/// A condition that is ours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition<'a> {
    pub(super) kind: &'static str,
    pub(super) status: bool,
    pub(super) reason: &'static str,
    pub(super) message: &'a str,
}

impl Condition<'_> {
    /// The strategic merge patch: conditions merge by type, so the kubelet's stay. It names the
    /// pod's uid, so that it does not reach a successor.
    pub(super) fn patch(&self, uid: &str, now: Timestamp) -> Value {
        json!({
            "metadata": { "uid": uid },
            "status": { "conditions": [{
                "type": self.kind,
                "status": if self.status { "True" } else { "False" },
                "reason": self.reason,
                "message": self.message,
                "lastTransitionTime": now.to_string(),
            }]},
        })
    }
}

impl Target {
    /// Writes the condition, if the pod still is the one with this uid.
    pub(super) async fn patch_condition(
        &self,
        uid: &str,
        condition: &Condition<'_>,
    ) -> Result<(), TargetError> {
        let params = PatchParams {
            field_manager: Some(PROXY_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let patch = Patch::Strategic(condition.patch(uid, Timestamp::now()));
        bounded(self.pods().patch_status(&self.pod, &params, &patch))
            .await
            .map(drop)
    }
}

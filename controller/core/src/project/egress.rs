//! What the egress gateway has denied the server's pods.

use std::sync::Arc;

use hivewright_api::names;
use k8s_openapi::api::core::v1::Pod;

use super::pod::condition;
use crate::detail::Detail;
use crate::state::Egress;

/// The latest word of the gateway; of several pods that have one, that of the one last denied for
/// the first time.
pub(super) fn egress(pods: &[Arc<Pod>]) -> Egress {
    let staying = pods
        .iter()
        .filter(|pod| pod.metadata.deletion_timestamp.is_none());
    let denied = staying
        .filter_map(|pod| condition(pod, names::EGRESS_CONDITION).map(|found| (found, pod)))
        .filter(|(found, _)| {
            found.status == "False" && found.reason.as_deref() == Some(names::EGRESS_DENIED)
        })
        .max_by_key(|(found, pod)| {
            let name = pod.metadata.name.clone();
            (found.last_transition_time.clone(), name)
        });
    denied.map_or(Egress::Unhindered, |(found, _)| {
        Egress::Denied(Detail::new(found.message.as_deref().unwrap_or_default()))
    })
}

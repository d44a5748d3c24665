//! The proxy's pod, up to being ready.

use std::sync::Arc;

use hivewright_api::names;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;

use super::pod;
use crate::detail::Detail;
use crate::observed::Observed;
use crate::state::{PodState, Proxy};
use crate::valid::{Scale, ValidServer};

/// The truth about the proxy's pod. `valid` is the server, if its spec is accepted.
pub(super) fn proxy(observed: &Observed, valid: Option<&ValidServer>) -> Proxy {
    if valid.is_some_and(|server| server.scale == Scale::Stopped) {
        return Proxy::Stopped;
    }
    let Some(deployment) = observed.objects.deployment.as_deref() else {
        return Proxy::NotCreated;
    };
    let Some(found) = newest(&observed.pods.proxy) else {
        return Proxy::Pod(refused(deployment).unwrap_or(PodState::Pending));
    };
    match pod::read(found, names::PROXY_CONTAINER) {
        Err(state) => Proxy::Pod(state),
        Ok(pod::Running::NotReady) => Proxy::NotReady,
        Ok(pod::Running::Ready) => Proxy::Ready,
    }
}

/// The Deployment says what its ReplicaSet was told by the API server.
fn refused(deployment: &Deployment) -> Option<PodState> {
    let conditions = deployment.status.as_ref()?.conditions.iter().flatten();
    let failure = conditions
        .into_iter()
        .find(|found| found.type_ == "ReplicaFailure" && found.status == "True")?;
    let words = failure.message.as_deref().unwrap_or_default();
    Some(PodState::Refused(Detail::new(pod::refusal(words))))
}

/// The pod that counts: the youngest, one that stays before one that goes.
fn newest(pods: &[Arc<Pod>]) -> Option<&Pod> {
    pods.iter().map(Arc::as_ref).max_by_key(|pod| {
        let meta = &pod.metadata;
        (
            meta.deletion_timestamp.is_none(),
            meta.creation_timestamp.clone(),
            meta.name.clone(),
        )
    })
}

//! The StatefulSet that runs the user's image.

use hivewright_api::names;
use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec};

use super::meta::{meta, selector};
use crate::observed::Settings;
use crate::part::Part;
use crate::valid::ValidServer;

/// Without `replicas`: the proxy owns the scale. With a `serviceName` only if the server listens: a
/// stdio server needs no name. Parallel, since a pod that never becomes ready must not keep its successor from being
/// made (kubernetes/kubernetes#67250).
pub(super) fn stateful_set(server: &ValidServer, settings: &Settings) -> StatefulSet {
    StatefulSet {
        metadata: meta(server, Part::StatefulSet),
        spec: Some(StatefulSetSpec {
            pod_management_policy: Some("Parallel".to_owned()),
            selector: selector(server, names::COMPONENT_SERVER),
            service_name: server
                .transport
                .port()
                .map(|_| names::headless_service(&server.identity.name)),
            template: template(server, settings),
            ..StatefulSetSpec::default()
        }),
        ..StatefulSet::default()
    }
}

/// The pull policy of the operator applies to containers for which the user says nothing.
fn template(
    server: &ValidServer,
    settings: &Settings,
) -> k8s_openapi::api::core::v1::PodTemplateSpec {
    let mut template = server.template.clone();
    if let (Some(policy), Some(spec)) = (settings.server_pull_policy, template.spec.as_mut()) {
        for container in &mut spec.containers {
            container
                .image_pull_policy
                .get_or_insert_with(|| policy.as_str().to_owned());
        }
    }
    template
}

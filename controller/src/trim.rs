//! What the caches leave out: what nobody reads costs memory, and a pass for each change of it.

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet, StatefulSetStatus};
use k8s_openapi::api::core::v1::{Container, Pod, PodSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use kube::Resource;
use serde_json::json;

use crate::follow::Kind;

/// Annotation in which kubectl keeps a second copy of an object.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// Condition of a Deployment whose pods are refused; the only one that is read.
const REPLICA_FAILURE: &str = "ReplicaFailure";

/// Of every object: who wrote it, and kubectl's copy.
pub(crate) fn common<K: Kind>(object: &mut K) {
    copy(object);
    object.meta_mut().managed_fields = None;
}

fn copy(object: &mut impl Resource) {
    if let Some(annotations) = object.meta_mut().annotations.as_mut() {
        annotations.remove(LAST_APPLIED);
    }
}

/// A StatefulSet keeps who owns its scale, and the counts in its status.
pub(crate) fn stateful_set(set: &mut StatefulSet) {
    copy(set);
    let owners = set.metadata.managed_fields.take();
    set.metadata.managed_fields =
        owners.map(|all| all.into_iter().filter_map(scale_owner).collect());
    let status = set.status.take();
    set.status = status.map(|status| StatefulSetStatus {
        replicas: status.replicas,
        ready_replicas: status.ready_replicas,
        ..StatefulSetStatus::default()
    });
}

/// The entry, cut down to `spec.replicas`, if it owns that.
fn scale_owner(entry: ManagedFieldsEntry) -> Option<ManagedFieldsEntry> {
    let fields = &entry.fields_v1.as_ref()?.0;
    fields.pointer("/f:spec/f:replicas")?;
    let replicas = json!({ "f:spec": { "f:replicas": {} } });
    Some(ManagedFieldsEntry {
        manager: entry.manager,
        operation: entry.operation,
        subresource: entry.subresource,
        fields_v1: Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::FieldsV1(
            replicas,
        )),
        ..ManagedFieldsEntry::default()
    })
}

/// A Deployment keeps the condition that says why its pods are refused.
pub(crate) fn deployment(deployment: &mut Deployment) {
    common(deployment);
    let status = deployment.status.take();
    deployment.status = status.map(|status| {
        let conditions = status.conditions.into_iter().flatten();
        let mut failure: Vec<_> = conditions
            .filter(|condition| condition.type_ == REPLICA_FAILURE)
            .collect();
        for condition in &mut failure {
            condition.last_update_time = None;
        }
        k8s_openapi::api::apps::v1::DeploymentStatus {
            conditions: Some(failure).filter(|failure| !failure.is_empty()),
            ..Default::default()
        }
    });
}

/// A pod's status says almost all; its spec, the largest part, is that of its StatefulSet or
/// Deployment.
pub(crate) fn pod(pod: &mut Pod) {
    common(pod);
    pod.metadata.annotations = None;
    pod.metadata.resource_version = None;
    pod.spec = pod.spec.take().map(explaining);
}

/// What of a spec explains a status: the node, the gates, and the memory each container may use.
fn explaining(spec: PodSpec) -> PodSpec {
    let containers = spec.containers.into_iter().map(|container| Container {
        name: container.name,
        resources: container.resources.map(memory_limit),
        ..Container::default()
    });
    PodSpec {
        containers: containers.collect(),
        node_name: spec.node_name,
        readiness_gates: spec.readiness_gates,
        ..PodSpec::default()
    }
}

fn memory_limit(resources: ResourceRequirements) -> ResourceRequirements {
    let limits = resources.limits.into_iter().flatten();
    let memory = limits
        .filter(|(resource, _)| resource == "memory")
        .collect();
    ResourceRequirements {
        limits: Some(memory),
        ..ResourceRequirements::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_owners_of_a_set_those_of_its_scale_stay() {
        let mut set: StatefulSet = serde_json::from_value(json!({
            "metadata": { "managedFields": [
                { "manager": "a", "time": "2026-01-01T00:00:00Z",
                  "fieldsV1": { "f:spec": { "f:replicas": {}, "f:template": {} } } },
                { "manager": "b", "fieldsV1": { "f:status": { "f:replicas": {} } } },
            ] },
            "spec": { "selector": {}, "serviceName": "", "template": {} },
            "status": { "replicas": 2, "currentRevision": "x", "readyReplicas": 1 },
        }))
        .unwrap();
        stateful_set(&mut set);
        let owners = set.metadata.managed_fields.unwrap();
        assert_eq!(owners.len(), 1);
        assert_eq!(owners[0].manager.as_deref(), Some("a"));
        assert_eq!(
            owners[0].fields_v1.as_ref().unwrap().0,
            json!({ "f:spec": { "f:replicas": {} } })
        );
        let status = set.status.unwrap();
        assert_eq!((status.replicas, status.ready_replicas), (2, Some(1)));
        assert_eq!(status.current_revision, None);
    }

    #[test]
    fn of_a_pod_s_spec_stays_what_explains_its_status() {
        let limits =
            json!({ "limits": { "memory": "64Mi", "cpu": "1" }, "requests": { "cpu": "1" } });
        let gates = json!([{ "conditionType": "g" }]);
        let mut of: Pod = serde_json::from_value(json!({ "spec": {
            "nodeName": "n", "readinessGates": gates, "volumes": [{ "name": "v" }],
            "containers": [{ "name": "mcp", "image": "i", "resources": limits }],
        } }))
        .unwrap();
        pod(&mut of);
        let kept = json!({ "limits": { "memory": "64Mi" } });
        assert_eq!(
            serde_json::to_value(of.spec).unwrap(),
            json!({ "nodeName": "n", "readinessGates": gates,
                "containers": [{ "name": "mcp", "resources": kept }] })
        );
    }

    #[test]
    fn of_a_deployments_conditions_the_refusal_of_pods_stays() {
        let condition = |kind: &str| json!({ "type": kind, "status": "True", "message": "m" });
        let mut of: Deployment = serde_json::from_value(json!({ "status": {
            "replicas": 1,
            "conditions": [condition("Progressing"), condition("ReplicaFailure")],
        } }))
        .unwrap();
        deployment(&mut of);
        let kept = of.status.unwrap();
        assert_eq!(kept.replicas, None);
        let kinds: Vec<_> = kept
            .conditions
            .into_iter()
            .flatten()
            .map(|kept| kept.type_)
            .collect();
        assert_eq!(kinds, ["ReplicaFailure"]);
    }
}

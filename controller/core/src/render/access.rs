//! What the proxy may do: exact objects by name, so that a broken-into proxy gains nothing beyond
//! its own server.

use hivewright_api::names;
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{PolicyRule, Role, RoleBinding, RoleRef, Subject};

use super::meta::meta;
use crate::part::Part;
use crate::valid::ValidServer;

pub(super) fn service_account(server: &ValidServer) -> ServiceAccount {
    ServiceAccount {
        metadata: meta(server, Part::ServiceAccount),
        ..ServiceAccount::default()
    }
}

/// The pods are named up to the highest ordinal that there can be, not up to the present scale: a
/// pod that somebody scales up must find its right in place, and scaling must not be a change of
/// rights. A name without a pod gives nothing.
pub(super) fn role(server: &ValidServer) -> Role {
    let name = &server.identity.name;
    let pods: Vec<String> = (0..u32::from(names::MAX_BACKEND_REPLICAS))
        .map(|ordinal| names::pod(name, ordinal))
        .collect();
    let set = vec![names::stateful_set(name)];
    let config = vec![Part::ConfigMap.name(name)];
    Role {
        metadata: meta(server, Part::Role),
        rules: Some(vec![
            rule("apps", "statefulsets/scale", &["get", "patch"], &set),
            rule("", "pods", &["get", "list", "watch", "delete"], &pods),
            // An attach over WebSocket is a GET; a POST (SPDY) needs create.
            rule("", "pods/attach", &["get", "create"], &pods),
            rule("", "pods/log", &["get"], &pods),
            rule("", "pods/status", &["patch"], &pods),
            // What may change under a running proxy: see LiveConfig.
            rule("", "configmaps", &["get", "list", "watch"], &config),
        ]),
    }
}

fn rule(group: &str, resource: &str, verbs: &[&str], names: &[String]) -> PolicyRule {
    PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(vec![resource.to_owned()]),
        verbs: verbs.iter().map(|&verb| verb.to_owned()).collect(),
        resource_names: Some(names.to_vec()),
        ..PolicyRule::default()
    }
}

pub(super) fn role_binding(server: &ValidServer) -> RoleBinding {
    let name = &server.identity.name;
    RoleBinding {
        metadata: meta(server, Part::RoleBinding),
        role_ref: RoleRef {
            api_group: "rbac.authorization.k8s.io".to_owned(),
            kind: "Role".to_owned(),
            name: Part::Role.name(name),
        },
        subjects: Some(vec![Subject {
            kind: "ServiceAccount".to_owned(),
            name: Part::ServiceAccount.name(name),
            namespace: Some(server.identity.namespace.clone()),
            ..Subject::default()
        }]),
    }
}

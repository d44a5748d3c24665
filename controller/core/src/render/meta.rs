//! Names, labels and owners.

use std::collections::BTreeMap;

use hivewright_api::names;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta, OwnerReference};

use crate::part::Part;
use crate::valid::{Additions, Identity, ValidServer};

/// Labels of an object or pod of this server.
pub(crate) fn labels(server: &str, component: &str) -> BTreeMap<String, String> {
    let mut labels = selector_labels(server, component);
    labels.extend(
        [
            ("app.kubernetes.io/name", "mcpserver"),
            ("app.kubernetes.io/instance", server),
            (names::MANAGED_BY_LABEL, names::MANAGER),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    labels
}

/// What selects the pods of a component. Never to be changed: selectors are immutable.
pub(super) fn selector_labels(server: &str, component: &str) -> BTreeMap<String, String> {
    [
        (names::SERVER_LABEL, server),
        (names::COMPONENT_LABEL, component),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}

pub(super) fn selector(server: &ValidServer, component: &str) -> LabelSelector {
    LabelSelector {
        match_labels: Some(selector_labels(&server.identity.name, component)),
        ..LabelSelector::default()
    }
}

/// Metadata of a part: deleted with its MCPServer by the garbage collector.
pub(super) fn meta(server: &ValidServer, part: Part) -> ObjectMeta {
    let Identity {
        name,
        namespace,
        uid,
    } = &server.identity;
    ObjectMeta {
        name: Some(part.name(name)),
        namespace: Some(namespace.clone()),
        labels: Some(labels(name, component(part))),
        owner_references: Some(vec![OwnerReference {
            api_version: format!("{}/{}", names::GROUP, names::VERSION),
            kind: names::KIND.to_owned(),
            name: name.clone(),
            uid: uid.clone(),
            controller: Some(true),
            block_owner_deletion: Some(true),
        }]),
        ..ObjectMeta::default()
    }
}

/// Metadata with what the user adds; none of it is a label or annotation of ours.
pub(super) fn add(mut meta: ObjectMeta, additions: &Additions) -> ObjectMeta {
    for (given, ours) in [
        (&additions.labels, &mut meta.labels),
        (&additions.annotations, &mut meta.annotations),
    ] {
        if !given.is_empty() {
            ours.get_or_insert_default().extend(given.clone());
        }
    }
    meta
}

/// Which of the two pods a part belongs to.
pub(super) const fn component(part: Part) -> &'static str {
    match part {
        Part::StatefulSet | Part::HeadlessService | Part::ServerPolicy => names::COMPONENT_SERVER,
        Part::ServiceAccount
        | Part::Role
        | Part::RoleBinding
        | Part::ConfigMap
        | Part::ProxyPolicy
        | Part::Deployment
        | Part::ProxyService => names::COMPONENT_PROXY,
    }
}

//! Where the controller runs.
//!
//! Whom we send a token must be the controller, not a pod that looks like it: labels of pods prove
//! nothing, since whoever may make a pod chooses them. So the namespace is said by the user, or by the
//! chart's ClusterRoleBindings, which only administrators of the cluster can make.

use std::collections::BTreeSet;

use hivewright_api::names;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::rbac::v1::ClusterRoleBinding;
use kube::api::ListParams;
use kube::{Api, ResourceExt as _};

use super::cluster::Cluster;

/// Labels of what the chart makes for the controller.
const LABELS: &str = "app.kubernetes.io/name=hivewright,app.kubernetes.io/component=controller";

/// Why the controller was not found.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// We may not look for it.
    #[error(
        "it cannot be found out in which namespace the controller runs; say it with --controller-namespace"
    )]
    Forbidden(#[source] kube::Error),
    /// There is none.
    #[error(
        "no controller was found; say with --controller-namespace where it runs, or install the Hivewright chart with reader.enabled=true"
    )]
    None,
    /// There are several.
    #[error("controllers run in several namespaces ({}); say with --controller-namespace which one to ask", .0.join(", "))]
    Several(Vec<String>),
    /// Its pods cannot be listed.
    #[error(
        "the pods of the namespace {namespace} cannot be listed; the reader's Role of the Hivewright chart allows it"
    )]
    Pods {
        /// The namespace.
        namespace: String,
        /// Why not.
        #[source]
        source: kube::Error,
    },
    /// No pod of it is ready.
    #[error("no controller is ready in the namespace {0}; see `kubectl get pods -n {0}`")]
    NotReady(String),
}

/// The controllers of one release.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Their namespace.
    pub(super) namespace: String,
    /// Their pods that are ready. One of them leads.
    pub(super) pods: Vec<String>,
    /// ServiceAccount by which those may read who have no token of their own.
    pub(super) account: Option<String>,
}

/// Finds them.
pub(super) async fn controllers(cluster: &Cluster) -> Result<Found, Error> {
    let namespace = match &cluster.controller {
        Some(said) => said.clone(),
        None => search(cluster).await?,
    };
    let pods = Api::<Pod>::namespaced(cluster.client.clone(), &namespace);
    let list = pods.list(&ListParams::default().labels(LABELS)).await;
    let list = list.map_err(|source| Error::Pods {
        namespace: namespace.clone(),
        source,
    })?;
    let ready: Vec<Pod> = list.items.into_iter().filter(is_ready).collect();
    let Some(first) = ready.first() else {
        return Err(Error::NotReady(namespace));
    };
    Ok(Found {
        account: first.annotations().get(names::READER_ACCOUNT).cloned(),
        pods: ready.iter().map(kube::ResourceExt::name_any).collect(),
        namespace,
    })
}

async fn search(cluster: &Cluster) -> Result<String, Error> {
    let bindings = Api::<ClusterRoleBinding>::all(cluster.client.clone());
    let list = bindings.list(&ListParams::default().labels(LABELS)).await;
    let list = list.map_err(Error::Forbidden)?.items;
    one(list
        .into_iter()
        .flat_map(|binding| binding.subjects.unwrap_or_default()))
}

/// The one namespace that all these name.
fn one(
    subjects: impl Iterator<Item = k8s_openapi::api::rbac::v1::Subject>,
) -> Result<String, Error> {
    let namespaces: BTreeSet<String> = subjects.filter_map(|subject| subject.namespace).collect();
    let mut all: Vec<String> = namespaces.into_iter().collect();
    match all.len() {
        0 => Err(Error::None),
        1 => Ok(all.remove(0)),
        _ => Err(Error::Several(all)),
    }
}

fn is_ready(pod: &Pod) -> bool {
    let status = pod.status.as_ref();
    let mut conditions = status
        .into_iter()
        .flat_map(|status| status.conditions.iter().flatten());
    pod.metadata.deletion_timestamp.is_none()
        && conditions.any(|found| found.type_ == "Ready" && found.status == "True")
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::rbac::v1::Subject;

    use super::*;

    fn of(namespaces: &[&str]) -> Result<String, Error> {
        one(namespaces.iter().map(|&namespace| Subject {
            namespace: Some(namespace.to_owned()),
            ..Subject::default()
        }))
    }

    #[test]
    fn two_bindings_of_one_release_name_one_namespace() {
        assert_eq!(of(&["a", "a"]).unwrap(), "a");
    }

    #[test]
    fn several_are_named_and_none_is_said() {
        assert!(of(&["b", "a"]).unwrap_err().to_string().contains("(a, b)"));
        assert!(matches!(of(&[]), Err(Error::None)));
    }
}

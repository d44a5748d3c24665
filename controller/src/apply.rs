//! Step 4: does the planned writes. The only writer of the objects that a server is made of.

use hivewright_api::names;
use hivewright_core::{Objects, Part, Write};
use kube::api::{DeleteParams, DynamicObject, PatchParams, Preconditions};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Api, Client, Resource as _};

use crate::observe;
use crate::send::{self, Side};
use crate::trace;

/// Cause that the API server gives when it refuses to make an object in a namespace that is being
/// deleted (`NamespaceTerminatingCause` of its core API).
const NAMESPACE_TERMINATING: &str = "NamespaceTerminating";

/// What became of one write.
#[derive(Debug)]
pub struct Written {
    /// What was to be written.
    pub write: Write,
    /// The object's new resourceVersion (`None`: it is deleted), or why not.
    pub result: Result<Option<String>, kube::Error>,
}

/// Refused because the namespace is being deleted: nothing can be made in it, and nothing needs to
/// be.
pub fn namespace_ends(error: &kube::Error) -> bool {
    let kube::Error::Api(status) = error else {
        return false;
    };
    let mut causes = status.details.iter().flat_map(|details| &details.causes);
    causes.any(|cause| cause.reason == NAMESPACE_TERMINATING)
}

/// In the API server's words where it answered.
pub fn cause(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        other => other.to_string(),
    }
}

/// Does the writes in order; one that fails stops only later ones of the same part: a scale must
/// not be seeded in an object that somebody else made.
pub async fn apply(
    client: &Client,
    namespace: &str,
    known: &Objects,
    plan: Vec<Write>,
) -> Vec<Written> {
    let mut written = Vec::with_capacity(plan.len());
    for write in plan {
        if failed(&written, write.part()) {
            continue;
        }
        let result = one(client, namespace, known, &write).await;
        written.push(Written { write, result });
    }
    written
}

fn failed(written: &[Written], part: Part) -> bool {
    written
        .iter()
        .any(|earlier| earlier.write.part() == part && earlier.result.is_err())
}

async fn one(
    client: &Client,
    namespace: &str,
    known: &Objects,
    write: &Write,
) -> Result<Option<String>, kube::Error> {
    let resource = resource(write.part());
    let (object, manager, force) = match write {
        // An object that is not ours is not in the caches. It may exist all the same, made by
        // somebody else: without force the API server refuses to take its fields over.
        Write::Apply { part, object } => (
            object,
            names::MANAGER,
            observe::version(known, *part).is_some(),
        ),
        Write::SeedReplicas { object } => (object, names::SCALE_SEED_MANAGER, true),
        Write::Delete { name, uid, .. } => {
            let api = Api::namespaced_with(client.clone(), namespace, &resource);
            return delete(&api, plural(write.part()), name, uid.clone()).await;
        }
    };
    let params = PatchParams {
        force,
        ..PatchParams::apply(manager)
    };
    let collection = DynamicObject::url_path(&resource, Some(namespace));
    let sent = send::apply(client, (&collection, Side::Object), object, &params);
    trace::request("apply", plural(write.part()), sent).await
}

async fn delete(
    api: &Api<DynamicObject>,
    resource: &'static str,
    name: &str,
    uid: Option<String>,
) -> Result<Option<String>, kube::Error> {
    let preconditions = Some(Preconditions {
        uid,
        ..Preconditions::default()
    });
    let params = DeleteParams {
        preconditions,
        ..DeleteParams::background()
    };
    let deleted = trace::request("delete", resource, api.delete(name, &params));
    match deleted.await {
        Ok(_) => Ok(None),
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

fn resource(part: Part) -> ApiResource {
    let (group, version) = part
        .api_version()
        .split_once('/')
        .unwrap_or_else(|| ("", part.api_version()));
    let gvk = GroupVersionKind::gvk(group, version, part.kind());
    ApiResource::from_gvk_with_plural(&gvk, plural(part))
}

/// Plural names of the kinds, as in paths and RBAC.
const fn plural(part: Part) -> &'static str {
    match part {
        Part::ServiceAccount => "serviceaccounts",
        Part::Role => "roles",
        Part::RoleBinding => "rolebindings",
        Part::ConfigMap => "configmaps",
        Part::ServerPolicy | Part::ProxyPolicy => "networkpolicies",
        Part::StatefulSet => "statefulsets",
        Part::HeadlessService | Part::ProxyService => "services",
        Part::Deployment => "deployments",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{self, Verb};

    #[test]
    fn every_part_may_be_watched_and_applied() {
        for part in Part::ALL {
            let resource = resource(part);
            let right = access::RIGHTS
                .iter()
                .find(|right| right.group == resource.group && right.resource == resource.plural)
                .unwrap_or_else(|| panic!("no right for {}", part.as_str()));
            for verb in [Verb::List, Verb::Watch, Verb::Create, Verb::Patch] {
                assert!(
                    right.verbs.contains(&verb),
                    "{} misses {}",
                    part.as_str(),
                    verb.as_str()
                );
            }
        }
    }
}

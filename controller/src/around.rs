//! Of step 1: what others own and a server depends on.

use std::collections::BTreeMap;

use hivewright_api::MCPServer;
use hivewright_core::{Objects, Pods, SecretFacts, Surroundings};
use k8s_openapi::api::apps::v1::StatefulSet;

use crate::key::Key;
use crate::profiles::Answer;
use crate::references::{References, references};
use crate::refusals;
use crate::secrets::{self, Secrets};
use crate::watch::Caches;

/// Why a server cannot be judged now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKnown {
    /// The answer about its profile's ConfigMap is on its way, and will ask for a pass.
    #[error("the ConfigMap with the permission profile has not been read yet")]
    Waiting,
    /// Its profile's ConfigMap is one too many.
    #[error("more ConfigMaps hold permission profiles than are watched")]
    TooMany,
}

/// What `server` depends on, as far as the caches know. What knocking has shown is added later.
pub(crate) fn around(
    caches: &Caches,
    server: &MCPServer,
    (objects, pods): (&Objects, &Pods),
) -> Result<Surroundings, NotKnown> {
    let key = Key::of(server);
    let names = references(server);
    let profile = match &names.profile {
        None => None,
        Some(profile) => match caches.profiles.get(&Key::new(&key.namespace, profile)) {
            Answer::Waiting => return Err(NotKnown::Waiting),
            Answer::TooMany => return Err(NotKnown::TooMany),
            Answer::Absent => None,
            Answer::Found(map) => Some(map),
        },
    };
    let secrets = caches.secrets.as_ref();
    Ok(Surroundings {
        secrets: secrets.map(|secrets| facts(secrets, &key.namespace, &names)),
        profile,
        refused_pod: refused(caches, &key, objects.stateful_set.as_deref(), pods),
        ..Surroundings::default()
    })
}

fn facts(secrets: &Secrets, namespace: &str, names: &References) -> BTreeMap<String, SecretFacts> {
    let group = secrets::group(namespace);
    let there = names.secrets.iter().filter_map(|name| {
        let facts = secrets.one(&group, name)?;
        Some((name.clone(), (*facts).clone()))
    });
    there.collect()
}

/// Only while a pod is missing: a refusal that is over stays in its Event for an hour.
fn refused(
    caches: &Caches,
    server: &Key,
    set: Option<&StatefulSet>,
    pods: &Pods,
) -> Option<String> {
    let set = set?;
    let wanted = set.spec.as_ref().and_then(|spec| spec.replicas);
    let wanted = usize::try_from(wanted.unwrap_or(1)).unwrap_or(0);
    if pods.server.len() >= wanted {
        return None;
    }
    refusals::newest(&caches.refusals, server, set.metadata.uid.as_deref()?)
}

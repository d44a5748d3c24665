//! Secrets as the controller knows them: by their metadata, never by their content.
//!
//! The watch asks the API server for `PartialObjectMetadata`, so that no value ever crosses the
//! wire; of what comes, UID, resource version and the names of the keys are kept.

use std::collections::BTreeSet;

use hivewright_core::SecretFacts;
use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt as _;
use kube::core::PartialObjectMeta;
use kube::core::metadata::ObjectMeta;
use kube::runtime::watcher;

use crate::key::Key;
use crate::shelf::{Entry, Shelf};

/// A Secret without its content.
pub(crate) type Meta = PartialObjectMeta<Secret>;

/// What the controller knows of Secrets, by namespace.
pub type Secrets = Shelf<SecretFacts>;

/// Left out: the releases of Helm, which are large and many, and the tokens of old ServiceAccounts.
/// No MCPServer has a use for either.
const SELECTOR: &str = "type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token";

pub(crate) fn config() -> watcher::Config {
    watcher::Config::default().fields(SELECTOR)
}

/// The group of every Secret of a namespace.
pub(crate) fn group(namespace: &str) -> Key {
    Key::new(namespace, "")
}

pub(crate) fn entry(secret: &Meta) -> Entry<SecretFacts> {
    Entry {
        group: group(&secret.namespace().unwrap_or_default()),
        name: secret.name_any(),
        value: facts(&secret.metadata),
    }
}

fn facts(meta: &ObjectMeta) -> SecretFacts {
    let uid = meta.uid.as_deref().unwrap_or_default();
    let version = meta.resource_version.as_deref().unwrap_or_default();
    SecretFacts {
        version: format!("{uid}/{version}"),
        keys: keys(meta),
    }
}

/// The keys that somebody owns: each key of a Secret has an owner, unless the owners were removed
/// altogether. `f:stringData` is what was applied so; the API server moves it to `data`.
fn keys(meta: &ObjectMeta) -> Option<BTreeSet<String>> {
    let entries = meta.managed_fields.as_deref()?;
    let owned: Vec<_> = entries
        .iter()
        .filter_map(|entry| entry.fields_v1.as_ref()?.0.as_object())
        .collect();
    if owned.is_empty() {
        return None;
    }
    let data = owned
        .into_iter()
        .flat_map(|fields| [fields.get("f:data"), fields.get("f:stringData")]);
    let names = data
        .flatten()
        .filter_map(|data| data.as_object())
        .flat_map(|data| data.keys())
        .filter_map(|field| field.strip_prefix("f:"));
    Some(names.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(meta: Value) -> SecretFacts {
        facts(&serde_json::from_value(meta).unwrap())
    }

    #[test]
    fn keys_are_those_that_anybody_owns() {
        let facts = read(json!({
            "uid": "u", "resourceVersion": "7",
            "managedFields": [
                { "manager": "kubectl", "fieldsV1": { "f:data": { ".": {}, "f:token": {} }, "f:type": {} } },
                { "manager": "vault", "fieldsV1": { "f:stringData": { "f:user.name": {} } } },
                { "manager": "labels", "fieldsV1": { "f:metadata": { "f:labels": { "f:data": {} } } } },
            ],
        }));
        let keys: Vec<_> = facts.keys.unwrap().into_iter().collect();
        assert_eq!(keys, ["token", "user.name"]);
        assert_eq!(facts.version, "u/7");
    }

    #[test]
    fn without_owners_the_keys_are_unknown_and_not_absent() {
        assert_eq!(read(json!({ "uid": "u" })).keys, None);
        assert_eq!(read(json!({ "managedFields": [{}] })).keys, None);
    }

    #[test]
    fn a_secret_without_keys_has_none() {
        let owned = json!({ "managedFields": [{ "fieldsV1": { "f:type": {} } }] });
        assert_eq!(read(owned).keys, Some(BTreeSet::new()));
    }

    #[test]
    fn a_secret_made_anew_has_another_version() {
        let of = |uid: &str| read(json!({ "uid": uid, "resourceVersion": "7" })).version;
        assert_ne!(of("one"), of("two"));
    }
}

//! Objects with resourceVersions and a log of their changes.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use hivewright_controller::access;
use serde_json::{Value, json};

use super::apply;
use super::select::Selector;

/// Which object, or with an empty name which collection. Groups are left out: no two resources of
/// the controller share a plural name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    pub(crate) resource: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) subresource: String,
}

impl Target {
    pub(crate) fn new(resource: &str, namespace: &str, name: &str) -> Self {
        let [resource, namespace, name] = [resource, namespace, name].map(str::to_owned);
        Self {
            resource,
            namespace,
            name,
            subresource: String::new(),
        }
    }

    pub(crate) fn of_object(resource: &str, object: &Value) -> Self {
        let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
        Self::new(resource, text("namespace"), text("name"))
    }

    pub(crate) fn of_path(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let skip = if parts.first() == Some(&"api") { 2 } else { 3 };
        let rest = parts.get(skip..).unwrap_or_default();
        let (namespace, rest) = match rest {
            ["namespaces", namespace, rest @ ..] => (*namespace, rest),
            rest => ("", rest),
        };
        let part = |at: usize| rest.get(at).copied().unwrap_or_default();
        let subresource = part(2).to_owned();
        Self {
            subresource,
            ..Self::new(part(0), namespace, part(1))
        }
    }

    fn object(&self) -> Self {
        Self {
            subresource: String::new(),
            ..self.clone()
        }
    }

    fn holds(&self, other: &Self) -> bool {
        self.resource == other.resource
            && (self.namespace.is_empty() || self.namespace == other.namespace)
    }
}

/// Requests that shall fail.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) verb: access::Verb,
    pub(crate) resource: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) times: u32,
}

impl Failure {
    pub(crate) fn hits(&self, asked: &access::Request) -> bool {
        self.times > 0 && self.verb == asked.verb && self.resource == asked.resource
    }
}

/// One entry of the log.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) version: u64,
    pub(crate) kind: &'static str,
    target: Target,
    pub(crate) object: Value,
}

/// What a watch has to tell next.
#[derive(Debug)]
pub(crate) enum Next {
    Change(Change),
    Forgotten,
    Nothing,
}

/// The object as it is now and the status of the answer, or why the write was refused.
pub(crate) type Answer = Result<(StatusCode, Value), (StatusCode, &'static str)>;

/// All objects.
#[derive(Debug, Default)]
pub(crate) struct Store {
    objects: BTreeMap<Target, Value>,
    /// What each field manager applied last.
    applied: BTreeMap<(Target, String), Value>,
    log: Vec<Change>,
    /// Changes of a resource up to this version are no longer in the log.
    forgotten: BTreeMap<String, u64>,
    version: u64,
}

impl Store {
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn get(&self, target: &Target) -> Option<Value> {
        self.objects.get(&target.object()).cloned()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.objects
            .keys()
            .map(|key| format!("{}/{}", key.resource, key.name))
            .collect()
    }

    pub(crate) fn list(&self, target: &Target, selector: &Selector) -> Vec<Value> {
        let hits = self
            .objects
            .iter()
            .filter(|(key, object)| target.holds(key) && selector.selects(object));
        hits.map(|(_, object)| object.clone()).collect()
    }

    pub(crate) fn next_change(&self, target: &Target, selector: &Selector, after: u64) -> Next {
        if self
            .forgotten
            .get(&target.resource)
            .is_some_and(|version| after < *version)
        {
            return Next::Forgotten;
        }
        let mut new = self.log.iter().skip_while(|change| change.version <= after);
        new.find(|change| target.holds(&change.target) && selector.selects(&change.object))
            .map_or(Next::Nothing, |change| Next::Change(change.clone()))
    }

    /// Forgets the changes of a resource so far, as the real server does after some minutes.
    pub(crate) fn forget_changes(&mut self, resource: &str) {
        self.log.retain(|change| change.target.resource != resource);
        self.forgotten.insert(resource.to_owned(), self.version);
    }

    pub(crate) fn create(&mut self, target: &Target, sent: Value) -> Answer {
        let mut target = target.object();
        if target.name.is_empty() {
            sent["metadata"]["name"]
                .as_str()
                .unwrap_or_default()
                .clone_into(&mut target.name);
        }
        if self.objects.contains_key(&target) {
            return Err((StatusCode::CONFLICT, "the object exists"));
        }
        Ok((StatusCode::CREATED, self.put(target, sent)))
    }

    pub(crate) fn replace(&mut self, target: &Target, sent: Value) -> Answer {
        let known = self
            .get(target)
            .ok_or((StatusCode::NOT_FOUND, "no such object"))?;
        if sent["metadata"]["resourceVersion"] != known["metadata"]["resourceVersion"] {
            return Err((StatusCode::CONFLICT, "the object has been modified"));
        }
        Ok((StatusCode::OK, self.put(target.object(), sent)))
    }

    pub(crate) fn merge(&mut self, target: &Target, sent: &Value) -> Answer {
        let mut object = self
            .get(target)
            .ok_or((StatusCode::NOT_FOUND, "no such object"))?;
        json_patch::merge(&mut object, &apply::part(target, sent));
        Ok((StatusCode::OK, self.put(target.object(), object)))
    }

    pub(crate) fn apply(&mut self, target: &Target, sent: &Value, manager: &str) -> Answer {
        let object = target.object();
        if !target.subresource.is_empty() && !self.objects.contains_key(&object) {
            return Err((StatusCode::NOT_FOUND, "no such object"));
        }
        let uid = self
            .objects
            .get(&object)
            .map(|known| &known["metadata"]["uid"]);
        if uid.is_some_and(|uid| {
            !sent["metadata"]["uid"].is_null() && sent["metadata"]["uid"] != *uid
        }) {
            return Err((StatusCode::CONFLICT, "the UID is another"));
        }
        let sent = apply::part(target, sent);
        let key = (target.clone(), manager.to_owned());
        let before = self.applied.insert(key.clone(), sent.clone());
        let mut merged = self
            .objects
            .get(&object)
            .cloned()
            .unwrap_or_else(|| json!({}));
        if let Some(before) = before {
            let others = self
                .applied
                .iter()
                .filter(|((at, _), _)| at.object() == object);
            let kept: Vec<&Value> = others.map(|(_, value)| value).collect();
            apply::drop_left(&mut merged, &before, &kept);
        }
        apply::merge(&mut merged, &sent);
        merged["metadata"]["namespace"] = json!(object.namespace);
        let code = if self.objects.contains_key(&object) {
            StatusCode::OK
        } else {
            StatusCode::CREATED
        };
        Ok((code, self.put(object, merged)))
    }

    /// Writes an object as it is; the server's own metadata is added, and a write that changes
    /// nothing is no change.
    pub(crate) fn put(&mut self, target: Target, mut object: Value) -> Value {
        let known = self.objects.get(&target);
        let number = self.version + 1;
        let meta = known.map_or(&Value::Null, |known| &known["metadata"]);
        let respec = known.is_some_and(|known| known["spec"] != object["spec"]);
        let generation = meta["generation"].as_u64().unwrap_or(1) + u64::from(respec);
        let or = |value: &Value, new: Value| if value.is_null() { new } else { value.clone() };
        object["metadata"]["uid"] = or(&meta["uid"], json!(format!("uid-{number}")));
        object["metadata"]["creationTimestamp"] =
            or(&meta["creationTimestamp"], json!("2026-01-01T00:00:00Z"));
        object["metadata"]["generation"] = json!(generation);
        object["metadata"]["resourceVersion"] = meta["resourceVersion"].clone();
        if known == Some(&object) {
            return object;
        }
        let kind = if known.is_some() { "MODIFIED" } else { "ADDED" };
        object["metadata"]["resourceVersion"] = json!(number.to_string());
        self.version = number;
        self.objects.insert(target.clone(), object.clone());
        self.log.push(Change {
            version: number,
            kind,
            target,
            object: object.clone(),
        });
        object
    }

    /// Deletes an object and, as the garbage collector would, what it owns.
    pub(crate) fn delete(&mut self, target: &Target) {
        let Some(mut object) = self.objects.remove(target) else {
            return;
        };
        self.applied.retain(|(at, _), _| at.object() != *target);
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let uid = object["metadata"]["uid"].clone();
        self.log.push(Change {
            version: self.version,
            kind: "DELETED",
            target: target.clone(),
            object,
        });
        let owned = self.objects.iter().filter(|(_, object)| {
            let owners = object["metadata"]["ownerReferences"].as_array();
            owners.is_some_and(|owners| owners.iter().any(|owner| owner["uid"] == uid))
        });
        let owned: Vec<Target> = owned.map(|(key, _)| key.clone()).collect();
        for target in owned {
            self.delete(&target);
        }
    }
}

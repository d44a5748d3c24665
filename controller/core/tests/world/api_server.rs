//! An API server as far as the controller's writes can tell: server-side apply with ownership by
//! last application, defaults, and quantities in canonical spelling.

use std::collections::BTreeMap;

use hivewright_api::names;
use hivewright_core::{Part, Write};
use serde_json::{Map, Value, json};

/// Where the world keeps what the controller applied last; no Kubernetes type knows the field.
const LAST_APPLIED: &str = "lastApplied";

/// Does one write.
pub fn write(objects: &mut BTreeMap<Part, Value>, write: &Write) {
    match write {
        Write::Apply { part, object } => {
            let found = objects.entry(*part).or_insert_with(|| json!({}));
            apply(found, object);
            defaults(*part, found);
            own_replicas(
                found,
                names::MANAGER,
                object["spec"].get("replicas").is_some(),
            );
        }
        Write::SeedReplicas { object } => {
            let found = objects
                .get_mut(&Part::StatefulSet)
                .expect("seeded after it is applied");
            found["spec"]["replicas"] = object["spec"]["replicas"].clone();
            own_replicas(found, names::SCALE_SEED_MANAGER, true);
        }
        Write::Delete { part, .. } => {
            objects.remove(part);
        }
    }
}

/// The proxy's call of the scale subresource: from then on it alone owns the field.
pub fn scale(objects: &mut BTreeMap<Part, Value>, replicas: i32) {
    if let Some(set) = objects.get_mut(&Part::StatefulSet) {
        set["spec"]["replicas"] = json!(replicas);
        set["metadata"]["managedFields"] = json!([]);
        own_replicas(set, names::PROXY_MANAGER, true);
    }
}

fn apply(found: &mut Value, object: &Value) {
    let last = found.get(LAST_APPLIED).cloned().unwrap_or(Value::Null);
    let of_others = owned_by_others(found).then(|| found["spec"]["replicas"].clone());
    merge(found, &last, object);
    if let Some(replicas) = of_others.filter(|_| object["spec"].get("replicas").is_none()) {
        found["spec"]["replicas"] = replicas;
    }
    found[LAST_APPLIED] = object.clone();
    found["metadata"]["uid"] = json!("made-by-the-api-server");
}

/// What was applied before and is not applied now goes; what others added stays.
fn merge(found: &mut Value, last: &Value, now: &Value) {
    match (found, now) {
        (Value::Object(found), Value::Object(now)) => {
            let dropped = last.as_object().into_iter().flat_map(Map::keys);
            for key in dropped.filter(|key| !now.contains_key(*key)) {
                found.remove(key);
            }
            for (key, value) in now {
                let absent = Value::Null;
                let last = last.get(key).unwrap_or(&absent);
                merge_field(
                    found.entry(key.clone()).or_insert(Value::Null),
                    key,
                    last,
                    value,
                );
            }
        }
        (found, now) => {
            *found = now.clone();
        }
    }
}

fn merge_field(found: &mut Value, key: &str, last: &Value, now: &Value) {
    match (key, now.is_array()) {
        ("containers" | "env" | "volumes" | "ports", true) => merge_list(found, "name", last, now),
        ("volumeMounts", true) => merge_list(found, "mountPath", last, now),
        ("ownerReferences", true) => merge_list(found, "uid", last, now),
        (_, true) => *found = now.clone(),
        (_, false) => merge(found, last, now),
    }
}

fn merge_list(found: &mut Value, name: &str, last: &Value, now: &Value) {
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let named = |list: &[Value], item: &Value| {
        list.iter()
            .find(|known| known[name] == item[name])
            .cloned()
            .unwrap_or(Value::Null)
    };
    let (last, now) = (items(last), items(now));
    let mut merged: Vec<Value> = items(found)
        .into_iter()
        .filter(|item| named(&last, item).is_null() || !named(&now, item).is_null())
        .collect();
    for item in now {
        let before = named(&last, &item);
        match merged.iter_mut().find(|known| known[name] == item[name]) {
            Some(known) => merge(known, &before, &item),
            None => merged.push(item),
        }
    }
    *found = Value::Array(merged);
}

fn defaults(part: Part, object: &mut Value) {
    let spec = &mut object["spec"];
    match part {
        Part::Deployment | Part::StatefulSet => {
            default(spec, "revisionHistoryLimit", &json!(10));
            default(spec, "replicas", &json!(1));
            pod_defaults(&mut spec["template"]["spec"]);
        }
        Part::ProxyService | Part::HeadlessService => {
            default(spec, "clusterIP", &json!("10.96.0.10"));
            default(spec, "sessionAffinity", &json!("None"));
        }
        Part::ServerPolicy | Part::ProxyPolicy => drop_empty(spec),
        Part::ServiceAccount | Part::Role | Part::RoleBinding | Part::ConfigMap => {}
    }
    if object["spec"].is_null() {
        object
            .as_object_mut()
            .expect("objects are maps")
            .remove("spec");
    }
}

fn pod_defaults(pod: &mut Value) {
    default(pod, "restartPolicy", &json!("Always"));
    default(pod, "dnsPolicy", &json!("ClusterFirst"));
    default(pod, "terminationGracePeriodSeconds", &json!(30));
    for container in pod["containers"].as_array_mut().into_iter().flatten() {
        default(
            container,
            "terminationMessagePath",
            &json!("/dev/termination-log"),
        );
        default(container, "imagePullPolicy", &json!("Always"));
        for amounts in ["limits", "requests"] {
            if container["resources"][amounts]["cpu"] == json!("1000m") {
                container["resources"][amounts]["cpu"] = json!("1");
            }
        }
        if container["resources"] == json!({"limits": null, "requests": null}) {
            container["resources"] = json!({});
        }
        drop_zeros(container);
    }
}

fn default(object: &mut Value, key: &str, value: &Value) {
    if object[key].is_null() {
        object[key] = value.clone();
    }
}

fn drop_empty(object: &mut Value) {
    if let Value::Object(fields) = object {
        fields.retain(|_, value| value != &json!([]));
    }
}

/// What Go's `omitempty` leaves out of fields that are no pointers.
fn drop_zeros(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let zero = |key: &str, value: &Value| {
                (matches!(key, "tty" | "readOnly") && value == &json!(false))
                    || (key == "value" && value == &json!(""))
            };
            fields.retain(|key, value| !value.is_null() && !zero(key, value));
            fields.values_mut().for_each(drop_zeros);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_zeros),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn owned_by_others(object: &Value) -> bool {
    let managers = object["metadata"]["managedFields"].as_array();
    managers
        .into_iter()
        .flatten()
        .any(|entry| entry["manager"] != names::MANAGER)
}

fn own_replicas(object: &mut Value, manager: &str, owns: bool) {
    let managers = object["metadata"]["managedFields"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut managers: Vec<Value> = managers
        .into_iter()
        .filter(|entry| entry["manager"] != manager)
        .collect();
    if owns {
        managers.push(json!({"manager": manager, "fieldsV1": {"f:spec": {"f:replicas": {}}}}));
    }
    let nobody = managers.is_empty();
    object["metadata"]["managedFields"] = json!(managers);
    if nobody && object["kind"] == "StatefulSet" {
        object["spec"]["replicas"] = json!(1);
    }
}

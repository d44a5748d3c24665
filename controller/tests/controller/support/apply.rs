//! Server-side apply, simplified: maps merge by key, everything else is atomic.

use serde_json::{Map, Value};

use super::store::Target;

/// The part of a sent object that its endpoint writes: of an MCPServer the status endpoint writes
/// the status and nothing else, the main one everything else.
pub(crate) fn part(target: &Target, sent: &Value) -> Value {
    let mut sent = sent.clone();
    let Some(fields) = sent.as_object_mut() else {
        return sent;
    };
    if target.subresource == "status" {
        fields.retain(|key, _| key == "status");
    } else if target.resource == "mcpservers" {
        fields.remove("status");
    }
    sent
}

/// Lays `new` over `object`.
pub(crate) fn merge(object: &mut Value, new: &Value) {
    match (object, new) {
        (Value::Object(object), Value::Object(new)) => {
            for (key, value) in new {
                merge(object.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (object, new) => *object = new.clone(),
    }
}

/// Removes from `object` the leaves of `before` that nobody applies any more. `kept` holds what
/// every manager applies now.
pub(crate) fn drop_left(object: &mut Value, before: &Value, kept: &[&Value]) {
    let (Some(object), Some(before)) = (object.as_object_mut(), before.as_object()) else {
        return;
    };
    for (key, value) in before {
        let below: Vec<&Value> = kept.iter().filter_map(|kept| kept.get(key)).collect();
        if below.is_empty() {
            object.remove(key);
        } else if let Some(inner) = object.get_mut(key) {
            drop_left(inner, value, &below);
        }
    }
    remove_empty(object);
}

fn remove_empty(object: &mut Map<String, Value>) {
    object.retain(|_, value| value.as_object().is_none_or(|inner| !inner.is_empty()));
}

//! Strategic merge of a patch onto a pod template.
//!
//! Rules: "Strategic Merge Patch" of the Kubernetes API conventions; the merge keys are the
//! `patchMergeKey` tags of the types that make up a PodTemplateSpec.

use serde_json::{Map, Value};

/// The merge key of a container's ports.
const PORT_KEY: &str = "containerPort";

/// Why a patch cannot be merged.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum MergeError {
    /// A directive that is not `$patch`.
    #[error("{0} is a merge directive that Hivewright does not follow; write the wanted result")]
    Directive(String),
    /// `$patch` with a value that is none.
    #[error("{0}: `$patch` can only be merge, replace or delete")]
    Verb(String),
    /// An element of a keyed list without its key.
    #[error("{path}: each element needs `{key}`, by which it is merged")]
    NoKey {
        /// Where the list is.
        path: String,
        /// The key.
        key: &'static str,
    },
}

/// Merges `patch` onto `base`, both objects.
pub(super) fn strategic(base: &mut Value, patch: &Value) -> Result<(), MergeError> {
    match patch {
        Value::Object(patch) => object(base, patch, "").map(drop),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Ok(())
        }
    }
}

/// What is to become of the place that was merged into.
enum Fate {
    Keep,
    Remove,
}

enum Verb {
    Merge,
    Replace,
    Delete,
}

fn verb(patch: &Map<String, Value>, at: &str) -> Result<Verb, MergeError> {
    match patch.get("$patch").map(Value::as_str) {
        None | Some(Some("merge")) => Ok(Verb::Merge),
        Some(Some("replace")) => Ok(Verb::Replace),
        Some(Some("delete")) => Ok(Verb::Delete),
        Some(_) => Err(MergeError::Verb(at.trim_start_matches('.').to_owned())),
    }
}

fn object(base: &mut Value, patch: &Map<String, Value>, at: &str) -> Result<Fate, MergeError> {
    match verb(patch, at)? {
        Verb::Delete => return Ok(Fate::Remove),
        Verb::Replace => *base = Value::Object(Map::new()),
        Verb::Merge => {}
    }
    if !base.is_object() {
        *base = Value::Object(Map::new());
    }
    let fields = base.as_object_mut().expect("made an object above");
    for (key, value) in patch.iter().filter(|(key, _)| key.as_str() != "$patch") {
        let at = format!("{at}.{key}");
        if key.starts_with('$') {
            return Err(MergeError::Directive(at.trim_start_matches('.').to_owned()));
        }
        let fate = field(
            fields.entry(key.clone()).or_insert(Value::Null),
            key,
            value,
            &at,
        )?;
        match fate {
            Fate::Keep => {}
            Fate::Remove => {
                fields.remove(key);
            }
        }
    }
    Ok(Fate::Keep)
}

fn field(base: &mut Value, key: &str, patch: &Value, at: &str) -> Result<Fate, MergeError> {
    match (patch, merge_key(key)) {
        (Value::Null, _) => Ok(Fate::Remove),
        (Value::Object(patch), _) => object(base, patch, at),
        (Value::Array(patch), Some(merge_key)) => {
            list(base, patch, merge_key, at).map(|()| Fate::Keep)
        }
        (Value::Array(_), None) | (Value::Bool(_) | Value::Number(_) | Value::String(_), _) => {
            *base = patch.clone();
            Ok(Fate::Keep)
        }
    }
}

fn list(base: &mut Value, patch: &[Value], key: &'static str, at: &str) -> Result<(), MergeError> {
    let replaces = |item: &Value| item.get("$patch").and_then(Value::as_str) == Some("replace");
    let mut merged = if patch.iter().any(replaces) {
        Vec::new()
    } else {
        base.as_array().cloned().unwrap_or_default()
    };
    for item in patch {
        element(&mut merged, item, key, at)?;
    }
    *base = Value::Array(merged);
    Ok(())
}

fn element(
    merged: &mut Vec<Value>,
    item: &Value,
    key: &'static str,
    at: &str,
) -> Result<(), MergeError> {
    let no_key = || MergeError::NoKey {
        path: at.trim_start_matches('.').to_owned(),
        key,
    };
    let fields = item.as_object().ok_or_else(no_key)?;
    let Some(name) = fields.get(key) else {
        let only_directive = fields.len() == 1 && fields.contains_key("$patch");
        return if only_directive {
            Ok(())
        } else {
            Err(no_key())
        };
    };
    let at = format!(
        "{at}[{}]",
        name.as_str()
            .map_or_else(|| name.to_string(), str::to_owned)
    );
    let index = merged.iter().position(|known| {
        known.get(key) == Some(name) && protocol(known, key) == protocol(item, key)
    });
    let mut place = index.map_or(Value::Null, |index| merged[index].clone());
    match (object(&mut place, fields, &at)?, index) {
        (Fate::Keep, Some(index)) => merged[index] = place,
        (Fate::Keep, None) => merged.push(place),
        (Fate::Remove, Some(index)) => {
            merged.remove(index);
        }
        (Fate::Remove, None) => {}
    }
    Ok(())
}

/// Ports of one number and two protocols are two ports, as they are to server-side apply
/// (kubernetes/kubernetes#39188 tells of a merge that confused them); TCP is the default.
fn protocol<'a>(port: &'a Value, key: &str) -> Option<&'a str> {
    let given = port.get("protocol").and_then(Value::as_str);
    (key == PORT_KEY).then(|| given.unwrap_or("TCP"))
}

/// The `patchMergeKey` of the list of this name; `None` for a list that is replaced as a whole.
fn merge_key(list: &str) -> Option<&'static str> {
    match list {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "env"
        | "volumes"
        | "imagePullSecrets"
        | "resourceClaims"
        | "schedulingGates" => Some("name"),
        "ports" => Some(PORT_KEY),
        "volumeMounts" => Some("mountPath"),
        "volumeDevices" => Some("devicePath"),
        "hostAliases" => Some("ip"),
        "topologySpreadConstraints" => Some("topologyKey"),
        "ownerReferences" => Some("uid"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::maps_are_merged(json!({"a": {"x": 1}}), json!({"a": {"y": 2}}), json!({"a": {"x": 1, "y": 2}}))]
    #[case::null_removes(json!({"a": 1, "b": 2}), json!({"a": null}), json!({"b": 2}))]
    #[case::keyed_lists_are_merged(
        json!({"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}),
        json!({"env": [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}]}),
        json!({"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "3"}, {"name": "C", "value": "4"}]}))]
    #[case::other_lists_are_replaced(json!({"args": ["a", "b"]}), json!({"args": ["c"]}), json!({"args": ["c"]}))]
    #[case::tolerations_have_no_key(
        json!({"tolerations": [{"key": "a"}]}), json!({"tolerations": [{"key": "b"}]}), json!({"tolerations": [{"key": "b"}]}))]
    #[case::ports_have_a_number_and_a_protocol(
        json!({"ports": [{"containerPort": 53, "protocol": "TCP"}]}),
        json!({"ports": [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53, "name": "dns"}]}),
        json!({"ports": [{"containerPort": 53, "protocol": "TCP", "name": "dns"}, {"containerPort": 53, "protocol": "UDP"}]}))]
    #[case::each_list_has_its_own_key(
        json!({"volumeMounts": [{"mountPath": "/a", "name": "a"}], "volumeDevices": [{"devicePath": "/d", "name": "d"}],
            "hostAliases": [{"ip": "192.0.2.1", "hostnames": ["a"]}], "imagePullSecrets": [{"name": "s"}],
            "topologySpreadConstraints": [{"topologyKey": "zone", "maxSkew": 1}], "resourceClaims": [{"name": "gpu"}]}),
        json!({"volumeMounts": [{"mountPath": "/a", "readOnly": true}], "volumeDevices": [{"devicePath": "/d", "name": "e"}],
            "hostAliases": [{"ip": "192.0.2.1", "hostnames": ["b"]}], "imagePullSecrets": [{"name": "t"}],
            "topologySpreadConstraints": [{"topologyKey": "zone", "maxSkew": 2}], "resourceClaims": [{"name": "gpu", "resourceClaimName": "c"}]}),
        json!({"volumeMounts": [{"mountPath": "/a", "name": "a", "readOnly": true}], "volumeDevices": [{"devicePath": "/d", "name": "e"}],
            "hostAliases": [{"ip": "192.0.2.1", "hostnames": ["b"]}], "imagePullSecrets": [{"name": "s"}, {"name": "t"}],
            "topologySpreadConstraints": [{"topologyKey": "zone", "maxSkew": 2}], "resourceClaims": [{"name": "gpu", "resourceClaimName": "c"}]}))]
    #[case::a_sidecar_and_an_init_container_come_with_the_main_one(
        json!({"containers": [{"name": "mcp", "image": "i"}]}),
        json!({"containers": [{"name": "side", "image": "s"}, {"name": "mcp", "args": ["a"]}], "initContainers": [{"name": "init", "image": "n"}]}),
        json!({"containers": [{"name": "mcp", "image": "i", "args": ["a"]}, {"name": "side", "image": "s"}], "initContainers": [{"name": "init", "image": "n"}]}))]
    #[case::delete_removes_an_element(
        json!({"env": [{"name": "A"}, {"name": "B"}]}), json!({"env": [{"name": "A", "$patch": "delete"}]}), json!({"env": [{"name": "B"}]}))]
    #[case::replace_drops_what_was_there(
        json!({"a": {"x": 1}}), json!({"a": {"$patch": "replace", "y": 2}}), json!({"a": {"y": 2}}))]
    #[case::replace_of_a_list(
        json!({"env": [{"name": "A"}]}), json!({"env": [{"$patch": "replace"}, {"name": "B"}]}), json!({"env": [{"name": "B"}]}))]
    #[case::nulls_of_new_places_go_too(json!({}), json!({"a": {"x": null, "y": 1}}), json!({"a": {"y": 1}}))]
    fn a_patch_is_merged_as_kubernetes_does(
        #[case] mut base: Value,
        #[case] patch: Value,
        #[case] expected: Value,
    ) {
        strategic(&mut base, &patch).unwrap();
        assert_eq!(base, expected);
    }

    #[rstest]
    #[case(json!({"spec": {"$retainKeys": ["a"]}}), MergeError::Directive("spec.$retainKeys".to_owned()))]
    #[case(json!({"env": [{"value": "1"}]}), MergeError::NoKey { path: "env".to_owned(), key: "name" })]
    #[case(json!({"$patch": "mix"}), MergeError::Verb(String::new()))]
    fn what_cannot_be_followed_is_named(#[case] patch: Value, #[case] expected: MergeError) {
        assert_eq!(strategic(&mut json!({}), &patch), Err(expected));
    }
}

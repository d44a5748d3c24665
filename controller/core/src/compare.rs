//! Whether an object is what it should be, though the API server filled in defaults and others
//! own fields of it.
//!
//! Rules: what server-side apply would change is a difference, nothing else is. So each desired
//! field must be there with an equal value; elements that others added to keyed lists stay
//! theirs (KEP-555). A field that is no longer desired shows in the hash annotation, which is
//! part of what is desired.

use serde_json::Value;

use crate::part::Part;
use crate::quantity;

/// Whether `observed` needs no write to become `desired`.
pub(crate) fn satisfied(part: Part, desired: &Value, observed: &Value) -> bool {
    let ours = ["metadata", "spec", "data", "rules", "roleRef", "subjects"];
    ours.into_iter().all(|key| match (part_mode(part), key) {
        (Mode::Exact, "spec" | "rules" | "roleRef" | "subjects") => {
            exact(&desired[key], &observed[key])
        }
        (Mode::Exact | Mode::Subset, _) => within(key, &desired[key], &observed[key]),
    })
}

/// How strictly the body of an object is compared.
#[derive(Clone, Copy)]
enum Mode {
    /// Rules of access: every field counts, those that others added too. Their lists are atomic,
    /// so an apply does away with any addition.
    Exact,
    /// Everything else.
    Subset,
}

const fn part_mode(part: Part) -> Mode {
    match part {
        Part::Role | Part::RoleBinding | Part::ServerPolicy | Part::ProxyPolicy => Mode::Exact,
        Part::ServiceAccount
        | Part::ConfigMap
        | Part::StatefulSet
        | Part::HeadlessService
        | Part::Deployment
        | Part::ProxyService => Mode::Subset,
    }
}

/// Equal but for what is empty: the API server drops empty lists and maps.
fn exact(desired: &Value, observed: &Value) -> bool {
    match (desired, observed) {
        (Value::Object(desired), Value::Object(observed)) => {
            desired.keys().chain(observed.keys()).all(|key| {
                let absent = &Value::Null;
                exact(
                    desired.get(key).unwrap_or(absent),
                    observed.get(key).unwrap_or(absent),
                )
            })
        }
        (Value::Array(desired), Value::Array(observed)) => {
            desired.len() == observed.len()
                && desired
                    .iter()
                    .zip(observed)
                    .all(|(desired, observed)| exact(desired, observed))
        }
        _ => (empty(desired) && empty(observed)) || desired == observed,
    }
}

/// Every field of `desired`, the value of the field `key`, is in `observed`.
fn within(key: &str, desired: &Value, observed: &Value) -> bool {
    match (desired, observed) {
        (Value::Object(fields), Value::Object(found)) => fields.iter().all(|(name, desired)| {
            let found = found.get(name).unwrap_or(&Value::Null);
            within(name, desired, found)
                || (amounts(key) && same_amount(desired, found))
                || (found.is_null() && dropped(name, desired))
        }),
        (Value::Array(desired), Value::Array(observed)) => lists(key, desired, observed),
        _ => (empty(desired) && empty(observed)) || desired == observed,
    }
}

fn lists(key: &str, desired: &[Value], observed: &[Value]) -> bool {
    match list_key(key) {
        Some(name) => desired.iter().all(|item| {
            let mut named = observed
                .iter()
                .filter(|found| found.get(name) == item.get(name));
            named.any(|found| within("", item, found))
        }),
        None => {
            desired.len() == observed.len()
                && desired
                    .iter()
                    .zip(observed)
                    .all(|(item, found)| within("", item, found))
        }
    }
}

/// By what server-side apply tells the elements of a list apart; `None` if it is atomic. Only the
/// lists that are rendered here or can come from a pod template.
fn list_key(list: &str) -> Option<&'static str> {
    match list {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "env"
        | "volumes"
        | "imagePullSecrets"
        | "resourceClaims"
        | "schedulingGates"
        // Their names tell ports apart as well, and fit those of pods and of Services.
        | "ports" => Some("name"),
        "volumeMounts" => Some("mountPath"),
        "volumeDevices" => Some("devicePath"),
        "hostAliases" => Some("ip"),
        "topologySpreadConstraints" => Some("topologyKey"),
        "ownerReferences" => Some("uid"),
        _ => None,
    }
}

/// Whether the API server leaves this value out when it shows the object: `false`, 0 and "" of
/// fields that are no pointers in its types.
fn dropped(field: &str, desired: &Value) -> bool {
    let zero = match desired {
        Value::Bool(value) => !value,
        Value::Number(value) => value.as_i64() == Some(0),
        Value::String(value) => value.is_empty(),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    };
    zero && !POINTERS.contains(&field)
}

/// Fields that the API server keeps whatever their value, and whose absence means something else.
const POINTERS: [&str; 9] = [
    "allowPrivilegeEscalation",
    "automountServiceAccountToken",
    "enableServiceLinks",
    "privileged",
    "readOnlyRootFilesystem",
    "replicas",
    "runAsGroup",
    "runAsNonRoot",
    "runAsUser",
];

fn amounts(key: &str) -> bool {
    matches!(key, "limits" | "requests" | "emptyDir")
}

fn same_amount(one: &Value, other: &Value) -> bool {
    let amount = |value: &Value| value.as_str().and_then(quantity::parse);
    amount(one).is_some_and(|one| amount(other) == Some(one))
}

fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::defaults_were_filled_in(json!({"a": 1}), json!({"a": 1, "b": 2}))]
    #[case::an_amount_is_spelt_otherwise(json!({"limits": {"cpu": "1000m"}}), json!({"limits": {"cpu": "1"}}))]
    #[case::another_added_an_element(
        json!({"env": [{"name": "A", "value": "1"}]}),
        json!({"env": [{"name": "X", "value": "9"}, {"name": "A", "value": "1"}]}))]
    #[case::a_zero_was_dropped(json!({"tty": false, "n": 0, "value": ""}), json!({}))]
    #[case::an_empty_list_was_dropped(json!({"ingress": []}), json!({}))]
    fn nothing_to_write_when(#[case] desired: Value, #[case] observed: Value) {
        let of = |spec| json!({ "spec": spec });
        assert!(satisfied(Part::Deployment, &of(desired), &of(observed)));
    }

    #[rstest]
    #[case::a_value_was_edited(json!({"a": 1}), json!({"a": 2}))]
    #[case::a_field_was_removed(json!({"a": {"b": 1}}), json!({"a": {}}))]
    #[case::an_argument_was_added(json!({"args": ["a"]}), json!({"args": ["a", "b"]}))]
    #[case::a_variable_was_removed(json!({"env": [{"name": "A"}]}), json!({"env": []}))]
    #[case::a_right_was_given_back(json!({"automountServiceAccountToken": false}), json!({}))]
    #[case::an_amount_differs(json!({"limits": {"cpu": "1"}}), json!({"limits": {"cpu": "2"}}))]
    fn something_to_write_when(#[case] desired: Value, #[case] observed: Value) {
        let of = |spec| json!({ "spec": spec });
        assert!(!satisfied(Part::Deployment, &of(desired), &of(observed)));
    }

    #[rstest]
    #[case::a_rule_was_added(json!({"egress": []}), json!({"egress": [{}]}))]
    #[case::a_port_was_added_to_a_rule(json!({"egress": [{"to": [1]}]}), json!({"egress": [{"to": [1], "ports": [2]}]}))]
    #[case::ingress_was_opened(json!({"egress": [{}]}), json!({"egress": [{}], "ingress": [{}]}))]
    fn rules_of_access_are_compared_in_full(#[case] desired: Value, #[case] observed: Value) {
        let of = |spec| json!({ "spec": spec });
        assert!(!satisfied(Part::ServerPolicy, &of(desired), &of(observed)));
    }
}

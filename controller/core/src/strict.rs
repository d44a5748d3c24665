//! JSON read into a Kubernetes type without losing a field: the generated types skip fields that
//! they do not know, and a misspelt one would be lost without a word.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a value is not what its type says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// A field that the type does not have.
    #[error("{0} is not a field")]
    Unknown(String),
    /// A value of another type.
    #[error("{0}")]
    Type(String),
}

/// The value as a `T`; fields that are null count as absent.
pub(crate) fn typed<T: DeserializeOwned + Serialize>(value: &Value) -> Result<T, Fault> {
    let typed: T = serde_path_to_error::deserialize(without_null(value))
        .map_err(|error| Fault::Type(at(&error.path().to_string(), error.inner())))?;
    let kept = serde_json::to_value(&typed).expect("a Kubernetes type is JSON");
    match lost(value, &kept, "") {
        Some(place) => Err(Fault::Unknown(place)),
        None => Ok(typed),
    }
}

/// A fault with where it is; `.` is the value itself.
fn at(path: &str, cause: &serde_json::Error) -> String {
    match path {
        "." => cause.to_string(),
        _ => format!("{path}: {cause}"),
    }
}

fn without_null(value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key.clone(), without_null(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(without_null).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Path of the first field of `value` that is not in `kept`.
fn lost(value: &Value, kept: &Value, place: &str) -> Option<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .find_map(|(key, value)| {
                let place = if place.is_empty() {
                    key.clone()
                } else {
                    format!("{place}.{key}")
                };
                match kept.get(key) {
                    Some(kept) => lost(value, kept, &place),
                    None => Some(place),
                }
            }),
        Value::Array(items) => items.iter().enumerate().find_map(|(i, item)| {
            let kept = kept.get(i).unwrap_or(&Value::Null);
            lost(item, kept, &format!("{place}[{i}]"))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::Volume;
    use serde_json::json;

    #[test]
    fn what_the_type_has_is_kept_and_null_is_absent() {
        let value = json!({"name": "v", "emptyDir": {"sizeLimit": "1Mi"}, "secret": null});
        let volume: Volume = typed(&value).unwrap();
        assert!(volume.empty_dir.is_some() && volume.secret.is_none());
    }

    #[test]
    fn what_it_does_not_have_is_named_with_its_place() {
        let unknown =
            typed::<Volume>(&json!({"name": "v", "projected": {"sources": [{"sekret": {}}]}}));
        assert_eq!(
            unknown.unwrap_err().to_string(),
            "projected.sources[0].sekret is not a field"
        );
        let wrong = typed::<Volume>(&json!({"name": "v", "emptyDir": {"medium": 3}}));
        let sentence = wrong.unwrap_err().to_string();
        assert!(
            sentence.starts_with("emptyDir.medium: invalid type"),
            "{sentence}"
        );
    }
}

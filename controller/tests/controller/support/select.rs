//! Label and field selectors, of the forms that the controller uses.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// Which objects of a collection are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    labels: String,
    fields: String,
}

impl Selector {
    pub(crate) fn of(query: &HashMap<String, String>) -> Self {
        let text = |key: &str| query.get(key).cloned().unwrap_or_default();
        Self {
            labels: text("labelSelector"),
            fields: text("fieldSelector"),
        }
    }

    pub(crate) fn selects(&self, object: &Value) -> bool {
        let labels = &object["metadata"]["labels"];
        terms(&self.labels).all(|term| match term.split_once('=') {
            Some((key, value)) => labels[key].as_str() == Some(value),
            None => labels.get(term).is_some(),
        }) && terms(&self.fields).all(|term| field(object, term))
    }
}

fn terms(selector: &str) -> impl Iterator<Item = &str> {
    selector.split(',').filter(|term| !term.is_empty())
}

/// `path=value` or `path!=value`; a field that is absent is empty.
fn field(object: &Value, term: &str) -> bool {
    let unlike = term.split_once("!=");
    let (path, wanted) = unlike
        .or_else(|| term.split_once('='))
        .expect("a field selector has a value");
    let found = object.pointer(&format!("/{}", path.replace('.', "/")));
    (found.and_then(Value::as_str).unwrap_or_default() == wanted) == unlike.is_none()
}

/// What is left of an object when metadata alone is asked for.
pub(crate) fn metadata_only(object: &Value) -> Value {
    let mut left = Map::new();
    left.insert("apiVersion".to_owned(), "meta.k8s.io/v1".into());
    left.insert("kind".to_owned(), "PartialObjectMetadata".into());
    left.insert("metadata".to_owned(), object["metadata"].clone());
    Value::Object(left)
}

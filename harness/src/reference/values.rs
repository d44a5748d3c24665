//! Chart values: `values.yaml` with its comments, and the types of `values.schema.json`.

use serde_json::Value;

use super::table::{code, table};

/// One entry of a `values.yaml`.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    path: Vec<String>,
    /// As written; `None` where values are nested below.
    default: Option<String>,
    comment: String,
}

/// The table of one chart.
pub(super) fn section(chart: &str, values: &str, schema: &Value) -> String {
    let entries = entries(values);
    let told = entries
        .iter()
        .filter(|entry| entry.default.is_some() || !entry.comment.is_empty());
    let rows = told.map(|entry| {
        let found = find(schema, &entry.path);
        let said = found.and_then(|found| found["description"].as_str());
        let meaning = if entry.comment.is_empty() {
            said.unwrap_or_default().to_owned()
        } else {
            entry.comment.clone()
        };
        [
            code(&entry.path.join(".")),
            found.map(kind).unwrap_or_default(),
            code(entry.default.as_deref().unwrap_or_default()),
            meaning,
        ]
    });
    let head = ["value", "type", "default", "meaning"];
    format!("\n### Chart {chart}\n{}", table(head, rows))
}

/// Reads block mappings, indented by two, with flow values: what a `values.yaml` of ours consists
/// of. A comment belongs to the key right below it.
fn entries(values: &str) -> Vec<Entry> {
    let (mut found, mut path, mut comment) = (Vec::new(), Vec::<String>::new(), String::new());
    for line in values.lines() {
        let text = line.trim_start();
        if let Some(more) = text.strip_prefix('#') {
            let longer = format!("{comment} {}", more.trim());
            longer.trim().clone_into(&mut comment);
            continue;
        }
        let Some((key, value)) = text.split_once(':').filter(|_| !text.starts_with('-')) else {
            comment.clear();
            continue;
        };
        path.truncate((line.len() - text.len()) / 2);
        path.push(key.to_owned());
        let value = value.trim();
        found.push(Entry {
            path: path.clone(),
            default: (!value.is_empty()).then(|| value.to_owned()),
            comment: std::mem::take(&mut comment),
        });
    }
    found
}

/// The schema of the value at a path.
fn find<'a>(schema: &'a Value, path: &[String]) -> Option<&'a Value> {
    let mut here = schema;
    for key in path {
        let object = resolve(schema, here);
        let named = object["properties"].get(key);
        let other = || Some(&object["additionalProperties"]).filter(|other| other.is_object());
        here = named.or_else(other)?;
    }
    Some(resolve(schema, here))
}

fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = schema["$ref"]
        .as_str()
        .and_then(|text| text.strip_prefix('#'));
    pointer
        .and_then(|pointer| root.pointer(pointer))
        .unwrap_or(schema)
}

fn kind(schema: &Value) -> String {
    let words = |value: &Value| {
        let list = value.as_array().into_iter().flatten();
        list.filter_map(Value::as_str)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    if schema["enum"].is_array() {
        let choices = words(&schema["enum"]);
        let quoted = choices.iter().map(|word| match word.as_str() {
            "" => "empty".to_owned(),
            word => code(word),
        });
        return quoted.collect::<Vec<_>>().join(", ");
    }
    match schema["type"].as_str() {
        Some(kind) => kind.to_owned(),
        None => words(&schema["type"]).join(" or "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_value_of_the_charts_is_told() {
        for chart in ["hivewright", "hivewright-crds"] {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../charts");
            let path = format!("{folder}/{chart}/values.yaml");
            let values = std::fs::read_to_string(path).expect("a chart has values");
            let entries = entries(&values);
            assert!(!entries.is_empty(), "{chart} has no values");
            let mute: Vec<_> = entries
                .iter()
                .filter(|entry| entry.default.is_some() && entry.comment.is_empty())
                .map(|entry| entry.path.join("."))
                .collect();
            assert!(mute.is_empty(), "{chart}: no comment above {mute:?}");
        }
    }

    #[test]
    fn a_value_is_told_with_its_comment_type_and_default() {
        let values = "# About a,\n# twice.\na:\n  # Deep.\n  b: 1\nc: \"\"\n# List.\nd: [1, 2]\n";
        let schema = json!({
            "definitions": { "deep": { "type": "integer" } },
            "properties": {
                "a": { "type": "object", "properties": { "b": { "$ref": "#/definitions/deep" } } },
                "c": { "enum": ["", "x"], "description": "From the schema." },
            },
        });
        let text = section("x", values, &schema);
        for row in [
            "| `a` | object |  | About a, twice. |",
            "| `a.b` | integer | `1` | Deep. |",
            "| `c` | empty, `x` | `\"\"` | From the schema. |",
            "| `d` |  | `[1, 2]` | List. |",
        ] {
            assert!(text.contains(row), "{row} is not in {text}");
        }
    }
}

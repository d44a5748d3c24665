//! The fields of an MCPServer, from the schema of its definition.

use serde_json::Value;

use super::table::{code, table};

/// Ends the meaning of a field that is refused.
const NOT_YET: &str = " Does not work yet.";

/// The section, or `None` if the definition has no schema. `unsupported` lists the fields that do
/// not work.
pub(super) fn section(crd: &Value, unsupported: &Value) -> Option<String> {
    let versions = crd["spec"]["versions"].as_array()?;
    let version = versions.iter().find(|version| version["storage"] == true)?;
    let schema = &version["schema"]["openAPIV3Schema"];
    let mut spec = rows("spec", &schema["properties"]["spec"])?;
    for [field, .., meaning] in &mut spec {
        if contains(unsupported, field.trim_matches('`')) {
            meaning.push_str(NOT_YET);
        }
    }
    let status = rows("status", &schema["properties"]["status"]);
    let served: Vec<&str> = versions
        .iter()
        .filter(|version| version["served"] == true)
        .filter_map(|version| version["name"].as_str())
        .collect();
    let group = crd["spec"]["group"].as_str()?;
    let kind = crd["spec"]["names"]["kind"].as_str()?;
    let head = ["field", "type", "default", "meaning"];
    let columns = version["additionalPrinterColumns"].as_array();
    Some(format!(
        "\n## {kind}\n\nGroup `{group}`, served as {} with one schema.\n\n### Fields of spec\n{}{}{}\n\
         ### Fields of status\n{}\n### Columns of `kubectl get`\n{}",
        served
            .iter()
            .map(|name| code(name))
            .collect::<Vec<_>>()
            .join(" and "),
        table(head, spec),
        refused(unsupported),
        rules(schema),
        table(head, status?),
        table(
            ["column", "value", "shown"],
            columns.into_iter().flatten().map(column)
        ),
    ))
}

fn column(column: &Value) -> [String; 3] {
    let wide = column["priority"].as_i64().unwrap_or_default() > 0;
    let shown = if wide { "with `-o wide`" } else { "always" };
    let text = |key: &str| column[key].as_str().unwrap_or_default().to_owned();
    [text("name"), code(&text("jsonPath")), shown.to_owned()]
}

/// The properties of an object and all below them; `None` for what is no object.
fn rows(path: &str, schema: &Value) -> Option<Vec<[String; 4]>> {
    let mut all = Vec::new();
    for (name, property) in schema["properties"].as_object()? {
        let here = format!("{path}.{name}");
        let required = contains(&schema["required"], name);
        let default = match &property["default"] {
            Value::Null if required => "required".to_owned(),
            Value::Null => String::new(),
            Value::String(text) => code(text),
            other => code(&other.to_string()),
        };
        let meaning = property["description"].as_str().unwrap_or_default();
        all.push([code(&here), kind(property), default, meaning.to_owned()]);
        all.extend(rows(&here, property).into_iter().flatten());
        let items = rows(&format!("{here}[]"), &property["items"]);
        all.extend(items.into_iter().flatten());
        let values = rows(&format!("{here}.*"), &property["additionalProperties"]);
        all.extend(values.into_iter().flatten());
    }
    Some(all)
}

fn contains(list: &Value, name: &str) -> bool {
    list.as_array()
        .is_some_and(|list| list.iter().any(|item| item == name))
}

/// A type in words: its choices, its bounds.
fn kind(schema: &Value) -> String {
    if let Some(choices) = schema["enum"].as_array() {
        let words: Vec<String> = choices.iter().filter_map(Value::as_str).map(code).collect();
        return words.join(", ");
    }
    let base = match schema["type"].as_str() {
        Some("array") => format!("list of {}", kind(&schema["items"])),
        Some("object") if schema["additionalProperties"].is_object() => {
            format!("map of {}", kind(&schema["additionalProperties"]))
        }
        Some(kind) => kind.to_owned(),
        None if schema["x-kubernetes-int-or-string"] == true => "integer or string".to_owned(),
        None => "any".to_owned(),
    };
    let bound = |key: &str, word: &str| match &schema[key] {
        Value::Null => String::new(),
        // The definition writes the bounds of integers as 1.0.
        Value::Number(bound) => {
            let bound = bound.to_string();
            format!(", {word} {}", bound.strip_suffix(".0").unwrap_or(&bound))
        }
        Value::String(bound) => format!(", {word} {}", code(bound)),
        bound => format!(", {word} {bound}"),
    };
    [
        base,
        bound("minimum", "from"),
        bound("maximum", "to"),
        bound("minLength", "min length"),
        bound("maxLength", "max length"),
        bound("pattern", "pattern"),
    ]
    .concat()
}

/// The fields that do not work, in a list of their own.
fn refused(unsupported: &Value) -> String {
    let rows = unsupported.as_array().into_iter().flatten();
    let rows: Vec<_> = rows
        .filter_map(|field| Some([code(field.as_str()?)]))
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "\n### Fields that do not work yet\n\nThey are in the schema, so that manifests that leave them unused apply. A spec that asks \
         for one is not accepted: reason `NotSupportedYet`, with the field's name.\n{}",
        table(["field"], rows)
    )
}

/// What the API server itself refuses, beside types.
fn rules(schema: &Value) -> String {
    let mut found = Vec::new();
    collect("", schema, &mut found);
    if found.is_empty() {
        return String::new();
    }
    format!(
        "\n### What the API server refuses by itself\n{}",
        table(["at", "sentence"], found)
    )
}

fn collect(path: &str, schema: &Value, found: &mut Vec<[String; 2]>) {
    let rules = schema["x-kubernetes-validations"].as_array();
    for rule in rules.into_iter().flatten() {
        let at = if path.is_empty() { "the object" } else { path };
        let said = rule["message"].as_str().or_else(|| rule["rule"].as_str());
        found.push([at.to_owned(), said.unwrap_or_default().to_owned()]);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let here = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        collect(&here, property, found);
        collect(&format!("{here}[]"), &property["items"], found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn definition() -> Value {
        json!({ "spec": { "group": "g", "names": { "kind": "K" }, "versions": [{
            "name": "v1", "served": true, "storage": true,
            "additionalPrinterColumns": [{ "name": "URL", "jsonPath": ".status.url", "priority": 1 }],
            "schema": { "openAPIV3Schema": { "properties": {
                "spec": { "required": ["image"], "properties": {
                    "image": { "type": "string", "description": "What runs." },
                    "port": { "type": "integer", "minimum": 1.0, "default": 8080 },
                    "env": { "type": "array", "items": { "type": "object", "properties": {
                        "name": { "type": "string" } } } },
                    "mode": { "enum": ["a", "b"] },
                }, "x-kubernetes-validations": [{ "rule": "r", "message": "Say so." }] },
                "status": { "properties": {} },
            } } },
        }] } })
    }

    #[test]
    fn every_field_is_told_with_type_default_and_meaning() {
        let unsupported = json!(["spec.mode"]);
        let text = section(&definition(), &unsupported).expect("a schema");
        for row in [
            "| `spec.image` | string | required | What runs. |",
            "| `spec.port` | integer, from 1 | `8080` |  |",
            "| `spec.env` | list of object |  |  |",
            "| `spec.env[].name` | string |  |  |",
            "| `spec.mode` | `a`, `b` |  | Does not work yet. |",
            "### Fields that do not work yet",
            "| `spec.mode` |\n",
            "| spec | Say so. |",
            "| URL | `.status.url` | with `-o wide` |",
        ] {
            assert!(text.contains(row), "{row} is not in {text}");
        }
    }

    #[test]
    fn a_definition_without_a_schema_has_no_section() {
        assert_eq!(section(&json!({}), &json!([])), None);
    }
}

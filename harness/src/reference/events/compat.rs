//! Whether who reads events by one schema can read those of another: it may have gained optional
//! properties and words of an enum, and lost or changed nothing.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// How deep a schema may refer to itself before the comparison ends: what is below has been compared.
const DEEPEST: usize = 24;

/// What of `now` breaks those who read by `released`: one sentence for each.
pub(super) fn breaks(released: &Value, now: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let pair = Pair {
        roots: (released, now),
        depth: 0,
    };
    pair.compare("the event", (released, now), &mut found);
    found
}

/// Two schemas, and how deep we are in them.
#[derive(Clone, Copy)]
struct Pair<'a> {
    roots: (&'a Value, &'a Value),
    depth: usize,
}

impl<'a> Pair<'a> {
    fn compare(self, at: &str, pair: (&'a Value, &'a Value), found: &mut Vec<String>) {
        if self.depth == DEEPEST {
            return;
        }
        let deeper = Self {
            depth: self.depth + 1,
            ..self
        };
        let (was, is) = (
            resolved(self.roots.0, pair.0),
            resolved(self.roots.1, pair.1),
        );
        for word in ["type", "format", "const"] {
            if was.get(word) != is.get(word) {
                found.push(format!(
                    "{at} has another {word}: {} was {}",
                    said(is.get(word)),
                    said(was.get(word))
                ));
            }
        }
        words(at, (was, is), found);
        deeper.variants(at, (was, is), found);
        deeper.properties(at, (was, is), found);
        for part in ["items", "additionalProperties"] {
            match (was.get(part), is.get(part)) {
                (Some(was), Some(is)) => deeper.compare(&format!("{at}[]"), (was, is), found),
                (None, None) => {}
                (Some(_), None) | (None, Some(_)) => found.push(format!("{at} has other {part}")),
            }
        }
    }

    /// Every way in which it could be must be one still.
    fn variants(self, at: &str, (was, is): (&'a Value, &'a Value), found: &mut Vec<String>) {
        for word in ["oneOf", "anyOf", "allOf"] {
            let now = list(is, word);
            for (number, variant) in list(was, word).iter().enumerate() {
                let same = now.iter().any(|now| {
                    let mut breaks = Vec::new();
                    self.compare(at, (variant, now), &mut breaks);
                    breaks.is_empty()
                });
                if !same {
                    found.push(format!("{at} has lost or changed variant {}", number + 1));
                }
            }
            if list(was, word).is_empty() != now.is_empty() {
                found.push(format!("{at} has {word} now, or has it no more"));
            }
        }
    }

    fn properties(self, at: &str, (was, is): (&'a Value, &'a Value), found: &mut Vec<String>) {
        let (before, after) = (required(was), required(is));
        for name in after.difference(&before) {
            found.push(format!("{at}.{name} is required now"));
        }
        for name in before.difference(&after) {
            found.push(format!("{at}.{name} is no longer sure to be there"));
        }
        let now = map(is, "properties");
        for (name, property) in map(was, "properties").into_iter().flatten() {
            match now.and_then(|now| now.get(name)) {
                None => found.push(format!("{at}.{name} is gone")),
                Some(now) => self.compare(&format!("{at}.{name}"), (property, now), found),
            }
        }
    }
}

fn words(at: &str, (was, is): (&Value, &Value), found: &mut Vec<String>) {
    let now = list(is, "enum");
    if !list(was, "enum").is_empty() && now.is_empty() {
        found.push(format!("{at} may be anything now"));
    }
    for word in list(was, "enum").iter().filter(|word| !now.contains(word)) {
        found.push(format!("{at} can no longer be {word}"));
    }
}

/// What a schema that only refers to another one refers to.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str();
    let name = name.and_then(|name| name.strip_prefix("#/$defs/"));
    name.map_or(schema, |name| &root["$defs"][name])
}

fn list<'a>(schema: &'a Value, word: &str) -> &'a [Value] {
    schema
        .get(word)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn map<'a>(schema: &'a Value, word: &str) -> Option<&'a Map<String, Value>> {
    schema.get(word).and_then(Value::as_object)
}

fn required(schema: &Value) -> BTreeSet<&str> {
    list(schema, "required")
        .iter()
        .filter_map(Value::as_str)
        .collect()
}

fn said(value: Option<&Value>) -> String {
    value.map_or_else(|| "none".to_owned(), Value::to_string)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn released() -> Value {
        json!({
            "type": "object",
            "required": ["id", "data"],
            "properties": {
                "id": { "type": "string", "description": "as it was" },
                "type": { "type": "string", "enum": ["a.v1", "b.v1"] },
                "data": { "$ref": "#/$defs/Data" },
            },
            "$defs": {
                "Data": {
                    "type": "object",
                    "required": ["count"],
                    "properties": {
                        "count": { "type": "integer", "format": "uint32" },
                        "names": { "type": "array", "items": { "type": "string" } },
                        "severity": { "oneOf": [
                            { "type": "string", "const": "Normal" },
                            { "type": "string", "const": "Warning" },
                        ] },
                        "cause": { "anyOf": [{ "$ref": "#/$defs/Cause" }, { "type": "null" }] },
                        "next": { "anyOf": [{ "$ref": "#/$defs/Data" }, { "type": "null" }] },
                    },
                },
                "Cause": { "type": "object", "properties": { "code": { "type": "integer" } } },
            },
        })
    }

    /// What breaks after this change.
    fn after(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut now = released();
        change(&mut now);
        breaks(&released(), &now)
    }

    #[test]
    fn nothing_changed_breaks_nothing() {
        assert_eq!(after(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn optional_properties_words_variants_and_descriptions_may_be_added() {
        let none = after(|now| {
            now["properties"]["id"]["description"] = json!("otherwise");
            now["properties"]["added"] = json!({ "type": "string" });
            now["properties"]["type"]["enum"] = json!(["a.v1", "b.v1", "c.v1"]);
            now["$defs"]["Data"]["properties"]["added"] = json!({ "type": "string" });
            let severity = &mut now["$defs"]["Data"]["properties"]["severity"]["oneOf"];
            let grave = json!({ "type": "string", "const": "Grave" });
            severity.as_array_mut().unwrap().push(grave);
            now["$defs"]["Cause"]["properties"]["why"] = json!({ "type": "string" });
        });
        assert_eq!(none, Vec::<String>::new());
    }

    #[test]
    fn what_is_removed_is_named() {
        let gone = after(|now| {
            now["$defs"]["Data"]["properties"]
                .as_object_mut()
                .unwrap()
                .remove("names");
        });
        assert!(gone[0].ends_with(".names is gone"), "{gone:?}");
    }

    #[test]
    fn another_type_another_format_and_another_item_break() {
        for (path, value) in [
            ("/$defs/Data/properties/count/type", json!("string")),
            ("/$defs/Data/properties/count/format", json!("int64")),
            ("/$defs/Data/properties/names/items/type", json!("integer")),
            ("/$defs/Cause/properties/code/type", json!("string")),
        ] {
            let found = after(|now| *now.pointer_mut(path).unwrap() = value);
            assert!(!found.is_empty(), "{path}");
        }
    }

    #[test]
    fn a_property_may_neither_become_required_nor_cease_to_be() {
        let more = after(|now| now["required"] = json!(["id", "data", "type"]));
        assert!(more[0].ends_with(".type is required now"), "{more:?}");
        let less = after(|now| now["$defs"]["Data"]["required"] = json!([]));
        assert!(less[0].contains(".count is no longer sure"), "{less:?}");
    }

    #[test]
    fn words_and_variants_may_not_go() {
        let words = after(|now| now["properties"]["type"]["enum"] = json!(["a.v1"]));
        assert!(words[0].contains("b.v1"), "{words:?}");
        let variants = after(|now| {
            now["$defs"]["Data"]["properties"]["severity"]["oneOf"] =
                json!([{ "type": "string", "const": "Normal" }]);
        });
        let lost = "the event.data.severity has lost or changed variant 2".to_owned();
        assert!(variants.contains(&lost), "{variants:?}");
        let optional = after(|now| {
            now["$defs"]["Data"]["properties"]["cause"] = json!({ "$ref": "#/$defs/Cause" });
        });
        assert!(!optional.is_empty());
    }

    #[test]
    fn an_enum_that_becomes_any_word_breaks() {
        let open = after(|now| {
            now["properties"]["type"]
                .as_object_mut()
                .unwrap()
                .remove("enum");
        });
        assert!(!open.is_empty());
    }
}

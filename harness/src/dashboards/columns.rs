//! The columns of a table, from what Grafana is told to make of the answers.

use std::collections::BTreeMap;

use serde_json::Value;

use super::shape::{Cell, Column, steps, unit};

/// What an answer's value is called before it is renamed, followed by its query's letter.
const VALUE: &str = "Value #";

/// The columns, in their order; none if the answers are not rearranged.
pub(super) fn read(transformations: &Value, overrides: &Value) -> Vec<Column> {
    let mut all = transformations.as_array().into_iter().flatten();
    let organized = all.find(|one| one["id"] == "organize");
    let Some(options) = organized.map(|one| &one["options"]) else {
        return Vec::new();
    };
    let order = options["indexByName"].as_object().into_iter().flatten();
    let placed: BTreeMap<u64, &String> = order
        .filter_map(|(field, place)| Some((place.as_u64()?, field)))
        .collect();
    let column = |field: &String| {
        let name = options["renameByName"][field].as_str().unwrap_or(field);
        Column {
            name: name.to_owned(),
            from: cell(field, name, overrides),
        }
    };
    placed.into_values().map(column).collect()
}

fn cell(field: &str, name: &str, overrides: &Value) -> Cell {
    let letter = field.strip_prefix(VALUE).and_then(|end| end.bytes().next());
    let Some(letter) = letter else {
        return Cell::Label(field.to_owned());
    };
    let all = overrides.as_array().into_iter().flatten();
    let mut ours = all.filter(|one| one["matcher"]["options"] == name);
    let properties = ours.next().map_or(&Value::Null, |one| &one["properties"]);
    let get = |id: &str| {
        let mut all = properties.as_array().into_iter().flatten();
        let found = all.find(|property| property["id"] == id);
        found.map_or(&Value::Null, |property| &property["value"])
    };
    Cell::Value {
        index: usize::from(letter.saturating_sub(b'A')),
        unit: unit(get("unit")),
        steps: steps(get("thresholds")),
    }
}

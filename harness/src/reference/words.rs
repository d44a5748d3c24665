//! Phases, conditions, reasons, Kubernetes Events and objects, as the controller tells them.

use serde_json::Value;

use super::table::{code, table};

/// The sections.
pub(super) fn section(facts: &Value) -> String {
    let mut text = String::from("\n## Conditions\n\nAn ellipsis stands for the words of others.\n");
    for condition in list(&facts["conditions"]).filter_map(Value::as_str) {
        let states = &facts["states"][condition];
        text.extend(["\n### ", condition, "\n"]);
        if states.is_null() {
            text.push_str("\nTrue when all the others allow it; otherwise it repeats the reason and sentence of the first thing in the way.\n");
        }
        let rows = list(states).map(|state| row(state, ["status", "reason", "sentence"]));
        text.push_str(&table(["status", "reason", "sentence"], rows));
    }
    text.push_str("\n## Phases\n\n`status.phase`, the STATUS column, is one of ");
    let phases: Vec<String> = list(&facts["phases"])
        .filter_map(Value::as_str)
        .map(code)
        .collect();
    text.push_str(&phases.join(", "));
    text.push_str(".\n\n## Reasons\n\nOne set of words for condition reasons, Event reasons and metric labels.\n");
    let rows = list(&facts["reasons"]).map(|reason| row(reason, ["reason", "meaning"]));
    text.push_str(&table(["reason", "meaning"], rows));
    text.push_str("\n## Kubernetes Events\n\nOn the MCPServer, for `kubectl describe`; a Normal one is shown by an example.\n");
    let keys = ["type", "reason", "action", "note"];
    let rows = list(&facts["events"]).map(|event| row(event, keys));
    text.push_str(&table(keys, rows));
    text.push_str("\n## Objects\n\nWhat the MCPServer NAME becomes.\n");
    let keys = ["part", "object", "name"];
    let rows = list(&facts["parts"]).map(|part| row(part, keys));
    text.push_str(&table(keys, rows));
    text
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn row<const N: usize>(value: &Value, keys: [&str; N]) -> [String; N] {
    keys.map(|key| value[key].as_str().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn states_are_told_under_their_condition_and_ready_is_explained() {
        let facts = json!({
            "conditions": ["BackendReady", "Ready"],
            "phases": ["Pending"],
            "states": { "BackendReady": [{ "status": "True", "reason": "Initialized", "sentence": "Yes." }] },
            "reasons": [{ "reason": "Ready", "meaning": "It is." }],
            "events": [{ "type": "Normal", "reason": "Ready", "action": "Observe", "note": "Now." }],
            "parts": [],
        });
        let text = section(&facts);
        for part in [
            "### BackendReady\n\n| status | reason | sentence |",
            "| True | Initialized | Yes. |",
            "### Ready\n\nTrue when all",
            "| Normal | Ready | Observe | Now. |",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
}

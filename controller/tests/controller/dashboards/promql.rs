//! Queries, read as far as their metrics, labels and reasons.

use serde_json::Value;

/// Every query of a dashboard: panels and variables.
pub(crate) fn queries(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if key == "expr" || key == "definition" => {
                        found.push(text.clone());
                    }
                    other => queries(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| queries(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The metrics that a query names, each with the label names of its selector.
pub(crate) fn selectors(query: &str) -> Vec<(String, Vec<String>)> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mut found = Vec::new();
    let mut rest = query;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let (_, tail) = rest.split_at(start);
        let end = tail.find(|c| !word(c)).unwrap_or(tail.len());
        let (name, after) = tail.split_at(end);
        rest = after;
        if let Some((labels, after)) = after
            .strip_prefix('{')
            .and_then(|tail| tail.split_once('}'))
        {
            let names = labels
                .split(',')
                .filter_map(|pair| pair.split(['=', '!']).next());
            found.push((
                name.to_owned(),
                names.map(|name| name.trim().to_owned()).collect(),
            ));
            rest = after;
        } else if name.starts_with("hivewright_") || name.starts_with("mcp_server_") {
            found.push((name.to_owned(), Vec::new()));
        }
    }
    found
}

/// The labels that a query groups by.
pub(crate) fn groups(query: &str) -> Vec<&str> {
    let lists = query.split("by (").skip(1);
    let lists = lists.filter_map(|rest| Some(rest.split_once(')')?.0.split(", ")));
    lists.flatten().collect()
}

/// The labels that a legend shows.
pub(crate) fn shown(legend: &str) -> Vec<&str> {
    let marks = legend.split("{{").skip(1);
    marks
        .filter_map(|rest| Some(rest.split_once("}}")?.0))
        .collect()
}

/// The words of every choice of reasons in a query; patterns are left out.
pub(crate) fn reasons(query: &str) -> Vec<&str> {
    let choices = query.split("reason=~\"").skip(1);
    let choices = choices.filter_map(|rest| Some(rest.split_once('"')?.0.split('|')));
    let words = choices.flatten();
    words
        .filter(|word| word.chars().all(char::is_alphanumeric))
        .collect()
}

#[test]
fn selectors_are_read_with_their_labels() {
    let query = r#"sum by (le) (rate(hivewright_a_bucket{x=~"$x", y!="1"}[5m])) / hivewright_b"#;
    let expected = vec![
        (
            "hivewright_a_bucket".to_owned(),
            vec!["x".to_owned(), "y".to_owned()],
        ),
        ("hivewright_b".to_owned(), Vec::new()),
    ];
    assert_eq!(selectors(query), expected);
}

#[test]
fn a_recorded_name_is_read_whole() {
    let found = selectors("max by (a) (a:b:rate5m{c=\"d\"}) > 0");
    assert_eq!(found, [("a:b:rate5m".to_owned(), vec!["c".to_owned()])]);
}

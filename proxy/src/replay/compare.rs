//! What is different between a recorded message and the one of now.

use std::fmt;

use serde_json::Value;

/// Places that are told of one message; more say no more.
pub const MAX_DIFFERENCES: usize = 8;
/// Characters of a value that are told.
const MAX_VALUE: usize = 80;

/// One place where two messages differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where, as a JSON pointer (RFC 6901).
    pub at: String,
    /// What was recorded there.
    pub recorded: String,
    /// What is there now.
    pub now: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.at.is_empty() { "/" } else { &self.at };
        write!(out, "{at}: recorded {}, now {}", self.recorded, self.now)
    }
}

/// Where two JSON messages differ as values, apart from their ids; at most [`MAX_DIFFERENCES`]
/// places.
pub(super) fn differences(recorded: &[u8], now: &[u8]) -> Vec<Difference> {
    let mut found = Vec::new();
    if recorded != now {
        let (recorded, now) = (value(recorded), value(now));
        compare(&recorded, &now, &mut String::new(), &mut found);
    }
    found
}

fn value(message: &[u8]) -> Value {
    let text = || Value::String(String::from_utf8_lossy(message).into_owned());
    let mut value = serde_json::from_slice(message).unwrap_or_else(|_| text());
    if let Some(object) = value.as_object_mut() {
        object.remove("id");
    }
    // Sealed with another key each time.
    if let Some(result) = value.get_mut("result").and_then(Value::as_object_mut) {
        result.remove("requestState");
    }
    value
}

fn compare(recorded: &Value, now: &Value, at: &mut String, found: &mut Vec<Difference>) {
    if found.len() == MAX_DIFFERENCES || recorded == now {
        return;
    }
    let length = at.len();
    match (recorded, now) {
        (Value::Object(a), Value::Object(b)) => {
            let more = b.keys().filter(|key| !a.contains_key(*key));
            for key in a.keys().chain(more) {
                at.push('/');
                at.push_str(&key.replace('~', "~0").replace('/', "~1"));
                either(a.get(key), b.get(key), at, found);
                at.truncate(length);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for index in 0..a.len().max(b.len()) {
                at.push('/');
                at.push_str(&index.to_string());
                either(a.get(index), b.get(index), at, found);
                at.truncate(length);
            }
        }
        (a, b) => found.push(difference(Some(a), Some(b), at)),
    }
}

fn either(a: Option<&Value>, b: Option<&Value>, at: &mut String, found: &mut Vec<Difference>) {
    match (a, b) {
        (Some(a), Some(b)) => compare(a, b, at, found),
        (a, b) if found.len() < MAX_DIFFERENCES => found.push(difference(a, b, at)),
        (_, _) => {}
    }
}

fn difference(a: Option<&Value>, b: Option<&Value>, at: &str) -> Difference {
    Difference {
        at: at.to_owned(),
        recorded: told(a),
        now: told(b),
    }
}

fn told(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "nothing".to_owned();
    };
    let text = value.to_string();
    match text.char_indices().nth(MAX_VALUE) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(recorded: &str, now: &str) -> Vec<String> {
        let found = differences(recorded.as_bytes(), now.as_bytes());
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ids_white_space_and_the_order_of_keys_are_no_difference() {
        assert_eq!(
            told(
                r#"{"id":1,"a":1,"b":[2]}"#,
                r#"{ "b": [2], "a": 1, "id": 9 }"#
            ),
            [""; 0]
        );
    }

    #[test]
    fn a_difference_is_told_by_its_place() {
        let (recorded, now) = (
            r#"{"a":[1,{"x/y":"p"}],"c":1}"#,
            r#"{"a":[1,{"x/y":"q"}],"b":2}"#,
        );
        assert_eq!(
            told(recorded, now),
            [
                "/a/1/x~1y: recorded \"p\", now \"q\"",
                "/c: recorded 1, now nothing",
                "/b: recorded nothing, now 2"
            ]
        );
    }

    #[test]
    fn only_so_many_places_are_told() {
        let many = |x: usize| serde_json::to_string(&vec![x; 100]).unwrap();
        assert_eq!(told(&many(1), &many(2)).len(), MAX_DIFFERENCES);
    }
}

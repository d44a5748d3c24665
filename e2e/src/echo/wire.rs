//! One line in, one line out. Ids and texts are copied as they came: what a client gets back is byte
//! for byte what it sent, so a scenario can prove that nothing on the way rewrote it.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use serde::Deserialize;
use serde_json::value::RawValue;

/// A JSON-RPC message as it came in; every part is borrowed from the line.
#[derive(Debug, Deserialize)]
pub(super) struct Incoming<'a> {
    #[serde(borrow, default)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) params: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

/// JSON-RPC 2.0: the method does not exist.
pub(super) const METHOD_NOT_FOUND: i32 = -32601;
/// JSON-RPC 2.0: invalid method parameters. MCP uses it for an unknown tool too.
pub(super) const INVALID_PARAMS: i32 = -32602;

/// The line that answers `id` with `result`, which is JSON already.
pub(super) fn result(id: &str, result: &str) -> String {
    format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{result}}}\n")
}

/// The line that answers `id` with a tool result of one text; `text` is a JSON string already.
pub(super) fn text(id: &str, text: &str) -> String {
    format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":{text}}}]}}}}\n"
    )
}

/// The line that answers `id` with an error.
pub(super) fn error(id: &str, code: i32, message: &str) -> String {
    let message = quote(message);
    format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{{\"code\":{code},\"message\":{message}}}}}\n"
    )
}

/// The line of a notification; `params` is JSON already.
pub(super) fn notification(method: &str, params: &str) -> String {
    format!("{{\"jsonrpc\":\"2.0\",\"method\":\"{method}\",\"params\":{params}}}\n")
}

/// `text` as a JSON string.
pub(super) fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Writes whole lines in one call. A closed stdout is not ours to report: the reader of stdin ends
/// the process soon enough.
pub(super) fn send(lines: &str) {
    let mut stdout = io::stdout().lock();
    let _closed = stdout
        .write_all(lines.as_bytes())
        .and_then(|()| stdout.flush());
}

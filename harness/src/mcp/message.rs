//! JSON-RPC messages as the raw clients make and read them.

#![expect(
    clippy::needless_pass_by_value,
    reason = "callers write the parameters in place, with json!, which borrows what it is given"
)]

use serde_json::{Value, json};

/// A request.
pub fn request(id: impl Into<Value>, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params })
}

/// A notification.
pub fn notification(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

/// `initialize` of a client that can be asked anything.
pub fn initialize(id: impl Into<Value>, client: &str, revision: &str) -> Value {
    let params = json!({
        "protocolVersion": revision,
        "capabilities": { "elicitation": {}, "sampling": {}, "roots": {} },
        "clientInfo": { "name": client, "version": "1" },
    });
    request(id, "initialize", params)
}

/// `notifications/initialized`.
pub fn initialized() -> Value {
    notification("notifications/initialized", json!({}))
}

/// `tools/call`.
pub fn call(id: impl Into<Value>, tool: &str, arguments: Value) -> Value {
    request(
        id,
        "tools/call",
        json!({ "name": tool, "arguments": arguments }),
    )
}

/// `tools/call` that wants progress under `token`.
pub fn call_with_progress(
    id: impl Into<Value>,
    tool: &str,
    arguments: Value,
    token: impl Into<Value>,
) -> Value {
    let meta = json!({ "progressToken": token.into() });
    request(
        id,
        "tools/call",
        json!({ "name": tool, "arguments": arguments, "_meta": meta }),
    )
}

/// The text of a tool's answer, or `None` for an error or another kind of message.
pub fn text(message: &Value) -> Option<&str> {
    message.pointer("/result/content/0/text")?.as_str()
}

/// The code of a JSON-RPC error, or `None` if the message is none.
pub fn error_code(message: &Value) -> Option<i64> {
    message.pointer("/error/code")?.as_i64()
}

/// Whether the message answers a request: it has an id and no method.
pub fn is_answer(message: &Value) -> bool {
    message.get("id").is_some() && message.get("method").is_none()
}

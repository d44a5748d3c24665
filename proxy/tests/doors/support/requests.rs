//! Requests as MCP clients send them.

use axum::{body::Body, http::Request};
use http::request::Builder;
use serde_json::{Value, json};

pub(crate) const BOTH: &str = "application/json, text/event-stream";

/// A request to our own host.
pub(crate) fn request(method: &str, path: &str) -> Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost")
}

/// A POST as a client sends it, in this session.
pub(crate) fn post(session: Option<&str>, body: impl Into<Body>) -> Request<Body> {
    let mut builder = request("POST", "/mcp")
        .header("content-type", "application/json")
        .header("accept", BOTH);
    if let Some(session) = session {
        builder = builder.header("mcp-session-id", session);
    }
    builder.body(body.into()).expect("a request")
}

/// A request without body, in this session.
pub(crate) fn bare(method: &str, path: &str, session: Option<&str>) -> Request<Body> {
    let mut builder = request(method, path).header("accept", "text/event-stream");
    if let Some(session) = session {
        builder = builder.header("mcp-session-id", session);
    }
    builder.body(Body::empty()).expect("a request")
}

pub(crate) fn initialize() -> String {
    initialize_as("2025-11-25")
}

pub(crate) fn initialize_as(revision: &str) -> String {
    let params = json!({
        "protocolVersion": revision,
        "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    rpc(json!(1), "initialize", &params)
}

pub(crate) fn initialized() -> String {
    json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string()
}

pub(crate) fn rpc(id: impl Into<Value>, method: &str, params: &Value) -> String {
    let id: Value = id.into();
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

/// A call of one of the scripted server's tools.
pub(crate) fn call(id: impl Into<Value>, tool: &str, arguments: &Value) -> String {
    let params = json!({
        "name": tool,
        "arguments": arguments,
        "_meta": { "progressToken": "token" },
    });
    rpc(id, "tools/call", &params)
}

/// A GET that reads a stream of this session on.
pub(crate) fn back(session: &str, last: &str) -> Request<Body> {
    let builder = request("GET", "/mcp")
        .header("accept", "text/event-stream")
        .header("mcp-session-id", session)
        .header("last-event-id", last);
    builder.body(Body::empty()).expect("a request")
}

/// A notification for every session, with a number.
pub(crate) fn numbered(number: usize) -> Value {
    json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed",
        "params": { "number": number } })
}

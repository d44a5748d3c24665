//! Requests of 2026-07-28 at the door: each for itself, without a session.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use super::support::{BOTH, World, bare, bytes_of, request, rpc};

pub(crate) fn modern(method: &str, name: Option<&str>, rest: &Value) -> Request<Body> {
    let mut params = rest.clone();
    params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2026-07-28");
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
    let mut builder = request("POST", "/mcp")
        .header("content-type", "application/json")
        .header("accept", BOTH)
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-session-id", "ignored")
        .header("mcp-method", method);
    if let Some(name) = name {
        builder = builder.header("mcp-name", name);
    }
    let body = rpc(7, method, &params);
    builder.body(body.into()).expect("a request")
}

pub(crate) fn call(tool: &str, arguments: &Value) -> Request<Body> {
    let params = json!({ "name": tool, "arguments": arguments, "_meta": { "progressToken": "p" } });
    modern("tools/call", Some(tool), &params)
}

#[tokio::test]
async fn a_call_without_a_session_is_answered_as_json_and_names_no_session() {
    let world = World::new();
    let response = world.send(call("echo", &json!({ "a": 1 }))).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert!(!response.headers().contains_key("mcp-session-id"));
    let body = bytes_of(response).await;
    let answer: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(answer["result"]["resultType"], "complete");
    assert_eq!(world.fleet.gauges().sum.hub.visits, 0);
}

#[tokio::test]
async fn progress_makes_the_answer_a_stream_of_events_without_ids() {
    let world = World::new();
    let response = world.send(call("progress", &json!({ "count": 2 }))).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    let body = bytes_of(response).await;
    let text = String::from_utf8_lossy(&body);
    assert_eq!(text.matches("\"progressToken\":\"p\"").count(), 2, "{text}");
    assert!(
        !text.contains("id: ") && text.contains("resultType"),
        "{text}"
    );
}

#[tokio::test]
async fn refusals_have_their_status_and_the_id_of_the_request() {
    let world = World::new();
    let (status, answer) = world.ask(modern("ping", None, &json!({}))).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!(-32601)));
    assert_eq!(answer["id"], 7);
    let params = json!({ "name": "echo", "arguments": {} });
    let (status, answer) = world
        .ask(modern("tools/call", Some("other"), &params))
        .await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(-32020)));
}

#[tokio::test]
async fn there_is_no_get_and_no_delete() {
    let world = World::new();
    for method in ["GET", "DELETE"] {
        let mut request = bare(method, "/mcp", None);
        let version = "2026-07-28".parse().expect("a value");
        request
            .headers_mut()
            .insert("mcp-protocol-version", version);
        assert_eq!(world.send(request).await.status(), 405, "{method}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_cancels_its_call() {
    let world = World::new();
    let left = tokio::time::timeout(
        std::time::Duration::from_millis(50),
        world.send(call("never", &json!({}))),
    );
    assert!(left.await.is_err(), "it is not answered");
    assert_eq!(world.fleet.gauges().sum.hub.visits, 0);
}

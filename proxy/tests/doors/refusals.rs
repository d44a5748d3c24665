//! Everything that is turned away: the status and the JSON-RPC error that say why.

use axum::{
    body::Body,
    http::{Request, request::Builder},
};
use hivewright_proxy::http::MAX_BODY;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{BOTH, World, bare, call, initialize, post, request, rpc};

fn empty(builder: Builder) -> Request<Body> {
    builder.body(Body::empty()).expect("a request")
}

/// The request is answered with this status and a JSON-RPC error with this code and a null id.
async fn refused(world: &World, request: Request<Body>, status: u16, code: i64) -> Value {
    let (got, body) = world.ask(request).await;
    assert_eq!(got, status, "{body}");
    assert_eq!(body["jsonrpc"], "2.0");
    assert_eq!(body["error"]["code"], code, "{body}");
    assert!(
        body["error"]["message"]
            .as_str()
            .is_some_and(|message| message.len() > 20)
    );
    body
}

#[rstest]
#[case::not_json("{", -32700)]
#[case::empty("", -32700)]
#[case::not_utf8_free_text("hello", -32700)]
#[case::not_json_rpc("{\"id\":1,\"method\":\"ping\"}", -32600)]
#[case::batch("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", -32600)]
#[tokio::test]
async fn a_body_that_is_no_message_is_a_bad_request(#[case] body: &'static str, #[case] code: i64) {
    let world = World::new();
    let session = world.session().await;
    refused(&world, post(Some(&session), body), 400, code).await;
}

#[tokio::test]
async fn a_call_without_session_is_a_bad_request() {
    let world = World::new();
    refused(
        &world,
        post(None, call(json!(1), "echo", &json!({}))),
        400,
        -32000,
    )
    .await;
    refused(&world, bare("GET", "/mcp", None), 400, -32000).await;
    refused(&world, bare("DELETE", "/mcp", None), 400, -32000).await;
}

#[tokio::test]
async fn an_unknown_session_is_not_found_by_any_method() {
    let world = World::new();
    let unknown = Some("0123456789abcdef0123456789abcdef");
    refused(
        &world,
        post(unknown, call(json!(1), "echo", &json!({}))),
        404,
        -32001,
    )
    .await;
    refused(&world, bare("GET", "/mcp", unknown), 404, -32001).await;
    refused(&world, bare("DELETE", "/mcp", unknown), 404, -32001).await;
}

#[tokio::test]
async fn a_deleted_session_is_not_found_any_more() {
    let world = World::new();
    let session = world.session().await;
    let deleted = world.send(bare("DELETE", "/mcp", Some(&session))).await;
    assert_eq!(deleted.status(), 204);
    refused(
        &world,
        post(Some(&session), rpc(json!(2), "ping", &json!({}))),
        404,
        -32001,
    )
    .await;
}

#[tokio::test]
async fn an_unsupported_protocol_version_is_a_bad_request() {
    let world = World::new();
    let session = world.session().await;
    let mut request = post(Some(&session), rpc(json!(2), "ping", &json!({})));
    let version = "1999-01-01".parse().expect("a header value");
    request
        .headers_mut()
        .insert("mcp-protocol-version", version);
    refused(&world, request, 400, -32000).await;
}

#[tokio::test]
async fn a_doubled_session_header_is_a_bad_request() {
    let world = World::new();
    let session = world.session().await;
    let mut request = post(Some(&session), rpc(json!(2), "ping", &json!({})));
    let again = session.parse().expect("a header value");
    request.headers_mut().append("mcp-session-id", again);
    refused(&world, request, 400, -32000).await;
}

#[rstest]
#[case(None)]
#[case(Some("text/plain"))]
#[case(Some("application/x-www-form-urlencoded"))]
#[tokio::test]
async fn a_post_of_another_type_than_json_is_unsupported(#[case] kind: Option<&str>) {
    let world = World::new();
    for path in ["/mcp", "/messages?session_id=x"] {
        let mut builder = request("POST", path).header("accept", BOTH);
        if let Some(kind) = kind {
            builder = builder.header("content-type", kind);
        }
        refused(
            &world,
            builder.body(initialize().into()).expect("a request"),
            415,
            -32000,
        )
        .await;
    }
}

#[rstest]
#[case("POST", "/mcp", "application/json")]
#[case("POST", "/mcp", "text/event-stream")]
#[case("GET", "/mcp", "application/json")]
#[case("GET", "/sse", "text/html")]
#[tokio::test]
async fn an_accept_that_rules_the_answer_out_is_not_acceptable(
    #[case] method: &str,
    #[case] path: &str,
    #[case] accept: &str,
) {
    let world = World::new();
    let builder = request(method, path).header("content-type", "application/json");
    let request = builder.header("accept", accept).body(initialize().into());
    refused(&world, request.expect("a request"), 406, -32000).await;
}

#[rstest]
#[case("PUT", "/mcp", "GET, POST, DELETE")]
#[case("OPTIONS", "/mcp", "GET, POST, DELETE")]
#[case("HEAD", "/mcp", "GET, POST, DELETE")]
#[case("POST", "/sse", "GET")]
#[case("GET", "/messages", "POST")]
#[tokio::test]
async fn another_method_is_not_allowed_and_told_which_are(
    #[case] method: &str,
    #[case] path: &str,
    #[case] allow: &str,
) {
    let response = World::new().send(empty(request(method, path))).await;
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], allow);
}

#[rstest]
#[case("/")]
#[case("/mcp/")]
#[case("/metrics")]
#[case("/sessions")]
#[tokio::test]
async fn an_unknown_path_is_not_found_and_told_the_right_ones(#[case] path: &str) {
    let body = refused(&World::new(), empty(request("GET", path)), 404, -32000).await;
    let message = body["error"]["message"].as_str().expect("a message");
    for known in ["/mcp", "/sse", "/messages"] {
        assert!(message.contains(known), "{message}");
    }
}

#[rstest]
#[case("POST", "/mcp")]
#[case("GET", "/mcp")]
#[case("DELETE", "/mcp")]
#[case("GET", "/sse")]
#[case("POST", "/messages?session_id=x")]
#[tokio::test]
async fn a_foreign_origin_or_host_is_refused_at_every_door(
    #[case] method: &str,
    #[case] path: &str,
) {
    let world = World::new();
    let headers = |builder: Builder| {
        builder
            .header("content-type", "application/json")
            .header("accept", BOTH)
    };
    let origin = headers(request(method, path)).header("origin", "http://evil.example");
    refused(
        &world,
        origin.body(initialize().into()).expect("a request"),
        403,
        -32000,
    )
    .await;
    let host = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "evil.example");
    let host = headers(host).body(initialize().into()).expect("a request");
    refused(&world, host, 421, -32000).await;
}

/// The origin that the response lets read it, if any.
async fn readable_by(
    world: &World,
    mut request: Request<Body>,
    origin: &str,
) -> (u16, Option<String>) {
    request
        .headers_mut()
        .insert("origin", origin.parse().expect("a header value"));
    let response = world.send(request).await;
    let allowed = response.headers().get("access-control-allow-origin");
    let allowed = allowed.map(|origin| origin.to_str().expect("ASCII").to_owned());
    (response.status().as_u16(), allowed)
}

#[tokio::test]
async fn only_pages_of_a_configured_origin_may_read_answers() {
    let world = World::new();
    let ours = "https://app.example.com";
    let allowed = readable_by(&world, post(None, initialize()), ours).await;
    assert_eq!(allowed, (200, Some(ours.to_owned())));
    let preflight = readable_by(&world, empty(request("OPTIONS", "/mcp")), ours).await;
    assert_eq!(preflight, (204, Some(ours.to_owned())));
    let loopback = "http://localhost:6274";
    assert_eq!(
        readable_by(&world, post(None, initialize()), loopback).await,
        (200, None)
    );
    let preflight = readable_by(&world, empty(request("OPTIONS", "/mcp")), loopback).await;
    assert_eq!(preflight, (405, None));
    let foreign = readable_by(&world, post(None, initialize()), "http://evil.example").await;
    assert_eq!(foreign, (403, None));
}

#[tokio::test]
async fn a_body_past_the_bound_is_too_large_and_one_of_the_bound_is_read() {
    let world = World::new();
    let session = world.session().await;
    let large = " ".repeat(MAX_BODY + 1);
    refused(&world, post(Some(&session), large), 413, -32600).await;
    refused(
        &world,
        post(Some(&session), " ".repeat(MAX_BODY)),
        400,
        -32700,
    )
    .await;
}

#[tokio::test]
async fn a_message_without_or_with_an_unknown_session_is_refused() {
    let world = World::new();
    let message = |path| {
        let builder = request("POST", path).header("content-type", "application/json");
        builder.body(initialize().into()).expect("a request")
    };
    refused(&world, message("/messages"), 400, -32000).await;
    refused(&world, message("/messages?session_id=unknown"), 404, -32001).await;
}

#[tokio::test]
async fn the_request_id_is_echoed_or_made_also_on_a_refusal() {
    let world = World::new();
    let sent = empty(request("GET", "/nowhere").header("x-request-id", "abc-123"));
    assert_eq!(world.send(sent).await.headers()["x-request-id"], "abc-123");
    let made = world.send(empty(request("GET", "/nowhere"))).await;
    assert!(made.headers()["x-request-id"].len() >= 10);
}

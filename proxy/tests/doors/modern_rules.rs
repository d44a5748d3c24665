//! What every request of 2026-07-28 is held to, by its HTTP status (Streamable HTTP of that
//! revision), and what no answer to one may have.

use std::time::Duration;

use axum::{body::Body, http::Request};
use hivewright_proxy::http::KEEP_ALIVE;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    modern::{call, modern},
    support::{Event, Events, World, initialize, json_of, post, rpc, server},
};

const META: &str = "io.modelcontextprotocol/";

fn with(mut request: Request<Body>, header: &'static str, value: &str) -> Request<Body> {
    let value = value.parse().expect("a value");
    request.headers_mut().insert(header, value);
    request
}

fn without(mut request: Request<Body>, header: &str) -> Request<Body> {
    request.headers_mut().remove(header);
    request
}

fn listed() -> Request<Body> {
    modern("tools/list", None, &json!({}))
}

/// Without the session id that the others carry to be ignored.
fn alone() -> Request<Body> {
    without(listed(), "mcp-session-id")
}

fn echo() -> Request<Body> {
    call("echo", &json!({}))
}

#[rstest]
#[case::no_version(without(alone(), "mcp-protocol-version"))]
#[case::another_version(with(alone(), "mcp-protocol-version", "2025-11-25"))]
#[case::no_method(without(listed(), "mcp-method"))]
#[case::another_method(with(listed(), "mcp-method", "tools/call"))]
#[case::a_method_in_capitals(with(listed(), "mcp-method", "Tools/List"))]
#[case::no_name(without(echo(), "mcp-name"))]
#[case::another_name(with(echo(), "mcp-name", "Echo"))]
#[case::a_name_that_is_no_base64(with(echo(), "mcp-name", "=?base64?%%%?="))]
#[tokio::test]
async fn headers_that_do_not_mirror_the_body_are_bad_requests(#[case] request: Request<Body>) {
    let (status, answer) = World::new().ask(request).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(-32020)));
    assert_eq!(answer["id"], 7);
}

#[tokio::test]
async fn a_name_may_be_written_as_base64_and_header_names_in_any_case() {
    let world = World::new();
    let encoded = with(echo(), "mcp-name", "=?base64?ZWNobw==?=");
    assert_eq!(world.ask(encoded).await.0, 200);
}

#[tokio::test]
async fn a_version_that_nobody_speaks_is_refused_with_those_that_are_spoken() {
    let world = World::new();
    let params = json!({ "_meta": {
        format!("{META}protocolVersion"): "2099-01-01", format!("{META}clientCapabilities"): {} } });
    let request = post(None, rpc(7, "tools/list", &params));
    let request = with(request, "mcp-method", "tools/list");
    let request = with(request, "mcp-protocol-version", "2099-01-01");
    let (status, answer) = world.ask(request).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(-32022)));
    let supported = answer["error"]["data"]["supported"].as_array();
    assert!(supported.is_some_and(|all| all.contains(&json!("2026-07-28"))));
    assert_eq!(answer["error"]["data"]["requested"], "2099-01-01");
}

#[rstest]
#[case::no_meta(json!({}))]
#[case::no_capabilities(json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28" }))]
#[tokio::test]
async fn metadata_that_every_request_must_have_is_asked_for(#[case] meta: Value) {
    let request = post(None, rpc(7, "tools/list", &json!({ "_meta": meta })));
    let request = with(request, "mcp-method", "tools/list");
    let request = with(request, "mcp-protocol-version", "2026-07-28");
    let (status, answer) = World::new().ask(request).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(-32602)));
    assert_eq!(answer["id"], 7);
}

#[rstest]
#[case("ping")]
#[case("initialize")]
#[case("logging/setLevel")]
#[case("resources/subscribe")]
#[case("resources/unsubscribe")]
#[case::not_offered_by_this_server("prompts/list")]
#[tokio::test]
async fn a_method_that_is_not_there_is_not_found(#[case] method: &str) {
    let (status, answer) = World::new().ask(modern(method, None, &json!({}))).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!(-32601)));
    assert_eq!(answer["id"], 7);
}

#[rstest]
#[case::response(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#)]
#[case::batch(r#"[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]"#)]
#[tokio::test]
async fn what_is_no_request_and_no_notification_is_bad(#[case] body: &'static str) {
    let request = with(post(None, body), "mcp-protocol-version", "2026-07-28");
    assert_eq!(World::new().ask(request).await.0, 400);
}

#[tokio::test]
async fn media_types_are_as_strict_as_for_sessions() {
    let world = World::new();
    let plain = with(listed(), "content-type", "text/plain");
    assert_eq!(world.ask(plain).await.0, 415);
    let deaf = with(listed(), "accept", "application/json");
    assert_eq!(world.ask(deaf).await.0, 406);
}

#[tokio::test]
async fn discover_lists_and_results_say_their_kind_and_how_long_they_hold() {
    let world = World::new();
    for method in ["server/discover", "tools/list"] {
        let (status, answer) = world.ask(modern(method, None, &json!({}))).await;
        let result = &answer["result"];
        assert_eq!((status, &result["resultType"]), (200, &json!("complete")));
        assert_eq!(
            (&result["ttlMs"], &result["cacheScope"]),
            (&json!(0), &json!("private"))
        );
    }
    let (_, answer) = world.ask(modern("server/discover", None, &json!({}))).await;
    let versions = answer["result"]["supportedVersions"].as_array();
    assert!(versions.is_some_and(|all| all.contains(&json!("2026-07-28"))));
}

#[tokio::test]
async fn no_answer_of_any_kind_names_a_session_and_none_is_opened() {
    let world = World::new();
    let listen = modern(
        "subscriptions/listen",
        None,
        &json!({ "notifications": {} }),
    );
    for request in [
        listed(),
        echo(),
        call("progress", &json!({ "count": 1 })),
        modern("ping", None, &json!({})),
        without(listed(), "mcp-method"),
        listen,
    ] {
        let response = world.send(request).await;
        assert!(!response.headers().contains_key("mcp-session-id"));
    }
    assert_eq!(world.bridge.gauges().hub.sessions, 0);
    let scrape = world.scrape();
    assert!(!scrape.contains("hivewright_proxy_sessions_opened_total{"));
}

#[tokio::test]
async fn initialize_opens_a_session_though_other_requests_come_without() {
    let world = World::new();
    assert_eq!(world.ask(echo()).await.0, 200);
    let opened = world.send(post(None, initialize())).await;
    assert_eq!(opened.status(), 200);
    assert!(opened.headers().contains_key("mcp-session-id"));
    let answer = json_of(opened).await;
    assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
}

#[tokio::test]
async fn the_server_is_told_that_a_client_that_leaves_has_cancelled() {
    let world = World::without_server();
    let mut queue = world.bridge.server_up();
    server::greet(&world.bridge, &mut queue).await;
    let sent = tokio::spawn(tower::ServiceExt::oneshot(
        world.router.clone(),
        call("any", &json!({})),
    ));
    let at_server = server::read_method(&mut queue, "tools/call").await;
    sent.abort();
    let cancelled = server::read_method(&mut queue, "notifications/cancelled").await;
    assert_eq!(cancelled["params"]["requestId"], at_server["id"]);
}

#[tokio::test(start_paused = true)]
async fn a_listen_is_acknowledged_first_and_then_kept_alive_by_comments() {
    let world = World::new();
    let wants = json!({ "notifications": { "toolsListChanged": true } });
    let listen = modern("subscriptions/listen", None, &wants);
    let mut events = Events::of(world.send(listen).await);
    let acknowledged = events.message().await.expect("an acknowledgement");
    let method = "notifications/subscriptions/acknowledged";
    assert_eq!(acknowledged["method"], method);
    let start = Instant::now();
    for beat in 1..=3 {
        assert_eq!(events.next().await, Some(Event::Comment));
        assert_eq!(start.elapsed(), KEEP_ALIVE * beat);
    }
    assert_eq!(events.last_id, None);
    assert!(world.bridge.gauges().hub.listens > 0);
    drop(events);
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(world.bridge.gauges().hub.listens, 0);
}

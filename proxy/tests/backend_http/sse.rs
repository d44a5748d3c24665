//! HTTP with SSE (MCP 2024-11-05).

use axum::http::StatusCode;
use hivewright_bridge::line::MAX_LINE;
use hivewright_proxy::backend::http::{Broken, Fault, HttpEnd, Kind};
use rstest::rstest;
use serde_json::json;

use crate::support::{
    Heard, Pipe,
    script::{SseServer, accept, event, plain},
    serve,
};

#[rstest]
#[case::path("/messages/?session_id=1", "/messages/?session_id=1")]
#[case::url("http://elsewhere:9/messages?a=b", "/messages?a=b")]
#[case::relative("messages", "/messages")]
#[case::query("?session=1", "/sse?session=1")]
#[tokio::test]
async fn messages_go_where_the_first_event_says_but_never_to_another_host(
    #[case] endpoint: &'static str,
    #[case] expected: &str,
) {
    let server = SseServer::new(endpoint);
    // A POST to the stream's own path needs a route of its own there.
    let post = axum::routing::post({
        let server = server.clone();
        move |uri: axum::http::Uri, body: axum::body::Bytes| async move {
            let request = serde_json::from_slice(&body).unwrap();
            server.say(event(&plain(&request)));
            assert_eq!(uri, "/sse?session=1");
            StatusCode::ACCEPTED
        }
    });
    let (address, _serving) = serve(server.router(accept).route("/sse", post)).await;
    let mut pipe = Pipe::to(address, Kind::Sse).await;
    pipe.call(0, "initialize").await;
    assert_eq!(pipe.answer().await["id"], 0);
    if let Some(seen) = server.log.all().first() {
        assert_eq!(seen.uri, expected);
        assert_eq!(seen.header("host"), "osv-0.mcp-osv-headless.ns.svc:8080");
        assert_eq!(seen.header("content-type"), "application/json");
    } else {
        assert_eq!(expected, "/sse?session=1");
    }
}

#[tokio::test]
async fn answers_and_the_servers_own_messages_come_line_by_line() {
    let server = SseServer::new("/messages");
    let (address, _serving) = serve(server.router(accept)).await;
    let mut pipe = Pipe::open(address, Kind::Sse).await;
    pipe.call(1, "tools/list").await;
    assert_eq!(pipe.answer().await["result"]["method"], "tools/list");
    let first = server.log.whats();
    assert_eq!(
        first,
        ["initialize", "notifications/initialized", "tools/list"]
    );

    server.say(": keep-alive\n\n");
    server.say("data: {\"jsonrpc\":\"2.0\",\r\ndata:\t\"method\":\"a\\nb\",\ndata: \"params\":{\"x\":1.50}}\n\n");
    assert_eq!(
        pipe.line().await,
        "{\"jsonrpc\":\"2.0\", \t\"method\":\"a\\nb\", \"params\":{\"x\":1.50}}"
    );
    server.say("event: other\ndata: {}\n\nevent: message\ndata:\n\n");
    for byte in event(&json!({"last": true})).into_bytes() {
        server.say(vec![byte]);
    }
    assert_eq!(pipe.answer().await, json!({"last": true}));
}

#[tokio::test]
async fn the_end_of_the_stream_is_the_end_of_the_session() {
    let server = SseServer::new("/messages");
    let (address, _serving) = serve(server.router(accept)).await;
    let mut pipe = Pipe::open(address, Kind::Sse).await;
    server.hang_up();
    let lost = HttpEnd::Lost(Fault::ConnectionLost(Broken::Closed));
    assert_eq!(pipe.end().await, lost);
}

#[tokio::test]
async fn a_killed_server_is_lost() {
    let server = SseServer::new("/messages");
    let (address, serving) = serve(server.router(accept)).await;
    let mut pipe = Pipe::open(address, Kind::Sse).await;
    drop(serving);
    let end = pipe.end().await;
    let HttpEnd::Lost(Fault::ConnectionLost(_)) = end else {
        panic!("{end:?}");
    };
}

#[tokio::test]
async fn a_message_past_the_bound_is_counted_and_the_others_come() {
    let server = SseServer::new("/messages");
    let (address, _serving) = serve(server.router(accept)).await;
    let mut pipe = Pipe::open(address, Kind::Sse).await;
    server.say("data: ");
    for _ in 0..=MAX_LINE / (1024 * 1024) {
        server.say(vec![b'x'; 1024 * 1024]);
    }
    server.say("\n\n");
    assert_eq!(pipe.heard().await, Heard::Oversized(MAX_LINE + 1024 * 1024));
    pipe.call(1, "ping").await;
    assert_eq!(pipe.answer().await["id"], 1);
}

#[tokio::test]
async fn a_refused_post_fails_its_call_and_no_other() {
    let server = SseServer::new("/messages");
    let router = server.router(|server: &SseServer, seen| match seen.what() {
        "tools/call" => (StatusCode::UNAUTHORIZED, "token missing"),
        _ => (accept(server, seen), ""),
    });
    let (address, _serving) = serve(router).await;
    let mut pipe = Pipe::open(address, Kind::Sse).await;
    pipe.call(1, "tools/call").await;
    let error = &pipe.answer().await["error"];
    assert_eq!(
        error["message"],
        "the server answered this call with HTTP 401 Unauthorized: token missing"
    );
    assert_eq!(
        error["data"],
        json!({"reason": "http_status", "status": 401})
    );
    pipe.call(2, "tools/list").await;
    assert_eq!(pipe.answer().await["id"], 2);
}

#[tokio::test]
async fn a_session_that_the_server_forgot_is_lost() {
    let server = SseServer::new("/messages");
    let router = server.router(|server: &SseServer, seen| match seen.what() {
        "tools/call" => StatusCode::NOT_FOUND,
        _ => accept(server, seen),
    });
    let (address, _serving) = serve(router).await;
    let mut pipe = Pipe::open(address, Kind::Sse).await;
    pipe.call(1, "tools/call").await;
    let lost = HttpEnd::Lost(Fault::ConnectionLost(Broken::Forgotten));
    assert_eq!(pipe.end().await, lost);
}

#[tokio::test]
async fn a_server_that_answers_the_post_late_holds_no_other_call_back() {
    use axum::{body::Bytes, extract::State, routing::post};

    let server = SseServer::new("/slow");
    let slow = |State(server): State<SseServer>, body: Bytes| async move {
        let request: serde_json::Value = serde_json::from_slice(&body).unwrap();
        if request["method"] == "hang" {
            std::future::pending::<()>().await;
        }
        if !request["id"].is_null() {
            server.say(event(&plain(&request)));
        }
        StatusCode::OK
    };
    let slow = axum::Router::new()
        .route("/slow", post(slow))
        .with_state(server.clone());
    let (address, _serving) = serve(server.router(accept).merge(slow)).await;
    let mut pipe = Pipe::open(address, Kind::Sse).await;
    pipe.call(1, "hang").await;
    pipe.call(2, "tools/list").await;
    assert_eq!(pipe.answer().await["id"], 2);
}

#[tokio::test]
async fn shutdown_and_a_dropped_server_end_the_pump() {
    let server = SseServer::new("/messages");
    let (address, _serving) = serve(server.router(accept)).await;
    let mut pipe = Pipe::open(address, Kind::Sse).await;
    pipe.shutdown.cancel();
    assert_eq!(pipe.end().await, HttpEnd::Shutdown);
    let pipe = Pipe::open(address, Kind::Sse).await;
    assert_eq!(pipe.drop_server().await, HttpEnd::Dropped);
}

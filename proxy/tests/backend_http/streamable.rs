//! Streamable HTTP (MCP 2025-03-26 and later) with servers that behave.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::Request,
    http::{StatusCode, Uri},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::any,
};
use hivewright_proxy::backend::http::{HttpEnd, Kind};
use parking_lot::Mutex;
use serde_json::json;
use tokio::{sync::Notify, time::timeout};

use crate::support::{
    Pipe,
    script::{Log, Seen, VERSION, event, events, good, open_events, plain, streamable},
    serve,
};

#[tokio::test]
async fn what_initialize_agreed_on_travels_in_every_later_header() {
    let log = Log::default();
    let (address, _serving) = serve(streamable(&log, good)).await;
    let mut pipe = Pipe::open(address, Kind::StreamableHttp).await;
    pipe.call(1, "tools/list").await;
    assert_eq!(pipe.answer().await["result"]["method"], "tools/list");
    let first = log.first("initialize");
    assert_eq!(
        first.header("accept"),
        "application/json, text/event-stream"
    );
    assert_eq!(first.header("host"), "osv-0.mcp-osv-headless.ns.svc:8080");
    assert_eq!(
        (
            first.header("mcp-session-id"),
            first.header("mcp-protocol-version")
        ),
        ("", "")
    );
    for what in ["notifications/initialized", "tools/list"] {
        let seen = log.first(what);
        assert_eq!(seen.header("mcp-session-id"), "s-1", "{what}");
        assert_eq!(seen.header("mcp-protocol-version"), VERSION, "{what}");
    }
}

#[tokio::test]
async fn initialized_is_posted_before_any_call() {
    let log = Log::default();
    let (address, _serving) = serve(streamable(&log, good)).await;
    let mut pipe = Pipe::open(address, Kind::StreamableHttp).await;
    for id in 1..=20 {
        pipe.call(id, "ping").await;
    }
    for _ in 1..=20 {
        pipe.answer().await;
    }
    let posts: Vec<_> = log
        .whats()
        .into_iter()
        .filter(|what| what != "GET")
        .collect();
    assert_eq!(posts[..2], ["initialize", "notifications/initialized"]);
    assert_eq!(posts.len(), 22);
}

/// How long a server that must hear nothing listens for it. Only a failure ends the wait early, so
/// that a busy machine makes the test weaker and never wrong.
const SILENCE: Duration = Duration::from_millis(300);

#[tokio::test]
async fn nothing_is_sent_before_the_server_has_taken_initialized() {
    let (log, early) = (Log::default(), Arc::new(Mutex::new(None)));
    let heard = Arc::new(Notify::new());
    let (inner, found) = (streamable(&log, good), early.clone());
    let router = inner.layer(middleware::from_fn(move |request: Request, next: Next| {
        let (heard, found, log) = (heard.clone(), found.clone(), log.clone());
        async move {
            // The log has the request once the server has answered it.
            let opening = log.whats() == ["initialize"] && found.lock().is_none();
            heard.notify_waiters();
            let arrived = heard.notified();
            let response = next.run(request).await;
            if opening {
                *found.lock() = Some(timeout(SILENCE, arrived).await.is_ok());
            }
            response
        }
    }));
    let (address, _serving) = serve(router).await;
    let mut pipe = Pipe::to(address, Kind::StreamableHttp).await;
    pipe.call(0, "initialize").await;
    pipe.answer().await;
    pipe.note("notifications/initialized").await;
    for id in 1..=3 {
        pipe.call(id, "ping").await;
    }
    for _ in 1..=3 {
        pipe.answer().await;
    }
    assert_eq!(*early.lock(), Some(false), "whether anything came early");
}

#[tokio::test]
async fn answers_are_bodies_of_any_layout_batches_or_events() {
    let log = Log::default();
    let router = streamable(&log, |seen: &Seen| match seen.what() {
        "pretty" => {
            let text = "{\r\n  \"jsonrpc\": \"2.0\",\n  \"id\": 1,\n  \"result\": {\"a\": \"x\\ny\", \"n\": 1.50}\n}\n";
            ([("content-type", "application/json; charset=utf-8")], text).into_response()
        }
        "batch" => {
            let note = json!({"jsonrpc": "2.0", "method": "notifications/message"});
            Json(json!([note, plain(&seen.body)])).into_response()
        }
        "events" => {
            let note = json!({"jsonrpc": "2.0", "method": "notifications/progress"});
            events([event(&note), event(&plain(&seen.body))])
        }
        _ => good(seen),
    });
    let (address, _serving) = serve(router).await;
    let mut pipe = Pipe::open(address, Kind::StreamableHttp).await;
    pipe.call(1, "pretty").await;
    assert_eq!(
        pipe.line().await.trim_end(),
        "{    \"jsonrpc\": \"2.0\",   \"id\": 1,   \"result\": {\"a\": \"x\\ny\", \"n\": 1.50} }"
    );
    pipe.call(2, "batch").await;
    assert_eq!(pipe.answer().await[1]["id"], 2);
    pipe.call(3, "events").await;
    assert_eq!(pipe.answer().await["method"], "notifications/progress");
    assert_eq!(pipe.answer().await["id"], 3);
    pipe.call(4, "ping").await;
    assert_eq!(
        pipe.answer().await["id"],
        4,
        "nothing else came for the others"
    );
}

#[tokio::test]
async fn the_servers_own_messages_come_on_a_stream_that_is_opened_again() {
    let log = Log::default();
    let router = streamable(&log, |seen: &Seen| -> Response {
        match (seen.what(), seen.header("last-event-id")) {
            ("GET", "") => events(["retry: 100\nid: 7\ndata: {\"n\":1}\n\n"]),
            ("GET", _) => open_events(["data: {\"n\":2}\n\n"]),
            _ => good(seen),
        }
    });
    let (address, _serving) = serve(router).await;
    let mut pipe = Pipe::open(address, Kind::StreamableHttp).await;
    assert_eq!(pipe.answer().await, json!({"n": 1}));
    assert_eq!(pipe.answer().await, json!({"n": 2}));
    let gets: Vec<_> = log
        .all()
        .into_iter()
        .filter(|seen| seen.what() == "GET")
        .collect();
    assert_eq!(gets[1].header("last-event-id"), "7");
    assert_eq!(gets[0].header("accept"), "text/event-stream");
    assert_eq!(gets[0].header("mcp-session-id"), "s-1");
}

#[tokio::test]
async fn a_redirect_within_the_server_is_followed_once_and_for_all() {
    let log = Log::default();
    let at = streamable(&log, good);
    let moved = any(|| async {
        (
            StatusCode::TEMPORARY_REDIRECT,
            [("location", "http://evil:1/in/mcp")],
        )
    });
    let router = Router::new().nest("/in", at).route("/mcp", moved);
    let (address, _serving) = serve(router).await;
    let mut pipe = Pipe::open(address, Kind::StreamableHttp).await;
    pipe.call(1, "ping").await;
    assert_eq!(pipe.answer().await["id"], 1);
    let uris: Vec<Uri> = log.all().into_iter().map(|seen| seen.uri).collect();
    assert!(
        uris.iter().all(|uri| uri == "/mcp" || uri == "/in/mcp"),
        "{uris:?}"
    );
}

#[tokio::test]
async fn shutdown_ends_the_session_at_the_server() {
    for dropped in [false, true] {
        let log = Log::default();
        let (address, _serving) = serve(streamable(&log, good)).await;
        let mut pipe = Pipe::open(address, Kind::StreamableHttp).await;
        if dropped {
            assert_eq!(pipe.drop_server().await, HttpEnd::Dropped);
        } else {
            pipe.shutdown.cancel();
            assert_eq!(pipe.end().await, HttpEnd::Shutdown);
        }
        assert_eq!(log.first("DELETE").header("mcp-session-id"), "s-1");
    }
}

#[tokio::test]
async fn a_server_without_sessions_is_given_no_id_and_no_farewell() {
    let log = Log::default();
    let router = streamable(&log, |seen: &Seen| match seen.what() {
        "initialize" => Json(plain(&seen.body)).into_response(),
        _ => good(seen),
    });
    let (address, _serving) = serve(router).await;
    let mut pipe = Pipe::open(address, Kind::StreamableHttp).await;
    pipe.call(1, "ping").await;
    pipe.answer().await;
    pipe.shutdown.cancel();
    assert_eq!(pipe.end().await, HttpEnd::Shutdown);
    assert!(
        log.all()
            .iter()
            .all(|seen| seen.header("mcp-session-id").is_empty())
    );
    assert!(!log.whats().contains(&"DELETE".to_owned()));
}

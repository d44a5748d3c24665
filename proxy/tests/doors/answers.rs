//! How a POST on `/mcp` is answered: as JSON, as events, or not at all.

use std::time::Duration;

use hivewright_proxy::http::{ANSWER_WAIT, KEEP_ALIVE};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{
    Event, Events, World, bare, bytes_of, call, echoed, initialized, json_of, post, rpc, server,
};

#[tokio::test]
async fn one_message_is_answered_as_json() {
    let world = World::new();
    let session = world.session().await;
    let response = world
        .send(post(
            Some(&session),
            call(json!("a"), "echo", &json!({"x": 1})),
        ))
        .await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert!(response.headers().get("mcp-session-id").is_none());
    assert_eq!(
        json_of(response).await,
        echoed(&json!("a"), &json!({"x": 1}))
    );
}

#[tokio::test]
async fn session_ids_are_visible_ascii_and_differ() {
    let world = World::new();
    let (one, other) = (world.session().await, world.session().await);
    assert_ne!(one, other);
    assert!(one.len() >= 32 && one.bytes().all(|byte| (0x21..=0x7e).contains(&byte)));
}

#[tokio::test]
async fn a_notification_is_accepted_without_a_body() {
    let world = World::new();
    let session = world.session().await;
    let response = world.send(post(Some(&session), initialized())).await;
    assert_eq!(response.status(), 202);
    assert!(bytes_of(response).await.is_empty());
}

#[tokio::test]
async fn progress_comes_on_the_callers_stream_and_nowhere_else() {
    let world = World::new();
    let (caller, other) = (world.session().await, world.session().await);
    let mut listening = Events::of(world.send(bare("GET", "/mcp", Some(&caller))).await);
    let mut elsewhere = Events::of(world.send(bare("GET", "/mcp", Some(&other))).await);

    let request = call(json!(7), "progress", &json!({"count": 3}));
    let mut events = Events::of(world.send(post(Some(&caller), request)).await);
    for step in 1..=3 {
        let progress = events.message().await.expect("progress");
        assert_eq!(
            progress["params"],
            json!({"progressToken": "token", "progress": step})
        );
    }
    assert_eq!(
        events.message().await,
        Some(echoed(&json!(7), &json!({"count": 3})))
    );
    assert_eq!(events.next().await, None);

    // The next thing that either listener reads is a message that is meant for all.
    let changed = json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"});
    server::say(&world.bridge, &changed);
    assert_eq!(listening.message().await, Some(changed.clone()));
    assert_eq!(elsewhere.message().await, Some(changed));
}

#[tokio::test(start_paused = true)]
async fn a_call_without_a_word_becomes_a_stream_with_keep_alive_comments() {
    let world = World::new();
    let session = world.session().await;
    let start = Instant::now();
    let request = post(Some(&session), call(json!(1), "never", &json!({})));
    let mut events = Events::of(world.send(request).await);
    assert_eq!(start.elapsed(), ANSWER_WAIT);
    for beat in 1..=3 {
        assert_eq!(events.next().await, Some(Event::Comment));
        assert_eq!(start.elapsed(), ANSWER_WAIT + KEEP_ALIVE * beat);
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_listener_gets_a_comment_within_the_keep_alive_time() {
    let world = World::new();
    let session = world.session().await;
    let mut events = Events::of(world.send(bare("GET", "/mcp", Some(&session))).await);
    let start = Instant::now();
    assert_eq!(events.next().await, Some(Event::Comment));
    assert_eq!(start.elapsed(), KEEP_ALIVE);
}

#[tokio::test]
async fn garbage_on_stdout_is_counted_and_the_answer_is_good() {
    let world = World::new();
    let session = world.session().await;
    let (status, answer) = world
        .ask(post(Some(&session), call(json!(1), "garbage", &json!({}))))
        .await;
    assert_eq!((status, answer), (200, echoed(&json!(1), &json!({}))));
    assert!(
        world
            .scrape()
            .contains("hivewright_proxy_stdout_garbage_lines_total 1")
    );
}

#[tokio::test]
async fn a_client_that_leaves_does_not_cancel_its_call_and_its_session_goes_on() {
    let world = World::without_server();
    let mut queue = world.bridge.server_up();
    server::greet(&world.bridge, &mut queue).await;
    let session = world.session().await;
    let router = world.router.clone();
    let leaving = post(Some(&session), call(json!(1), "any", &json!({})));
    let sent = tokio::spawn(tower::ServiceExt::oneshot(router, leaving));
    let line = loop {
        let line = queue.recv().await.expect("a line");
        if line.windows(10).any(|window| window == b"tools/call") {
            break line;
        }
    };
    sent.abort();
    assert!(sent.await.is_err_and(|error| error.is_cancelled()));

    let waiting = tokio::time::timeout(Duration::from_millis(50), queue.recv()).await;
    assert!(waiting.is_err(), "nothing is written to the server for it");
    let request: serde_json::Value = serde_json::from_slice(&line).expect("JSON");
    let late = json!({"jsonrpc": "2.0", "id": request["id"], "result": {}});
    server::say(&world.bridge, &late);

    let accepted = world.send(post(Some(&session), initialized())).await;
    assert_eq!(accepted.status(), 202);
    let (status, _) = world
        .ask(post(Some(&session), rpc(json!(2), "ping", &json!({}))))
        .await;
    assert_eq!(status, 200);
    assert!(
        world
            .scrape()
            .contains(r#"http_requests_total{door="mcp",status="gone"} 1"#)
    );
}

#[tokio::test]
async fn the_post_of_a_cancelled_call_ends_as_an_empty_stream_and_not_as_an_error() {
    let world = World::without_server();
    let mut queue = world.bridge.server_up();
    server::greet(&world.bridge, &mut queue).await;
    let session = world.session().await;
    let router = world.router.clone();
    let asking = post(Some(&session), call(json!(7), "any", &json!({})));
    let asked = tokio::spawn(tower::ServiceExt::oneshot(router, asking));
    while !contains(&queue.recv().await.expect("a line"), b"tools/call") {}

    let cancelled = json!({"jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": {"requestId": 7}});
    let (status, _) = world.ask(post(Some(&session), cancelled.to_string())).await;
    assert_eq!(status, 202);

    let response = asked.await.expect("a task").expect("a response");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let body = axum::body::to_bytes(response.into_body(), 1024).await;
    assert_eq!(body.expect("a body"), "");
}

fn contains(line: &[u8], part: &[u8]) -> bool {
    line.windows(part.len()).any(|window| window == part)
}

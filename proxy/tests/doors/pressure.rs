//! Clients and servers that do not read: what they cost is bounded, and others go on.

use std::time::Duration;

use hivewright_proxy::{
    driver::{
        FREE_BYTES, MAX_STDIN_BYTES, MAX_STDIN_LINES, MAX_STREAM_BYTES, MAX_STREAM_ITEMS,
        MAX_STREAMS_BYTES,
    },
    http::MAX_BODY,
};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::support::{
    Events, Listening, World, bare, call, connect, echoed, numbered, post, server,
};

/// A notification of about a quarter MiB.
fn large() -> Value {
    json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed",
        "params": { "ballast": "x".repeat(256 * 1024) } })
}

async fn echo_works(world: &World, session: &str) {
    let answer = world
        .ask(post(Some(session), call(json!(1), "echo", &json!({}))))
        .await;
    assert_eq!(answer, (200, echoed(&json!(1), &json!({}))));
}

#[tokio::test]
async fn a_flood_of_notifications_to_clients_that_do_not_read_is_bounded_and_another_reads_on() {
    let world = World::new();
    let mut stuck = Vec::new();
    for _ in 0..10 {
        let session = world.session().await;
        stuck.push(Events::of(
            world.send(bare("GET", "/mcp", Some(&session))).await,
        ));
    }
    let reader = world.session().await;
    let mut reading = Events::of(world.send(bare("GET", "/mcp", Some(&reader))).await);
    let (note, mut most) = (large(), 0);
    for _ in 0..100 {
        server::say(&world.bridge, &note);
        assert!(
            reading.message().await.is_some(),
            "the one that reads misses nothing"
        );
        most = most.max(world.bridge.gauges().stream_bytes);
    }
    // Each stream may hold a little more, and what was last put in may pass the bound by itself.
    let bound = MAX_STREAMS_BYTES + 11 * (FREE_BYTES + 257 * 1024);
    assert!(
        most > MAX_STREAM_BYTES && most <= bound,
        "{most} of {bound}"
    );
    assert!(
        world
            .scrape()
            .contains(r#"hivewright_proxy_overflow_total{queue="stream"} "#)
    );
    assert_eq!(world.bridge.gauges().listeners, 1, "the others were ended");
    echo_works(&world, &reader).await;
    drop((stuck, reading));
}

#[tokio::test]
async fn what_one_slow_reader_costs_is_given_back_when_its_session_ends() {
    let world = World::new();
    let session = world.session().await;
    let stuck = Events::of(world.send(bare("GET", "/mcp", Some(&session))).await);
    for number in 0..MAX_STREAM_ITEMS / 2 {
        server::say(&world.bridge, &numbered(number));
    }
    assert!(world.bridge.gauges().stream_bytes > 0);
    drop(stuck);
    world.send(bare("DELETE", "/mcp", Some(&session))).await;
    let gauges = world.bridge.gauges();
    assert_eq!(
        (gauges.stream_bytes, gauges.detached, gauges.listeners),
        (0, 0, 0)
    );
}

#[tokio::test]
async fn a_server_that_stops_reading_is_bounded_in_memory_and_its_calls_fail_with_the_reason() {
    let world = World::without_server();
    let mut queue = world.bridge.server_up();
    server::greet(&world.bridge, &mut queue).await;
    let session = world.session().await;
    let ballast = "x".repeat(MAX_BODY / 2);
    let mut calls = Vec::new();
    for id in 0..=2 * MAX_STDIN_BYTES / MAX_BODY {
        let request = post(
            Some(&session),
            call(json!(id), "any", &json!({"b": ballast})),
        );
        let router = world.router.clone();
        calls.push(tokio::spawn(tower::ServiceExt::oneshot(router, request)));
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        let gauges = world.bridge.gauges();
        assert!(gauges.stdin_bytes <= MAX_STDIN_BYTES && gauges.stdin_lines <= MAX_STDIN_LINES);
    }
    assert_eq!(world.bridge.status().borrow().label(), "failed");
    let mut lost = 0;
    for call in calls {
        if call.is_finished() {
            let response = call.await.expect("no panic").expect("an answer");
            let answer = crate::support::json_of(response).await;
            assert_eq!(answer["error"]["data"]["reason"], "not_reading", "{answer}");
            lost += 1;
        }
    }
    assert!(lost > 0, "what was written to it is lost");
    assert!(
        world
            .scrape()
            .contains(r#"hivewright_proxy_overflow_total{queue="stdin"} 1"#)
    );
    drop(queue);
    server::start(&world.bridge);
    echo_works(&world, &session).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_streams_of_one_client_leave_the_calls_of_another_unaffected() {
    const STREAMS: usize = 1000;
    let world = World::new();
    let listening = Listening::start(world.router.clone(), Duration::ZERO).await;
    let mut greedy = Vec::new();
    for _ in 0..STREAMS {
        let session = world.session().await;
        let mut connection = connect(listening.address).await;
        let request = bare("GET", "/mcp", Some(&session));
        let response = connection.send_request(request).await.expect("an answer");
        assert_eq!(response.status(), 200);
        greedy.push((connection, response));
    }
    let mut idle = Vec::new();
    for _ in 0..STREAMS / 2 {
        idle.push(
            TcpStream::connect(listening.address)
                .await
                .expect("accepted"),
        );
    }
    assert_eq!(world.bridge.gauges().listeners, STREAMS);
    let session = world.session().await;
    let mut connection = connect(listening.address).await;
    for id in 0..50 {
        let request = post(Some(&session), call(json!(id), "echo", &json!({})));
        connection.ready().await.expect("the connection stays");
        let answered =
            tokio::time::timeout(Duration::from_secs(5), connection.send_request(request));
        let response = answered.await.expect("in time").expect("an answer");
        assert_eq!(response.status(), 200);
        let body = http_body_util::BodyExt::collect(response.into_body()).await;
        let answer: Value = serde_json::from_slice(&body.expect("whole").to_bytes()).expect("JSON");
        assert_eq!(answer, echoed(&json!(id), &json!({})));
    }
    drop((greedy, idle));
}

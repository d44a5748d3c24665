//! The server process goes away, or was never there.

use hivewright_bridge::io::Loss;
use hivewright_proxy::driver::ServerHealth;
use serde_json::json;
use tokio::time::Instant;

use crate::support::{World, call, echoed, initialize, post, server};

#[tokio::test(start_paused = true)]
async fn pending_calls_fail_at_once_and_the_session_goes_on_with_the_next_process() {
    let world = World::new();
    let session = world.session().await;
    let start = Instant::now();
    let (hanging, dying) = tokio::join!(
        world.ask(post(Some(&session), call(json!(1), "never", &json!({})))),
        world.ask(post(Some(&session), call(json!(2), "die", &json!({})))),
    );
    assert_eq!(start.elapsed().as_millis(), 0);
    for (id, (_, answer)) in [(1, hanging), (2, dying)] {
        assert_eq!(answer["id"], id);
        assert_eq!(
            answer["error"]["data"]["reason"], "process_exited",
            "{answer}"
        );
    }
    assert_eq!(
        *world.bridge.status().borrow(),
        ServerHealth::Failed(Loss::ProcessExited)
    );

    server::start(&world.bridge);
    let arguments = json!({"again": true});
    let (status, answer) = world
        .ask(post(Some(&session), call(json!(3), "echo", &arguments)))
        .await;
    assert_eq!((status, answer), (200, echoed(&json!(3), &arguments)));
    assert!(
        matches!(&*world.bridge.status().borrow(), ServerHealth::Initialized(info)
        if &*info.name == "scripted")
    );
}

#[tokio::test(start_paused = true)]
async fn initialize_waits_for_the_first_process() {
    let world = World::without_server();
    let (response, ()) = tokio::join!(world.send(post(None, initialize())), async {
        tokio::time::sleep(std::time::Duration::from_secs(20)).await;
        server::start(&world.bridge);
    });
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert!(response.headers().contains_key("mcp-session-id"));
}

#[tokio::test(start_paused = true)]
async fn without_a_process_initialize_is_refused_after_the_hold_time() {
    let world = World::without_server();
    let start = Instant::now();
    let (status, answer) = world.ask(post(None, initialize())).await;
    assert_eq!(start.elapsed(), hivewright_bridge::limits::HOLD_TIMEOUT);
    assert_eq!(
        answer["error"]["data"]["reason"], "not_started",
        "{status} {answer}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_process_that_does_not_answer_initialize_is_dropped_with_the_reason() {
    let world = World::without_server();
    let mut queue = world.bridge.server_up();
    let mut health = world.bridge.status();
    assert_eq!(*health.borrow_and_update(), ServerHealth::Handshaking);
    let start = Instant::now();
    server::read_method(&mut queue, "initialize").await;
    while let Some(line) = queue.recv().await {
        let line = String::from_utf8_lossy(&line);
        assert!(
            line.contains("server/discover"),
            "the other question: {line}"
        );
    }
    assert_eq!(queue.recv().await, None);
    assert_eq!(
        start.elapsed(),
        hivewright_bridge::limits::HANDSHAKE_TIMEOUT
    );
    let failed = ServerHealth::Failed(Loss::HandshakeTimeout);
    assert_eq!(*health.borrow_and_update(), failed);

    // The backend tells what it did to the process; the first reason stands.
    world.bridge.server_down(Loss::ProcessExited);
    assert_eq!(*health.borrow(), failed);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_reading_is_dropped_and_its_calls_fail() {
    let world = World::without_server();
    let mut queue = world.bridge.server_up();
    server::greet(&world.bridge, &mut queue).await;
    let mut health = world.bridge.status();
    // Nobody reads any more. Five of these fit the queue, the sixth is past its bound in bytes.
    let large = "x".repeat(6 * 1024 * 1024);
    let session = world.session().await;
    let calls = (0..6).map(|number| {
        let body = call(json!(number), "echo", &json!({"text": large}));
        world.ask(post(Some(&session), body))
    });
    for (_, answer) in futures::future::join_all(calls).await {
        let reason = &answer["error"]["data"]["reason"];
        assert_eq!(reason, "not_reading", "{}", answer["error"]);
    }
    let failed = ServerHealth::Failed(Loss::NotReading);
    assert!(health.wait_for(|now| *now == failed).await.is_ok());
    assert!(
        world
            .scrape()
            .contains(r#"hivewright_proxy_overflow_total{queue="stdin"} 1"#)
    );
}

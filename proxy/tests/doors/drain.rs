//! The two stages of shutting down.

use std::time::Duration;

use hivewright_bridge::io::Loss;
use hivewright_proxy::{
    driver::StreamKind,
    http::{Drained, serve},
};
use http_body_util::BodyExt;
use serde_json::json;
use tokio::time::Instant;

use crate::support::{Listening, World, bare, call, connect, initialize, post};

const DEADLINE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_running_call_ends_well_and_no_new_connection_is_accepted() {
    let world = World::without_server();
    let listening = Listening::start(world.router.clone(), DEADLINE).await;
    let mut connection = connect(listening.address).await;
    let running = tokio::spawn(async move {
        let response = connection
            .send_request(post(None, initialize()))
            .await
            .expect("answer");
        response.status()
    });
    listening.closes_around(&world, running).await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_at_once() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), DEADLINE).await;
    let mut connection = connect(listening.address).await;
    let response = connection
        .send_request(post(None, initialize()))
        .await
        .expect("an answer");
    drop(response.into_body().collect().await);
    let start = Instant::now();
    listening.shutdown.cancel();
    assert_eq!(
        listening.served.await.expect("the listener ends"),
        Drained::Clean
    );
    assert!(start.elapsed() < DEADLINE / 2);
}

#[tokio::test]
async fn what_does_not_end_is_cut_at_the_deadline_and_counted() {
    let world = World::new();
    let deadline = Duration::from_millis(100);
    let listening = Listening::start(world.router.clone(), deadline).await;
    let session = world.session().await;
    let mut connection = connect(listening.address).await;
    let listen = bare("GET", "/mcp", Some(&session));
    let response = connection
        .send_request(listen)
        .await
        .expect("an open stream");
    listening.shutdown.cancel();
    assert_eq!(
        listening.served.await.expect("the listener ends"),
        Drained::Cut(1)
    );
    assert!(
        response.into_body().collect().await.is_err(),
        "the client sees that it was cut"
    );
}

#[tokio::test(start_paused = true)]
async fn the_second_stage_fails_calls_with_the_reason_and_ends_streams_cleanly() {
    let world = World::new();
    let session = world.session().await;
    let listener = world.send(bare("GET", "/mcp", Some(&session))).await;
    let sse = world.send(bare("GET", "/sse", None)).await;
    let start = Instant::now();
    let stuck = world.ask(post(Some(&session), call(json!(1), "never", &json!({}))));
    let end = async {
        while world.bridge.gauges().hub.pending == 0 {
            tokio::task::yield_now().await;
        }
        world.bridge.end_streams(StreamKind::Listener);
        world.bridge.server_down(Loss::Draining);
        world.bridge.end_streams(StreamKind::Sse);
    };
    let ((_, answer), ()) = tokio::join!(stuck, end);
    assert_eq!(answer["error"]["data"]["reason"], "draining", "{answer}");
    for stream in [listener, sse] {
        drop(stream.into_body().collect().await.expect("a clean end"));
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_second_stage_fails_calls_that_are_held_for_want_of_a_server() {
    let world = World::without_server();
    let start = Instant::now();
    let end = async {
        while world.bridge.gauges().hub.held == 0 {
            tokio::task::yield_now().await;
        }
        world.bridge.server_down(Loss::Draining);
    };
    let (response, ()) = tokio::join!(world.send(post(None, initialize())), end);
    assert_eq!(response.status(), 503);
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn a_shutdown_before_any_connection_is_clean() {
    let world = World::without_server();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let shutdown = tokio_util::sync::CancellationToken::new();
    shutdown.cancel();
    assert_eq!(
        serve(listener, world.router.clone(), shutdown, DEADLINE).await,
        Drained::Clean
    );
}

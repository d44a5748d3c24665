//! What only a real connection shows.

use std::time::Duration;

use axum::body::Body;
use hivewright_proxy::http::MAX_BODY;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::support::{Listening, World, call, connect, initialize, post};

#[tokio::test]
async fn a_client_that_sends_too_much_reads_the_refusal_rather_than_a_reset() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), Duration::ZERO).await;
    let mut connection = connect(listening.address).await;
    let large = post(None, Body::from(vec![b' '; MAX_BODY + 1]));
    let response = connection.send_request(large).await.expect("an answer");
    assert_eq!(response.status(), 413);
    let bytes = response
        .into_body()
        .collect()
        .await
        .expect("a whole answer")
        .to_bytes();
    let body: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(body["error"]["code"], -32600);
}

/// Else a client that keeps its connections sends its next request into one that has ended.
#[tokio::test]
async fn an_answer_before_the_body_was_read_says_that_the_connection_ends() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), Duration::ZERO).await;
    for (name, value) in [
        ("host", "elsewhere.example"),
        ("content-type", "text/plain"),
    ] {
        let mut connection = connect(listening.address).await;
        let mut request = post(None, initialize());
        let value = value.parse().expect("a header's value");
        request.headers_mut().insert(name, value);
        let response = connection.send_request(request).await.expect("an answer");
        assert!(response.status().is_client_error(), "{name}");
        assert_eq!(response.headers()["connection"], "close", "{name}");
    }
    let mut connection = connect(listening.address).await;
    let response = connection.send_request(post(None, initialize())).await;
    let response = response.expect("an answer");
    assert!(!response.headers().contains_key("connection"));
}

#[tokio::test]
async fn one_connection_serves_one_request_after_the_other() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), Duration::ZERO).await;
    let mut connection = connect(listening.address).await;
    for _ in 0..3 {
        let response = connection
            .send_request(post(None, initialize()))
            .await
            .expect("an answer");
        assert_eq!(response.status(), 200);
        drop(
            response
                .into_body()
                .collect()
                .await
                .expect("a whole answer"),
        );
    }
}

#[tokio::test]
async fn a_closed_connection_tells_the_hub_that_its_client_is_gone() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), Duration::ZERO).await;
    let session = world.session().await;
    let mut connection = connect(listening.address).await;
    let never = post(Some(&session), call(json!(1), "never", &json!({})));
    let waiting = tokio::spawn(async move { connection.send_request(never).await.map(drop) });
    while world.bridge.gauges().hub.pending == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.bridge.gauges().answers, 1);
    waiting.abort();
    drop(waiting.await);
    while world.bridge.gauges().answers > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(
        world.bridge.gauges().hub.pending,
        1,
        "a disconnect cancels nothing"
    );
}

//! HTTP+SSE (2024-11-05): `/sse` and `/messages`.

use axum::{body::Body, http::Request};
use serde_json::json;

use crate::support::{
    Event, Events, World, bare, bytes_of, call, echoed, initialize_as, initialized, request,
};

fn message(uri: &str, body: String) -> Request<Body> {
    let builder = request("POST", uri).header("content-type", "application/json");
    builder.body(body.into()).expect("a request")
}

async fn accepted(world: &World, uri: &str, body: String) {
    let response = world.send(message(uri, body)).await;
    assert_eq!(response.status(), 202);
    assert!(bytes_of(response).await.is_empty());
}

/// Opens the stream and gives it with the URI that its first event names.
async fn open(world: &World) -> (Events, String) {
    let mut events = Events::of(world.send(bare("GET", "/sse", None)).await);
    match events.next().await {
        Some(Event::Endpoint(uri)) => (events, uri),
        other => unreachable!("the first event is the endpoint, not {other:?}"),
    }
}

#[tokio::test]
async fn the_whole_flow_from_the_endpoint_event_to_an_answer() {
    let world = World::new();
    let (mut events, uri) = open(&world).await;
    assert!(uri.starts_with("/messages?session_id="));
    accepted(&world, &uri, initialize_as("2024-11-05")).await;
    let answer = events.message().await.expect("the answer to initialize");
    assert_eq!(answer["result"]["protocolVersion"], "2024-11-05");
    accepted(&world, &uri, initialized()).await;
    accepted(
        &world,
        &uri,
        call(json!(2), "progress", &json!({"count": 1})),
    )
    .await;
    let progress = events.message().await.expect("progress");
    assert_eq!(progress["params"]["progressToken"], "token");
    assert_eq!(
        events.message().await,
        Some(echoed(&json!(2), &json!({"count": 1})))
    );
}

#[tokio::test]
async fn two_sessions_with_the_same_ids_get_their_own_answers() {
    let world = World::new();
    let (mut one, uri_one) = open(&world).await;
    let (mut two, uri_two) = open(&world).await;
    for (events, uri) in [(&mut one, &uri_one), (&mut two, &uri_two)] {
        accepted(&world, uri, initialize_as("2024-11-05")).await;
        assert!(events.message().await.is_some());
        accepted(&world, uri, initialized()).await;
    }
    accepted(&world, &uri_one, call(json!(2), "echo", &json!("one"))).await;
    accepted(&world, &uri_two, call(json!(2), "echo", &json!("two"))).await;
    assert_eq!(one.message().await, Some(echoed(&json!(2), &json!("one"))));
    assert_eq!(two.message().await, Some(echoed(&json!(2), &json!("two"))));
}

#[tokio::test]
async fn the_session_ends_with_its_stream() {
    let world = World::new();
    let (events, uri) = open(&world).await;
    accepted(&world, &uri, initialize_as("2024-11-05")).await;
    drop(events);
    let late = world.send(message(&uri, initialized())).await;
    assert_eq!(late.status(), 404);
    assert_eq!(world.bridge.gauges().hub.sessions, 0);
}

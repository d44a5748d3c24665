//! A session answers to those who opened it.

use axum::{body::Body, http::Request};
use serde_json::json;

use crate::support::{
    Event, Events, World, back, bare, call, initialize, json_of, numbered, post, request, server,
};

fn by(owner: &str, mut request: Request<Body>) -> Request<Body> {
    let value = owner.parse().expect("a header value");
    request.headers_mut().append("authorization", value);
    request
}

async fn session_of(world: &World, owner: &str) -> String {
    let response = world.send(by(owner, post(None, initialize()))).await;
    assert_eq!(response.status(), 200);
    let session = response.headers()["mcp-session-id"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    drop(json_of(response).await);
    session
}

fn echo(session: &str) -> Request<Body> {
    post(Some(session), call(json!(1), "echo", &json!({})))
}

#[tokio::test]
async fn a_session_opened_with_credentials_is_unknown_to_everybody_else() {
    let world = World::new();
    let session = session_of(&world, "Bearer alice").await;
    assert_eq!(world.ask(by("bearer alice", echo(&session))).await.0, 200);
    let requests = || {
        [
            echo(&session),
            bare("GET", "/mcp", Some(&session)),
            back(&session, "1-1"),
            bare("DELETE", "/mcp", Some(&session)),
        ]
    };
    for stranger in requests() {
        let (status, body) = world.ask(stranger).await;
        assert_eq!((status, &body["error"]["code"]), (404, &json!(-32001)));
    }
    for other in requests() {
        assert_eq!(world.ask(by("Bearer mallory", other)).await.0, 404);
    }
    assert_eq!(world.ask(by("Bearer alice", echo(&session))).await.0, 200);
    assert!(!world.scrape().contains("alice"));
}

#[tokio::test]
async fn a_session_opened_without_credentials_is_anybodys_who_knows_its_id() {
    let world = World::new();
    let session = world.session().await;
    assert_eq!(world.ask(echo(&session)).await.0, 200);
    assert_eq!(world.ask(by("Bearer alice", echo(&session))).await.0, 200);
}

#[tokio::test]
async fn doubled_credentials_are_refused_before_anything_is_opened() {
    let world = World::new();
    let session = session_of(&world, "Bearer alice").await;
    for request in [echo(&session), post(None, initialize())] {
        let doubled = by("Bearer alice", by("Bearer mallory", request));
        assert_eq!(world.ask(doubled).await.0, 400);
    }
    assert_eq!(world.bridge.gauges().hub.sessions, 1);
}

#[tokio::test]
async fn a_stream_is_read_on_by_its_sessions_owner_alone() {
    let world = World::new();
    let session = session_of(&world, "Bearer alice").await;
    let listen = by("Bearer alice", bare("GET", "/mcp", Some(&session)));
    let mut events = Events::of(world.send(listen).await);
    server::say(&world.bridge, &numbered(1));
    events.message().await.expect("a message");
    let last = events.last_id.take().expect("an id");
    drop(events);
    assert_eq!(
        world
            .ask(by("Bearer mallory", back(&session, &last)))
            .await
            .0,
        404
    );
    server::say(&world.bridge, &numbered(2));
    let resumed = world.send(by("Bearer alice", back(&session, &last))).await;
    assert_eq!(Events::of(resumed).message().await, Some(numbered(2)));
}

#[tokio::test]
async fn an_http_sse_session_is_its_owners_too() {
    let world = World::new();
    let open = by("Bearer alice", bare("GET", "/sse", None));
    let mut events = Events::of(world.send(open).await);
    let Some(Event::Endpoint(uri)) = events.next().await else {
        panic!("no endpoint")
    };
    let message = || {
        let builder = request("POST", &uri).header("content-type", "application/json");
        builder.body(Body::from(initialize())).expect("a request")
    };
    assert_eq!(world.ask(message()).await.0, 404);
    assert_eq!(world.ask(by("Bearer mallory", message())).await.0, 404);
    assert_eq!(world.ask(by("Bearer alice", message())).await.0, 202);
    assert!(events.message().await.expect("an answer")["result"].is_object());
    drop(events);
    assert_eq!(world.ask(message()).await.0, 404, "it is over");
}

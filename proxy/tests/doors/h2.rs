//! HTTP/2 without TLS, by prior knowledge.

use std::{net::SocketAddr, time::Duration};

use axum::{body::Body, http::Request, response::Response};
use hivewright_proxy::http::{MAX_H2_STREAMS, MAX_HEAD};
use http::Version;
use http_body_util::BodyExt;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::support::{
    Event, Events, Listening, World, back, bare, call, echoed, initialize, numbered, post, server,
};

const DEADLINE: Duration = Duration::from_secs(10);

async fn connect(address: SocketAddr) -> SendRequest<Body> {
    let stream = TcpStream::connect(address).await.expect("accepted");
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .expect("HTTP/2");
    tokio::spawn(connection);
    sender
}

/// The request as HTTP/2 has it: the host is in the target and in no header.
fn to(authority: &str, mut request: Request<Body>) -> Request<Body> {
    request.headers_mut().remove("host");
    let path = request.uri().path_and_query().expect("a path").as_str();
    let target = format!("http://{authority}{path}");
    *request.uri_mut() = target.parse().expect("a URI");
    *request.version_mut() = Version::HTTP_2;
    request
}

async fn send(connection: &mut SendRequest<Body>, request: Request<Body>) -> Response {
    let response = connection.send_request(to("localhost", request)).await;
    response.expect("an answer").map(Body::new)
}

async fn ask(connection: &mut SendRequest<Body>, request: Request<Body>) -> (u16, Value) {
    let response = send(connection, request).await;
    let status = response.status().as_u16();
    let bytes = response
        .into_body()
        .collect()
        .await
        .expect("whole")
        .to_bytes();
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

#[tokio::test]
async fn calls_and_streams_share_one_connection() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), DEADLINE).await;
    let mut connection = connect(listening.address).await;
    let response = send(&mut connection, post(None, initialize())).await;
    assert_eq!(
        (response.status().as_u16(), response.version()),
        (200, Version::HTTP_2)
    );
    assert!(response.headers().contains_key("x-request-id"));
    let session = response.headers()["mcp-session-id"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    let mut listener = Events::of(send(&mut connection, bare("GET", "/mcp", Some(&session))).await);
    for id in 0..20 {
        let request = post(Some(&session), call(json!(id), "echo", &json!({"n": id})));
        let answer = ask(&mut connection, request).await;
        assert_eq!(answer, (200, echoed(&json!(id), &json!({"n": id}))));
    }
    server::say(&world.bridge, &numbered(1));
    assert_eq!(listener.message().await, Some(numbered(1)));
    let last = listener.last_id.take().expect("an id");
    drop(listener);
    server::say(&world.bridge, &numbered(2));
    let mut listener = Events::of(send(&mut connection, back(&session, &last)).await);
    assert_eq!(listener.message().await, Some(numbered(2)));
}

#[tokio::test]
async fn the_authority_is_checked_as_the_host_is() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), DEADLINE).await;
    let mut connection = connect(listening.address).await;
    for (authority, status) in [
        ("mcp-fetch-proxy.team-a.svc.cluster.local:8080", 200),
        ("[::1]:8080", 200),
        ("evil.example", 421),
    ] {
        let request = to(authority, post(None, initialize()));
        let response = connection.send_request(request).await.expect("an answer");
        assert_eq!(response.status(), status, "{authority}");
    }
    let mut foreign = to("localhost", post(None, initialize()));
    let origin = "http://evil.example".parse().expect("a header value");
    foreign.headers_mut().insert("origin", origin);
    let response = connection.send_request(foreign).await.expect("an answer");
    assert_eq!(response.status(), 403);
}

#[tokio::test]
async fn the_http_sse_door_works_too() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), DEADLINE).await;
    let mut connection = connect(listening.address).await;
    let mut events = Events::of(send(&mut connection, bare("GET", "/sse", None)).await);
    let Some(Event::Endpoint(uri)) = events.next().await else {
        panic!("no endpoint")
    };
    let mut request = post(None, initialize());
    *request.uri_mut() = uri.parse().expect("a URI");
    assert_eq!(send(&mut connection, request).await.status(), 202);
    assert!(events.message().await.expect("an answer")["result"].is_object());
}

#[tokio::test]
async fn a_head_past_the_bound_is_refused_and_the_connection_goes_on() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), DEADLINE).await;
    let mut connection = connect(listening.address).await;
    let mut large = to("localhost", post(None, initialize()));
    let value = "x".repeat(MAX_HEAD).parse().expect("a header value");
    large.headers_mut().insert("x-large", value);
    match connection.send_request(large).await {
        Ok(response) => assert_eq!(response.status(), 431),
        Err(error) => assert!(
            error.is_user() || error.to_string().contains("http2"),
            "{error}"
        ),
    }
    assert_eq!(
        send(&mut connection, post(None, initialize()))
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn streams_past_the_bound_wait_for_a_free_one() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), DEADLINE).await;
    let session = world.session().await;
    let mut connection = connect(listening.address).await;
    // The bound is known to a client once it has read the server's settings.
    send(&mut connection, post(None, initialize())).await;
    let never = |id: u32| {
        to(
            "localhost",
            post(Some(&session), call(json!(id), "never", &json!({}))),
        )
    };
    let mut stuck = Vec::new();
    for id in 0..MAX_H2_STREAMS {
        let mut sender = connection.clone();
        let request = never(id);
        stuck.push(tokio::spawn(
            async move { sender.send_request(request).await },
        ));
    }
    while world.bridge.gauges().hub.pending < MAX_H2_STREAMS as usize {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let ping = post(Some(&session), call(json!("last"), "echo", &json!({})));
    let waiting = ask(&mut connection, ping);
    tokio::pin!(waiting);
    let early = tokio::time::timeout(Duration::from_millis(50), &mut waiting).await;
    assert!(early.is_err(), "no stream is free");
    stuck.pop().expect("a stream").abort();
    assert_eq!(waiting.await.0, 200);
}

#[tokio::test]
async fn a_running_call_ends_well_when_the_listener_closes_and_nothing_new_is_taken() {
    let world = World::without_server();
    let listening = Listening::start(world.router.clone(), DEADLINE).await;
    let mut connection = connect(listening.address).await;
    let mut sender = connection.clone();
    let running =
        tokio::spawn(async move { send(&mut sender, post(None, initialize())).await.status() });
    listening.closes_around(&world, running).await;
    let late = connection
        .send_request(to("localhost", post(None, initialize())))
        .await;
    assert!(late.is_err(), "the connection is closed");
}

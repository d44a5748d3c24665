//! Many clients at once over one server, with the same request ids.

use std::time::Duration;

use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use hyper::client::conn::http1::SendRequest;
use serde_json::{Value, json};

use crate::support::{Listening, World, call, connect, echoed, initialize, post};

const CLIENTS: usize = 20;
const CALLS: usize = 50;

async fn exchange(
    connection: &mut SendRequest<Body>,
    request: Request<Body>,
) -> (http::response::Parts, Value) {
    let response = connection.send_request(request).await.expect("an answer");
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    (head, serde_json::from_slice(&bytes).expect("JSON"))
}

async fn client(listening: std::net::SocketAddr, number: usize) {
    let mut connection = connect(listening).await;
    let (head, _) = exchange(&mut connection, post(None, initialize())).await;
    let session = head.headers["mcp-session-id"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    for id in 0..CALLS {
        let arguments = json!({"client": number, "call": id});
        let request = post(Some(&session), call(json!(id), "echo", &arguments));
        let (head, answer) = exchange(&mut connection, request).await;
        assert_eq!(head.status, 200);
        assert_eq!(answer, echoed(&json!(id), &arguments));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_clients_with_the_same_ids_each_get_their_own_answers() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), Duration::from_secs(1)).await;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(client(listening.address, number)))
        .collect();
    for client in clients {
        client.await.expect("no answer went astray");
    }
    let gauges = world.bridge.gauges();
    assert_eq!(
        (gauges.hub.sessions, gauges.hub.pending, gauges.answers),
        (CLIENTS, 0, 0)
    );
}

//! Connections that break, over and over, while a server talks.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{body::Body, http::Request, response::Response};
use hivewright_proxy::driver::{MAX_STREAM_ITEMS, StdinQueue};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpStream, task::AbortHandle};

use crate::support::{Events, Listening, World, back, bare, call, numbered, post, server};

/// Messages of one storm: several times what a log holds.
const MESSAGES: usize = 5 * MAX_STREAM_ITEMS;
/// How far the server may be ahead of the client; what is ahead has to fit into the log.
const AHEAD: usize = MAX_STREAM_ITEMS / 2;

/// A stream over a connection of its own, which can be cut.
struct Cuttable {
    events: Events,
    connection: AbortHandle,
}

impl Cuttable {
    async fn open(address: SocketAddr, request: Request<Body>) -> Self {
        let stream = TcpStream::connect(address).await.expect("accepted");
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP/1.1");
        let connection = tokio::spawn(connection).abort_handle();
        let response = sender.send_request(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        Self {
            events: Events::of(Response::from_parts(head, Body::new(body))),
            connection,
        }
    }

    /// Cuts the connection, whatever is under way on it. The id of the last event that was read.
    fn cut(mut self) -> Option<String> {
        self.connection.abort();
        self.events.last_id.take()
    }
}

/// The number of a message of either storm; none for an answer.
fn number(message: &Value) -> Option<u64> {
    let params = &message["params"];
    let number = params["number"].as_u64();
    number.or_else(|| params["progress"].as_u64())
}

/// Reads to the end of the storm, cutting the connection every few messages. What came.
async fn read_through_cuts(
    (address, session): (SocketAddr, &str),
    mut stream: Cuttable,
    read: &AtomicUsize,
) -> Vec<Value> {
    let mut all = Vec::new();
    for cut_after in (1..=17).cycle() {
        for _ in 0..cut_after {
            let Some(message) = stream.events.message().await else {
                return all;
            };
            let done = number(&message) == Some(MESSAGES as u64)
                && message["method"] != "notifications/progress";
            all.push(message);
            read.store(all.len(), Ordering::Relaxed);
            if done {
                return all;
            }
        }
        let last = stream.cut().expect("every event has an id");
        stream = Cuttable::open(address, back(session, &last)).await;
    }
    all
}

/// Says every message, never further ahead than the log is long.
async fn storm(read: Arc<AtomicUsize>, say: impl Fn(usize)) {
    for number in 1..=MESSAGES {
        while number > read.load(Ordering::Relaxed) + AHEAD {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        say(number);
        if number % 31 == 0 {
            tokio::task::yield_now().await;
        }
    }
}

fn numbers(messages: &[Value]) -> Vec<u64> {
    messages.iter().filter_map(number).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_that_is_cut_off_every_few_messages_misses_and_doubles_none() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), Duration::ZERO).await;
    let session = world.session().await;
    let listen = bare("GET", "/mcp", Some(&session));
    let stream = Cuttable::open(listening.address, listen).await;
    let read = Arc::new(AtomicUsize::new(0));
    let bridge = world.bridge.clone();
    let storm = storm(read.clone(), move |number| {
        server::say(&bridge, &numbered(number));
    });
    let storm = tokio::spawn(storm);
    let all = read_through_cuts((listening.address, &session), stream, &read).await;
    storm.await.expect("everything was said");
    assert_eq!(numbers(&all), (1..=MESSAGES as u64).collect::<Vec<_>>());
}

/// The call's request as the server reads it.
async fn called(queue: &mut StdinQueue) -> Value {
    loop {
        let line = queue.recv().await.expect("a line");
        let message: Value = serde_json::from_slice(&line).expect("JSON");
        if message["method"] == "tools/call" {
            return message;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_connection_is_cut_every_few_messages_misses_no_progress_and_gets_its_answer()
{
    let world = World::without_server();
    let mut queue = world.bridge.server_up();
    server::greet(&world.bridge, &mut queue).await;
    let listening = Listening::start(world.router.clone(), Duration::ZERO).await;
    let session = world.session().await;
    let read = Arc::new(AtomicUsize::new(0));
    let (bridge, counted) = (world.bridge.clone(), read.clone());
    let storm = tokio::spawn(async move {
        let request = called(&mut queue).await;
        let token = request["params"]["_meta"]["progressToken"].clone();
        let teller = bridge.clone();
        storm(counted, move |number| {
            let params = json!({ "progressToken": token, "progress": number });
            let method = "notifications/progress";
            let note = json!({ "jsonrpc": "2.0", "method": method, "params": params });
            server::say(&teller, &note);
        })
        .await;
        let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "result": { "ok": true } });
        server::say(&bridge, &answer);
    });
    let request = post(Some(&session), call(json!("mine"), "any", &json!({})));
    let stream = Cuttable::open(listening.address, request).await;
    let mut all = read_through_cuts((listening.address, &session), stream, &read).await;
    storm.await.expect("everything was said");
    let answer = all.pop().expect("an answer");
    assert_eq!(
        (&answer["id"], &answer["result"]["ok"]),
        (&json!("mine"), &json!(true))
    );
    assert_eq!(numbers(&all), (1..=MESSAGES as u64).collect::<Vec<_>>());
}

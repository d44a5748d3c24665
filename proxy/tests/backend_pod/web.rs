//! Servers that speak HTTP, in pods of the scripted cluster.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    routing::{get, post},
};
use futures::StreamExt;
use hivewright_proxy::{
    backend::{
        http::Kind,
        pod::{Speech, Web},
    },
    egress::Gateway,
};
use http::{StatusCode, header::CONTENT_TYPE};
use parking_lot::Mutex;
use prometheus::Registry;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
};

use crate::{
    Proxy, assert_lawful,
    cluster::{Cluster, patient},
    gate, pods,
    world::{Fact, Script},
};

/// A server of HTTP+SSE; every stream it opens takes the place of the one before.
#[derive(Clone, Default)]
struct SseServer(Arc<Mutex<Option<mpsc::UnboundedSender<String>>>>);

impl SseServer {
    async fn start(&self) -> Speech {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let router = Router::new()
            .route("/sse", get(open))
            .route("/messages", post(take))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Speech::Web(Web {
            kind: Kind::Sse,
            service: "mcp-echo-headless".to_owned(),
            port,
            path: "/sse".to_owned(),
        })
    }

    /// Closes the stream.
    fn cut(&self) {
        self.0.lock().take();
    }
}

async fn open(State(server): State<SseServer>) -> ([(http::HeaderName, &'static str); 1], Body) {
    let (events, stream) = mpsc::unbounded_channel();
    // The stream is just made.
    let _ = events.send("event: endpoint\ndata: /messages\n\n".to_owned());
    *server.0.lock() = Some(events);
    let stream = futures::stream::unfold(stream, |mut stream| async {
        let event = stream.recv().await?;
        Some((event, stream))
    });
    let body = Body::from_stream(stream.map(Ok::<_, Infallible>));
    ([(CONTENT_TYPE, "text/event-stream")], body)
}

async fn take(State(server): State<SseServer>, body: Bytes) -> StatusCode {
    let message: Value = serde_json::from_slice(&body).expect("JSON");
    if let Some(id) = message.get("id") {
        let result = json!({
            "protocolVersion": "2025-11-25", "capabilities": { "tools": {} },
            "serverInfo": { "name": "echo", "version": "1" },
        });
        let answer = json!({ "jsonrpc": "2.0", "id": id, "result": result });
        if let Some(stream) = &*server.0.lock() {
            // A stream that is gone needs no answer.
            let _ = stream.send(format!("event: message\ndata: {answer}\n\n"));
        }
    }
    StatusCode::ACCEPTED
}

async fn cluster() -> Cluster {
    let cluster = Cluster::start(Script::Echo).await;
    cluster.with(|world| world.address = Some("127.0.0.1"));
    cluster
}

fn deleted(cluster: &Cluster) -> bool {
    let facts = cluster.facts();
    facts.iter().any(|fact| matches!(fact, Fact::Deleted(_)))
}

#[tokio::test]
async fn a_server_over_http_is_initialised_and_its_lost_connection_made_anew() {
    let (cluster, server) = (cluster().await, SseServer::default());
    let proxy = Proxy::with(&cluster, pods(1, false), server.start().await);
    cluster.until(gate("Initialized")).await;
    proxy.initialized().await;
    for _ in 0..2 {
        server.cut();
        cluster.until(gate("ConnectionLost")).await;
        cluster.until(gate("Initialized")).await;
        proxy.initialized().await;
    }
    proxy.stop().await;
    assert!(!deleted(&cluster), "the process was never touched");
    let facts = cluster.facts();
    assert_lawful(&facts);
    let attached = facts.iter().any(|fact| matches!(fact, Fact::Attached(_)));
    assert!(!attached, "nobody attaches to it");
    assert!(gate("Draining")(facts.last().expect("facts")), "{facts:?}");
}

#[tokio::test]
async fn the_next_proxy_connects_to_the_process_that_runs() {
    let (cluster, server) = (cluster().await, SseServer::default());
    let speech = server.start().await;
    let first = Proxy::with(&cluster, pods(1, false), speech.clone());
    cluster.until(gate("Initialized")).await;
    first.kill();
    let second = Proxy::with(&cluster, pods(1, false), speech);
    cluster.until(gate("Initialized")).await;
    second.initialized().await;
    second.stop().await;
    assert!(!deleted(&cluster));
}

#[tokio::test]
async fn a_process_that_is_restarted_by_the_kubelet_is_connected_to_again() {
    let (cluster, server) = (cluster().await, SseServer::default());
    let proxy = Proxy::with(&cluster, pods(1, false), server.start().await);
    cluster.until(gate("Initialized")).await;
    cluster.with(|world| {
        world.exit("echo-0", 137);
        world.kubelet_notices("echo-0");
    });
    let again = |fact: &Fact| matches!(fact, Fact::Gate { process, reason, .. } if process == "pod-1/c-2" && reason == "Initialized");
    cluster.until(again).await;
    proxy.initialized().await;
    proxy.stop().await;
    assert!(!deleted(&cluster));
}

/// Asks a gateway without rules for a host.
async fn denied() -> watch::Receiver<hivewright_proxy::egress::Denials> {
    let (_, rules) = watch::channel(hivewright_api::proxy_config::EgressRules {
        hosts: vec!["allowed.test".to_owned()],
        ports: Vec::new(),
    });
    let (gateway, denials) = Gateway::new(rules, &Registry::new());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(gateway.run(listener, tokio_util::sync::CancellationToken::new()));
    let mut pod = TcpStream::connect(address)
        .await
        .expect("the gateway listens");
    let ask = b"CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n";
    pod.write_all(ask).await.expect("the gateway reads");
    let mut status = [0; 12];
    patient(pod.read_exact(&mut status))
        .await
        .expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 403");
    denials
}

fn told_on(pod: &str) -> impl Fn(&Fact) -> bool {
    move |fact| matches!(fact, Fact::Denied { pod: on, message } if on == pod && message.contains("evil.test:443"))
}

#[tokio::test]
async fn what_the_gateway_denied_is_told_on_the_pod_that_asked() {
    let cluster = cluster().await;
    let denials = denied().await;
    let proxy = Proxy::fed(&cluster, pods(1, false), Speech::Stdio, Some(denials));
    cluster.until(told_on("echo-0")).await;
    cluster.until(gate("Initialized")).await;
    proxy.stop().await;
}

#[tokio::test]
async fn what_was_denied_to_nobody_known_is_told_on_the_first_pod_alone() {
    let cluster = Cluster::start(Script::Echo).await;
    let denials = denied().await;
    let proxy = Proxy::fed(&cluster, pods(2, true), Speech::Stdio, Some(denials));
    cluster.until(told_on("echo-0")).await;
    let all_up = async {
        while !proxy.fleet.gauges().pods.iter().all(|pod| pod.up) {
            tokio::task::yield_now().await;
        }
    };
    patient(all_up).await;
    let facts = cluster.facts();
    let told = facts
        .iter()
        .filter(|fact| matches!(fact, Fact::Denied { .. }));
    assert_eq!(told.count(), 1, "once, and on one pod: {facts:?}");
    proxy.stop().await;
}

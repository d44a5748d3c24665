//! The attach endpoint, with a scripted server process behind it.

use axum::{
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
};
use futures::{SinkExt, StreamExt};
use http::{
    StatusCode,
    header::{
        CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, UPGRADE,
    },
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, handshake::derive_accept_key, protocol::Role},
};

use crate::{
    api,
    cluster::Cluster,
    world::{Fact, Order, Script},
};

type Socket = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

pub(crate) async fn attach(
    State(cluster): State<Cluster>,
    Path(pod): Path<String>,
    mut request: Request,
) -> Response {
    let (Some(process), Some(orders)) = running(&cluster, &pod) else {
        return api::status(StatusCode::BAD_REQUEST, "the container does not run");
    };
    let key = request
        .headers()
        .get(SEC_WEBSOCKET_KEY)
        .map(|key| derive_accept_key(key.as_bytes()));
    let upgrade = hyper::upgrade::on(&mut request);
    cluster.with(|world| world.facts.push(Fact::Attached(process.clone())));
    tokio::spawn(async move {
        let upgraded = TokioIo::new(upgrade.await.expect("an upgrade"));
        let socket = WebSocketStream::from_raw_socket(upgraded, Role::Server, None).await;
        Attached {
            cluster,
            pod,
            process,
            socket,
        }
        .run(orders)
        .await;
    });
    let headers = [
        (CONNECTION, "Upgrade".to_owned()),
        (UPGRADE, "websocket".to_owned()),
        (SEC_WEBSOCKET_PROTOCOL, "v5.channel.k8s.io".to_owned()),
        (SEC_WEBSOCKET_ACCEPT, key.unwrap_or_default()),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

fn running(cluster: &Cluster, pod: &str) -> (Option<String>, Option<watch::Receiver<Order>>) {
    let world = cluster.look();
    (
        world.process(pod),
        world.pods.get(pod).map(|pod| pod.orders.subscribe()),
    )
}

struct Attached {
    cluster: Cluster,
    pod: String,
    process: String,
    socket: Socket,
}

impl Attached {
    async fn run(mut self, mut orders: watch::Receiver<Order>) {
        loop {
            let order = *orders.borrow_and_update();
            match order {
                Order::Run => {}
                Order::Cut => return,
                Order::Exit => {
                    self.send(3, br#"{"metadata":{},"status":"Success"}"#).await;
                    return;
                }
            }
            tokio::select! {
                changed = orders.changed() => if changed.is_err() { return },
                message = self.socket.next() => match message {
                    Some(Ok(Message::Binary(frame))) => self.read(&frame[1..]).await,
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
            }
        }
    }

    /// Frames of these short tests hold whole lines.
    async fn read(&mut self, lines: &[u8]) {
        for line in lines
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            let message: Value = serde_json::from_slice(line).expect("JSON on stdin");
            if message["method"] == "initialize" {
                let fact = Fact::Initialize(self.process.clone());
                self.cluster.with(|world| world.facts.push(fact));
            }
            self.answer(&message).await;
        }
    }

    async fn answer(&mut self, message: &Value) {
        let script = self.cluster.look().script;
        let Some(id) = message.get("id") else { return };
        if message["method"] == "server/discover" {
            let error = json!({ "code": -32601, "message": "unknown method" });
            let line = json!({ "jsonrpc": "2.0", "id": id, "error": error });
            return self.send(1, format!("{line}\n").as_bytes()).await;
        }
        let result = match script {
            Script::Echo => json!({
                "protocolVersion": "2025-11-25", "capabilities": { "tools": {} },
                "serverInfo": { "name": "echo", "version": "1" },
            }),
            Script::NotMcp => json!("no handshake"),
            Script::Exit(code) | Script::Dead(code) => {
                self.cluster.kill_in(&self.pod, code);
                return;
            }
        };
        let mut line = json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string();
        line.push('\n');
        self.send(2, b"a line of the log\n").await;
        self.send(1, line.as_bytes()).await;
    }

    /// The proxy may have gone; then there is nobody to tell.
    async fn send(&mut self, channel: u8, payload: &[u8]) {
        let frame = [&[channel], payload].concat();
        let _ = self.socket.send(Message::binary(frame)).await;
    }
}

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

/// What a container without a process answers (seen with Kubernetes 1.34).
const NOT_THERE: &[u8] = br#"{"metadata":{},"status":"Failure","message":"Internal error occurred: error attaching to container: failed to load task: no running task found: task 7 not found: not found","reason":"InternalError","code":500}"#;

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
    let cluster_protocol = cluster.look().protocol;
    let shown = cluster.with(|world| {
        let pod = world.pods.get(&pod)?;
        // An attach shows what is written from now on.
        let shown = pod.ended.is_none().then_some(pod.stdio.out.len())?;
        world.facts.push(Fact::Attached(process.clone()));
        Some(shown)
    });
    tokio::spawn(async move {
        let upgraded = TokioIo::new(upgrade.await.expect("an upgrade"));
        let socket = WebSocketStream::from_raw_socket(upgraded, Role::Server, None).await;
        let mut attached = Attached {
            cluster,
            pod,
            process,
            socket,
        };
        match shown {
            Some(shown) => attached.run(orders, shown).await,
            None => attached.send(3, NOT_THERE).await,
        }
    });
    let headers = [
        (CONNECTION, "Upgrade".to_owned()),
        (UPGRADE, "websocket".to_owned()),
        (SEC_WEBSOCKET_PROTOCOL, cluster_protocol.to_owned()),
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
    async fn run(&mut self, mut orders: watch::Receiver<Order>, mut shown: usize) {
        let mut changes = self.cluster.changes();
        loop {
            let order = *orders.borrow_and_update();
            match order {
                Order::Run => {}
                Order::Cut => return,
                Order::Freeze => return std::future::pending().await,
                Order::Exit => {
                    self.send(3, br#"{"metadata":{},"status":"Success"}"#).await;
                    return;
                }
            }
            if !self.show(&mut shown).await {
                return;
            }
            tokio::select! {
                told = orders.changed() => if told.is_err() { return },
                there = changes.changed() => if there.is_err() { return },
                message = self.socket.next() => match message {
                    Some(Ok(Message::Binary(frame))) => self.read(&frame[1..]),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
            }
        }
    }

    /// Shows what the process wrote; false when the connection is cut at that.
    async fn show(&mut self, shown: &mut usize) -> bool {
        let (bytes, cut) = {
            let mut world = self.cluster.look();
            let Some(pod) = world.pods.get_mut(&self.pod) else {
                return true;
            };
            pod.stdio.next(*shown)
        };
        *shown += bytes.len();
        if !bytes.is_empty() {
            self.send(2, b"a line of the log\n").await;
            self.send(1, &bytes).await;
        }
        !cut
    }

    fn read(&self, bytes: &[u8]) {
        let lines = self.cluster.with(|world| {
            let pod = world.pods.get_mut(&self.pod);
            pod.map(|pod| pod.stdio.read(bytes)).unwrap_or_default()
        });
        for message in lines {
            if message["method"] == "initialize" {
                let fact = Fact::Initialize(self.process.clone());
                self.cluster.with(|world| world.facts.push(fact));
            }
            self.answer(&message);
        }
    }

    fn answer(&self, message: &Value) {
        let script = self.cluster.look().script;
        let Some(id) = message.get("id") else { return };
        let result = match script {
            Script::Exit(code) | Script::Dead(code) => {
                return self.cluster.kill_in(&self.pod, code);
            }
            _ if message["method"] == "server/discover" => Err(-32601),
            // Somebody else answers this, later or never.
            _ if message["params"]["name"] == "later" => return,
            Script::Echo => Ok(json!({
                "protocolVersion": "2025-11-25", "capabilities": { "tools": { "listChanged": true } },
                "serverInfo": { "name": "echo", "version": "1" },
            })),
            Script::NotMcp => Ok(json!("no handshake")),
        };
        let line = match result {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(code) => {
                let error = json!({ "code": code, "message": "unknown method" });
                json!({ "jsonrpc": "2.0", "id": id, "error": error })
            }
        };
        self.cluster.with(|world| {
            if let Some(pod) = world.pods.get_mut(&self.pod) {
                pod.stdio.err("a line of the log\n");
                pod.stdio.out(&format!("{line}\n"));
            }
        });
    }

    /// The proxy may have gone; then there is nobody to tell.
    async fn send(&mut self, channel: u8, payload: &[u8]) {
        let frame = [&[channel], payload].concat();
        let _ = self.socket.send(Message::binary(frame)).await;
    }
}

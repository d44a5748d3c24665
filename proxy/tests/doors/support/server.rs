//! A scripted server behind the driver's seam.

use bytes::Bytes;
use hivewright_bridge::io::Loss;
use hivewright_proxy::driver::{Bridge, StdinQueue};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// Starts a process that answers `initialize`, `tools/list` and these tools:
/// `echo` gives its arguments back; `progress` sends `count` progress messages first; `never` does
/// not answer; `progress_then_never` sends one and does not; `die` ends the process; `garbage` writes a line that is no message first.
pub(crate) fn start(bridge: &Bridge) -> JoinHandle<()> {
    let queue = bridge.server_up();
    tokio::spawn(run(bridge.clone(), queue))
}

async fn run(bridge: Bridge, mut queue: StdinQueue) {
    while let Some(line) = queue.recv().await {
        assert_eq!(line.last(), Some(&b'\n'), "every line ends in a newline");
        let message: Value = serde_json::from_slice(&line).expect("the hub writes JSON");
        if message.get("id").is_some() && message.get("method").is_some() {
            if message["params"]["name"] == "die" {
                return bridge.server_down(Loss::ProcessExited);
            }
            answer(&bridge, &message);
        }
    }
}

fn answer(bridge: &Bridge, request: &Value) {
    let result = match request["method"].as_str() {
        Some("initialize") => json!({
            "protocolVersion": request["params"]["protocolVersion"],
            "capabilities": { "tools": {}, "logging": {} },
            "serverInfo": { "name": "scripted", "version": "1.0.0" },
        }),
        Some("tools/call") => match call(bridge, &request["params"]) {
            Some(result) => result,
            None => return,
        },
        Some("tools/list") => json!({ "tools": [] }),
        _ => json!({}),
    };
    say(
        bridge,
        &json!({ "jsonrpc": "2.0", "id": request["id"], "result": result }),
    );
}

fn call(bridge: &Bridge, params: &Value) -> Option<Value> {
    match params["name"].as_str() {
        Some("never") => return None,
        Some("progress_then_never") => {
            progress(bridge, params, 1);
            return None;
        }
        Some("garbage") => bridge.server_line(Bytes::from_static(b"Starting server...")),
        Some("progress") => {
            for step in 1..=params["arguments"]["count"].as_u64().unwrap_or(0) {
                progress(bridge, params, step);
            }
        }
        _ => {}
    }
    let text = params["arguments"].to_string();
    Some(json!({ "content": [{ "type": "text", "text": text }] }))
}

fn progress(bridge: &Bridge, params: &Value, step: u64) {
    let token = &params["_meta"]["progressToken"];
    say(
        bridge,
        &json!({
            "jsonrpc": "2.0",
            "method": "notifications/progress",
            "params": { "progressToken": token, "progress": step },
        }),
    );
}

/// Writes one message to the process's stdout.
pub(crate) fn say(bridge: &Bridge, message: &Value) {
    bridge.server_line(Bytes::from(message.to_string()));
}

/// Does the handshake with the hub as a legacy server, whatever else the hub asks before.
pub(crate) async fn greet(bridge: &Bridge, queue: &mut StdinQueue) {
    loop {
        let request = read(queue).await;
        answer(bridge, &request);
        if request["method"] == "initialize" {
            return;
        }
    }
}

/// The next line that the server reads.
pub(crate) async fn read(queue: &mut StdinQueue) -> Value {
    let line = queue.recv().await.expect("the hub asks");
    serde_json::from_slice(&line).expect("the hub writes JSON")
}

/// The next line with this method that the server reads.
pub(crate) async fn read_method(queue: &mut StdinQueue, method: &str) -> Value {
    loop {
        let line = read(queue).await;
        if line["method"] == method {
            return line;
        }
    }
}

//! What the metrics of one call cost: folds in the events of so many calls, and prints microseconds
//! for each. Under callgrind the same run gives instructions.

use std::{sync::Arc, time::Duration};

use hivewright_bridge::{
    event::{HubEvent, Outcome},
    io::{CallKey, SessionId, StreamKey},
    protocol::MethodLabel,
};
use hivewright_proxy::{http::Door, metrics::Metrics};
use http::StatusCode;
use tokio::time::Instant;

/// Bytes of a small message.
const BYTES: usize = 120;

fn main() {
    let calls = std::env::args().nth(1);
    let calls: u64 = calls
        .and_then(|calls| calls.parse().ok())
        .unwrap_or(1_000_000);
    let metrics = Metrics::new();
    let (session, tool) = (SessionId::from("s"), Arc::<str>::from("echo"));
    let start = Instant::now();
    for call in 0..calls {
        one(&metrics, (&session, &tool), CallKey(call));
    }
    let micros = start.elapsed().as_secs_f64() * 1e6;
    #[expect(clippy::cast_precision_loss, reason = "far fewer calls than 2^52")]
    let each = micros / calls as f64;
    println!("{each}");
}

fn one(metrics: &Metrics, (session, tool): (&SessionId, &Arc<str>), call: CallKey) {
    metrics.observe(&HubEvent::RequestStarted {
        call,
        stream: Some(StreamKey(call.0)),
        session: session.clone(),
        method: MethodLabel::ToolsCall,
        tool: Some(tool.clone()),
        bytes: BYTES,
    });
    metrics.observe(&HubEvent::RequestSent { call });
    metrics.observe(&HubEvent::RequestFinished {
        call,
        session: session.clone(),
        method: MethodLabel::ToolsCall,
        tool: Some(tool.clone()),
        outcome: Outcome::Ok,
        duration: Duration::from_micros(call.0 % 1000),
        bytes: BYTES,
    });
    metrics.http(Door::Mcp, Some(StatusCode::OK), BYTES, BYTES);
}

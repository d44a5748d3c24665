//! What panels show that no other scenario leaves behind: something of now, and rare faults.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hivewright_harness::{
    mcp::{message, streamable::Session},
    ns::Ns,
    wait::TRUTH,
};
use serde_json::json;

use crate::support::{Echo, echo, status_when};

/// Calls, and the time between them: together longer than two scrapes.
const CALLS: i64 = 12;
const PAUSE: Duration = Duration::from_millis(500);
/// Milliseconds that one call takes meanwhile.
const SLOW: u32 = 5_000;
/// Bytes of an answer that is longer than the longest line, which has 16 MiB.
const TOO_LONG: u32 = 17 * 1024 * 1024;
/// An event that nobody was given.
const NO_EVENT: &str = "pffff-1";

/// A server that is well, and one that cannot be: the cluster refuses its ConfigMap.
pub(super) async fn servers(ns: &Ns) -> Result<Echo> {
    let server = Echo::serve(ns, &echo(ns, "shown", &[])?).await?;
    ns.apply(&json!({
        "apiVersion": "v1", "kind": "ResourceQuota",
        "metadata": { "name": "no-more" },
        "spec": { "hard": { "count/configmaps": "0" } },
    }))
    .await?;
    ns.apply(&echo(ns, "refused", &[])?).await?;
    let failed = |status: &serde_json::Value| status.to_string().contains("\"ApplyFailed\"");
    status_when(ns, "refused", "the refused write told", TRUTH, failed).await?;
    Ok(server)
}

/// Uses a server in every way that a panel counts.
pub(super) async fn use_it(server: &Echo) -> Result<()> {
    let session = server.raw.open("shown").await?;
    question(&session).await?;
    session.text(2, "noise", json!({ "lines": 5 })).await?;
    let too_long = session.call(3, "big", json!({ "bytes": TOO_LONG })).await?;
    ensure!(
        message::error_code(&too_long).is_some(),
        "an answer of {TOO_LONG} bytes came through"
    );
    come_back(server, &session).await?;
    let slow = session.text(4, "slow", json!({ "ms": SLOW, "text": "x" }));
    let (calls, slow) = tokio::join!(calls(&session), slow);
    slow?;
    calls?;
    session.close().await.map(drop)
}

async fn calls(session: &Session) -> Result<()> {
    for id in 10..10 + CALLS {
        session.text(id, "echo", json!({ "text": "x" })).await?;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// The server asks the client something.
async fn question(session: &Session) -> Result<()> {
    let ask = json!({ "kind": "elicitation", "text": "who are you?" });
    let mut messages = session.request(&message::call(1, "ask", ask)).await?;
    let question = messages.next().await?.context("a question")?;
    let answer = json!({ "action": "accept", "content": { "answer": "shown" } });
    session
        .tell(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer }))
        .await?;
    messages.answer().await?;
    Ok(())
}

/// A client comes back to a stream that never was.
async fn come_back(server: &Echo, session: &Session) -> Result<()> {
    let [id, version] = session.headers();
    let headers = [
        id,
        version,
        ("accept", "text/event-stream"),
        ("last-event-id", NO_EVENT),
    ];
    let answer = server
        .raw
        .send(reqwest::Method::GET, "/mcp", &headers)
        .await?;
    ensure!(
        answer.status == 409,
        "HTTP {} {}",
        answer.status,
        answer.body
    );
    Ok(())
}

//! Servers that speak HTTP: every client reaches them, and what keeps them from being reached is
//! told apart.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_harness::{
    mcp::{message, python, rust_sdk::RustClient, sse::SseSession},
    ns::Ns,
    wait::{Look, RECOVERY, until},
};
use k8s_openapi::api::core::v1::Service;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    bad_spec::{Bad, told},
    support::{Echo, beside_others, echo, ready, status_when},
};

/// The proxy says that nothing listens after 30 s; the pod's start and the news come on top.
const NOT_LISTENING: Duration = Duration::from_mins(1);
/// Seconds after which a late server listens: longer than a connection is waited for, shorter than
/// the patience with a server that never will.
const LATE: &str = "8";

/// An echo server that speaks this transport.
pub(crate) fn over(ns: &Ns, transport: &str, args: &[&str]) -> Result<Value> {
    let mut manifest = echo(ns, "echo", args)?;
    manifest["spec"]["transport"] = json!(transport);
    Ok(manifest)
}

/// Progress, a question and its answer, a cancellation: what is not a plain answer, over the wire.
async fn more_than_answers(echo: &Echo) -> Result<()> {
    let session = echo.raw.open("asker").await?;
    let arguments = json!({ "steps": 3, "ms": 20, "text": "step" });
    let call = message::call_with_progress(1, "progress", arguments, "token");
    let mut messages = session.request(&call).await?;
    let mut steps = 0;
    loop {
        let message = messages.next().await?.context("an answer")?;
        if message::is_answer(&message) {
            break;
        }
        ensure!(message["params"]["progressToken"] == "token", "{message}");
        steps += 1;
    }
    ensure!(steps == 3, "{steps} steps were heard");
    let call = message::call(2, "ask", json!({ "kind": "elicitation", "text": "who?" }));
    let mut messages = session.request(&call).await?;
    let question = messages.next().await?.context("a question")?;
    let content = json!({ "action": "accept", "content": { "answer": "me" } });
    session
        .tell(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": content }))
        .await?;
    let answer = messages.answer().await?;
    let told = message::text(&answer).with_context(|| format!("no text: {answer}"))?;
    ensure!(told.contains("me"), "the server was told {told}");
    Ok(())
}

async fn both_doors(echo: &Echo, text: &str) -> Result<()> {
    let client = RustClient::connect(&echo.forward.url("/mcp"), "rust-sdk").await?;
    let answer = client.call("echo", json!({ "text": text })).await?;
    ensure!(answer == text, "rmcp was given {answer:?}");
    client.close().await?;
    let mut old = SseSession::open(&echo.forward.url(""), "old").await?;
    let answer = old.text(1, "echo", json!({ "text": text })).await?;
    ensure!(
        answer == text,
        "the client of 2024-11-05 was given {answer:?}"
    );
    let calls = [("echo", json!({ "text": text }))];
    for (door, path) in [
        (python::Door::Sse, "/sse"),
        (python::Door::Streamable, "/mcp"),
    ] {
        let url = echo.forward.url(path);
        let story = python::run(echo.ns.cluster.place(), door, &url, &calls).await?;
        ensure!(story.texts == [text], "{door:?} gave {:?}", story.texts);
    }
    Ok(())
}

/// The process dies by itself; the same session gets a good answer of the next one.
async fn dies_and_answers_again(echo: &Echo) -> Result<()> {
    let session = echo.raw.open("survivor").await?;
    let before = session.text(1, "whoami", json!({})).await?;
    let fault = Instant::now();
    let answer = session.call(2, "exit", json!({ "code": 7 })).await?;
    ensure!(
        message::error_code(&answer).is_some(),
        "the call that ended the process was answered {answer}"
    );
    until("a good answer of the next process", RECOVERY, async || {
        let start = session.text(3, "whoami", json!({})).await?;
        Ok(if start == before {
            Look::not_yet("the old process")
        } else {
            Look::Done(())
        })
    })
    .await?;
    println!(
        "{}: process ended, good answer after {:.1} s",
        echo.ns.name,
        fault.elapsed().as_secs_f64()
    );
    ready(&echo.ns, &echo.name).await?;
    Ok(())
}

async fn has_a_headless_service(echo: &Echo) -> Result<()> {
    let services = echo.ns.cluster.api::<Service>(&echo.ns.name);
    let service = services.get(&names::headless_service(&echo.name)).await?;
    let address = service.spec.and_then(|spec| spec.cluster_ip);
    ensure!(address.as_deref() == Some("None"), "it has {address:?}");
    Ok(())
}

async fn serves(transport: &str) -> Result<()> {
    beside_others(transport, async |ns| {
        let echo = Echo::serve(&ns, &over(&ns, transport, &[])?).await?;
        both_doors(&echo, "\u{1F41D} \u{2028} \"quoted\"").await?;
        more_than_answers(&echo).await?;
        has_a_headless_service(&echo).await?;
        dies_and_answers_again(&echo).await
    })
    .await
}

#[tokio::test]
async fn a_server_over_sse_answers_clients_of_either_door() -> Result<()> {
    serves("sse").await
}

#[tokio::test]
async fn a_server_over_streamable_http_answers_clients_of_either_door() -> Result<()> {
    serves("streamable-http").await
}

#[tokio::test]
async fn a_server_that_listens_late_becomes_ready_without_a_restart() -> Result<()> {
    beside_others("late", async |ns| {
        ns.apply(&over(&ns, "sse", &["--late", LATE])?).await?;
        let status = ready(&ns, "echo").await?;
        let restarts = status["restarts"].as_i64().unwrap_or_default();
        ensure!(restarts == 0, "it was restarted {restarts} times");
        Ok(())
    })
    .await
}

/// Waits until the reason is this one, and wants these words in its sentence.
async fn told_within(ns: &Ns, bad: &Bad<'_>) -> Result<()> {
    ns.apply(&bad.broken).await?;
    let what = format!("BackendReady False with {:?}", bad.reasons);
    let status = status_when(ns, bad.name, &what, NOT_LISTENING, |status| {
        told(status, bad).is_some()
    })
    .await?;
    let sentence = told(&status, bad).unwrap_or_default();
    println!("{}: {sentence}", ns.name);
    for word in bad.words {
        ensure!(sentence.contains(word), "no {word:?} in {sentence:?}");
    }
    ns.apply(&bad.mended).await?;
    ready(ns, bad.name).await?;
    Ok(())
}

fn bad(
    ns: &Ns,
    args: &[&str],
    reason: &'static [&'static str],
    words: &'static [&'static str],
) -> Result<Bad<'static>> {
    Ok(Bad {
        name: "echo",
        broken: over(ns, "sse", args)?,
        mended: over(ns, "sse", &[])?,
        condition: "BackendReady",
        reasons: reason,
        words,
    })
}

#[tokio::test]
async fn a_server_on_another_port_is_told_with_the_port_and_heals() -> Result<()> {
    beside_others("wrong-port", async |ns| {
        let args = ["--http-port", "8000"];
        let mut bad = bad(
            &ns,
            &args,
            &["WrongPort"],
            &["8080", "8000", "spec.mcpPort"],
        )?;
        bad.mended = bad.broken.clone();
        bad.mended["spec"]["mcpPort"] = json!(8000);
        told_within(&ns, &bad).await
    })
    .await
}

#[tokio::test]
async fn a_server_that_listens_nowhere_is_told_and_heals() -> Result<()> {
    beside_others("deaf", async |ns| {
        told_within(&ns, &bad(&ns, &["--deaf"], &["NotListening"], &["8080"])?).await
    })
    .await
}

#[tokio::test]
async fn a_server_that_only_its_own_pod_reaches_is_told_and_heals() -> Result<()> {
    beside_others("loopback", async |ns| {
        told_within(
            &ns,
            &bad(
                &ns,
                &["--loopback"],
                &["NotListening"],
                &["8080", "0.0.0.0"],
            )?,
        )
        .await
    })
    .await
}

/// The server speaks Streamable HTTP, the manifest says SSE.
#[tokio::test]
async fn a_server_of_another_transport_is_told_and_heals() -> Result<()> {
    beside_others("wrong-transport", async |ns| {
        let mut bad = bad(&ns, &[], &["WrongTransport"], &["404", "spec.transport"])?;
        bad.broken["spec"]["env"] =
            json!([{ "name": "MCP_TRANSPORT", "value": "streamable-http" }]);
        told_within(&ns, &bad).await
    })
    .await
}

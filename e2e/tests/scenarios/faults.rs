//! Things die. After each death the same client gets a good answer, and meanwhile nobody is told
//! that all is well.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_harness::{
    mcp::{message, rust_sdk::RustClient, streamable::Session},
    wait::{Look, POLL, RECOVERY, until},
};
use k8s_openapi::api::core::v1::Pod;
use kube::api::DeleteParams;
use serde_json::{Value, json};
use tokio::{sync::watch, time::Instant};

use crate::support::{Echo, beside_others, echo, mcpservers, pods, proxy_labels, ready};

/// A pending call has its error within this, counted from just before the signal: one round through
/// the container runtime, the kubelet, the API server and the proxy.
const AT_ONCE: Duration = Duration::from_secs(3);
/// Kills in a row: the third meets the longest back-off of the kubelet that a user would wait for.
const KILLS: usize = 3;

/// Collects the phases that a user would have seen, until told to stop.
async fn phases(echo: &Echo, mut stop: watch::Receiver<bool>) -> Vec<String> {
    let api = mcpservers(&echo.ns);
    let mut seen: Vec<String> = Vec::new();
    while !*stop.borrow() {
        if let Ok(server) = api.get(&echo.name).await {
            let phase = server.data["status"]["phase"]
                .as_str()
                .unwrap_or("none")
                .to_owned();
            if seen.last() != Some(&phase) {
                seen.push(phase);
            }
        }
        tokio::select! {
            _changed = stop.changed() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    seen
}

/// Waits for a good answer of another process than `before` on this session; gives that process and
/// the time since just before the fault.
async fn next_good_answer(
    session: &Session,
    before: &str,
    fault: Instant,
) -> Result<(String, Duration)> {
    let start = until("a good answer of the next process", RECOVERY, async || {
        let start = session.text(2, "whoami", json!({})).await?;
        Ok(if start == before {
            Look::not_yet("the old process")
        } else {
            Look::Done(start)
        })
    })
    .await?;
    Ok((start, fault.elapsed()))
}

/// A call that is pending when its process dies; gives the time of its error.
async fn pending(session: &Session) -> Result<Instant> {
    let call = message::call(1, "slow", json!({ "ms": 120_000, "text": "never" }));
    let answer = session.request(&call).await?.answer().await?;
    let at = Instant::now();
    let code = message::error_code(&answer);
    ensure!(code.is_some(), "the pending call was answered {answer}");
    Ok(at)
}

/// Kills the process when a call of the session is pending; gives the time just before the signal.
async fn kill(echo: &Echo, session: &Session) -> Result<Instant> {
    // The call has to be at the server first: a good call after it on the same pipe proves it.
    tokio::time::sleep(POLL).await;
    session.text(3, "whoami", json!({})).await?;
    echo.ns.kill(&echo.pod(), names::MCP_CONTAINER).await
}

/// One death and one recovery; gives the next process and the time until its first good answer.
async fn recover(echo: &Echo, session: &Session, before: &str) -> Result<(String, Duration)> {
    let (failed, killed) = tokio::try_join!(pending(session), kill(echo, session))?;
    let waited = failed
        .checked_duration_since(killed)
        .context("the call failed before the process was killed")?;
    ensure!(
        waited < AT_ONCE,
        "the pending call failed only after {waited:?}"
    );
    let good = next_good_answer(session, before, killed).await?;
    ready(&echo.ns, &echo.name).await?;
    Ok(good)
}

async fn kill_once(echo: &Echo, session: &Session, before: &str) -> Result<(String, Duration)> {
    let (say_stop, stop) = watch::channel(false);
    let life = async {
        let good = recover(echo, session, before).await;
        say_stop.send_replace(true);
        good
    };
    let (good, seen) = tokio::join!(life, phases(echo, stop));
    ensure!(
        seen.iter().any(|phase| phase != "Ready"),
        "status said Ready throughout: {seen:?}"
    );
    good
}

#[tokio::test]
async fn a_process_killed_three_times_answers_again_on_the_same_session() -> Result<()> {
    beside_others("killed", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        let session = echo.raw.open("survivor").await?;
        let mut start = session.text(1, "whoami", json!({})).await?;
        for kill in 1..=KILLS {
            let (next, took) = kill_once(&echo, &session, &start)
                .await
                .with_context(|| format!("kill {kill}"))?;
            println!(
                "kill {kill}: next good answer after {:.1} s",
                took.as_secs_f64()
            );
            start = next;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_process_that_crashes_by_itself_is_told_from_one_that_leaves() -> Result<()> {
    beside_others("crashed", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        let session = echo.raw.open("survivor").await?;
        let mut start = session.text(1, "whoami", json!({})).await?;
        for (tool, arguments) in [("exit", json!({ "code": 3 })), ("kill", json!({}))] {
            let fault = Instant::now();
            let answer = session.call(4, tool, arguments).await?;
            let code = message::error_code(&answer);
            ensure!(code.is_some(), "{tool} was answered {answer}");
            let (next, took) = next_good_answer(&session, &start, fault).await?;
            println!("{tool}: next good answer after {:.1} s", took.as_secs_f64());
            start = next;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_deleted_pod_comes_back_and_the_session_goes_on() -> Result<()> {
    beside_others("pod-deleted", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        let session = echo.raw.open("survivor").await?;
        let start = session.text(1, "whoami", json!({})).await?;
        let api = ns.cluster.api::<Pod>(&ns.name);
        let fault = Instant::now();
        api.delete(&echo.pod(), &DeleteParams::default()).await?;
        let (_, took) = next_good_answer(&session, &start, fault).await?;
        println!(
            "pod deleted: next good answer after {:.1} s",
            took.as_secs_f64()
        );
        ready(&ns, &echo.name).await?;
        Ok(())
    })
    .await
}

/// Sessions live in the proxy's memory: the client of a replaced proxy is told 404, by which MCP
/// clients know to initialize again (MCP 2025-11-25, Streamable HTTP, Session Management, item 4).
#[tokio::test]
async fn a_deleted_proxy_comes_back_and_old_sessions_are_told_to_begin_anew() -> Result<()> {
    beside_others("proxy-deleted", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        let old = echo.raw.open("survivor").await?;
        old.text(1, "whoami", json!({})).await?;
        let sdk = RustClient::connect(&echo.forward.url("/mcp"), "sdk").await?;
        let api = ns.cluster.api::<Pod>(&ns.name);
        let fault = Instant::now();
        for pod in pods(&ns, &proxy_labels(&echo.name)).await? {
            let name = pod.metadata.name.context("a pod without a name")?;
            api.delete(&name, &DeleteParams::default()).await?;
        }
        let verdict = until("404 for the old session", RECOVERY, async || {
            let body = message::call(2, "whoami", Value::Null).to_string();
            let answer = echo.raw.post("/mcp", &old.headers(), body).await?;
            Ok(if answer.status == 404 {
                Look::Done(answer)
            } else {
                Look::not_yet(answer)
            })
        })
        .await?;
        ensure!(
            verdict
                .json
                .is_some_and(|body| message::error_code(&body).is_some()),
            "no error"
        );
        until("a good answer in a new session", RECOVERY, async || {
            let session = echo.raw.open("survivor").await?;
            Ok(Look::Done(session.text(1, "whoami", json!({})).await?))
        })
        .await?;
        until(
            "a good answer for a client of the SDK that was connected before",
            RECOVERY,
            async || Ok(Look::Done(sdk.call("whoami", json!({})).await?)),
        )
        .await?;
        println!(
            "proxy deleted: next good answer after {:.1} s",
            fault.elapsed().as_secs_f64()
        );
        ready(&ns, &echo.name).await?;
        Ok(())
    })
    .await
}

//! `isolation: perSession`: each session has a pod to itself, and nobody gets it after that.

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_harness::{
    mcp::{message, rust_sdk::RustClient, streamable::Session},
    wait::{Look, RECOVERY, until},
};
use k8s_openapi::api::apps::v1::StatefulSet;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    support::{Echo, beside_others, status_when},
    transports::over,
};

/// Most pods of the pool.
const MAX: usize = 2;
/// Milliseconds of a call that is under way while the server asks somebody.
const SPANS: u32 = 3000;
/// What a session leaves in its pod.
const NOTE: &str = "/scratch/note";

/// The pod, and the start of the process in it, that answer this session.
async fn place(session: &Session) -> Result<(String, String)> {
    let pod = session
        .text(1, "env", json!({ "name": "HOSTNAME" }))
        .await?;
    Ok((pod, session.text(2, "whoami", json!({})).await?))
}

async fn ready_pods(echo: &Echo, count: usize) -> Result<Value> {
    let what = format!("{count} ready pods");
    status_when(&echo.ns, &echo.name, &what, RECOVERY, |status| {
        status["phase"] == "Ready" && status["readyReplicas"] == json!(count)
    })
    .await
}

async fn pool(
    story: &str,
    transport: &str,
    scenario: impl AsyncFnOnce(Echo) -> Result<()>,
) -> Result<()> {
    beside_others(story, async |ns| {
        let mut manifest = over(&ns, transport, &[])?;
        manifest["spec"]["isolation"] = json!("perSession");
        manifest["spec"]["volumes"] =
            json!([{ "name": "scratch", "emptyDir": {}, "mountPath": "/scratch" }]);
        manifest["spec"]["sessionPool"] = json!({ "max": MAX, "warm": 1 });
        scenario(Echo::serve(&ns, &manifest).await?).await
    })
    .await
}

/// Two sessions, in two pods; how long the second one waited for its spare pod.
async fn two(echo: &Echo) -> Result<(Session, Session)> {
    let first = echo.raw.open("first").await?;
    ready_pods(echo, MAX).await?;
    let begun = Instant::now();
    let second = echo.raw.open("second").await?;
    println!("a session on a spare pod opened in {:?}", begun.elapsed());
    Ok((first, second))
}

/// The third client is refused, and told when to come back.
async fn a_third_is_refused(echo: &Echo) -> Result<()> {
    let hello = message::initialize(0, "third", "2025-11-25").to_string();
    let refused = echo.raw.post("/mcp", &[], hello).await?;
    ensure!(refused.status == 503, "HTTP {}", refused.status);
    ensure!(refused.body.contains("2 at most"), "{}", refused.body);
    Ok(())
}

/// A session opens as soon as a pod is free and fresh.
async fn open_again(echo: &Echo) -> Result<Session> {
    let begun = Instant::now();
    let session = until("a free pod", RECOVERY, async || {
        Ok(match echo.raw.open("next").await {
            Ok(session) => Look::Done(session),
            Err(refused) => Look::not_yet(refused),
        })
    })
    .await?;
    println!("a session on a renewed pod opened in {:?}", begun.elapsed());
    Ok(session)
}

async fn nobody_gets_what_another_had(echo: Echo) -> Result<()> {
    let (first, second) = two(&echo).await?;
    let (one, two) = (place(&first).await?, place(&second).await?);
    ensure!(one.0 != two.0, "both sessions are at {}", one.0);
    a_third_is_refused(&echo).await?;
    let note = json!({ "name": NOTE, "text": "secret" });
    first.text(3, "write", note).await?;
    let read = first.text(4, "read", json!({ "name": NOTE })).await?;
    ensure!(read == "secret", "it wrote and read {read}");

    let closed = first.close().await?;
    ensure!(closed.status == 204, "HTTP {}", closed.status);
    let next = open_again(&echo).await?;
    let now = place(&next).await?;
    ensure!(now.0 == one.0 && now.1 != one.1, "{now:?} after {one:?}");
    let read = next.text(5, "read", json!({ "name": NOTE })).await?;
    ensure!(
        read != "secret",
        "the next session reads what the last one wrote"
    );
    ensure!(place(&second).await? == two, "the other session was moved");
    Ok(())
}

#[tokio::test]
async fn each_session_has_a_fresh_pod_to_itself_over_stdio() -> Result<()> {
    pool("isolation-stdio", "stdio", nobody_gets_what_another_had).await
}

#[tokio::test]
async fn each_session_has_a_fresh_pod_to_itself_over_streamable_http() -> Result<()> {
    pool(
        "isolation-http",
        "streamable-http",
        nobody_gets_what_another_had,
    )
    .await
}

/// While both clients have calls in flight, a shared server could not tell whom it asks.
#[tokio::test]
async fn each_client_is_asked_what_its_own_server_asks() -> Result<()> {
    pool("isolation-asks", "stdio", async |echo| {
        let url = echo.forward.url(names::PATH_MCP);
        let anna = RustClient::connect(&url, "anna").await?;
        ready_pods(&echo, MAX).await?;
        let bert = RustClient::connect(&url, "bert").await?;
        let slow = json!({ "ms": SPANS, "text": "x" });
        let who = json!({ "kind": "elicitation", "text": "who?" });
        let (busy, asked, also) = tokio::try_join!(
            anna.call("slow", slow),
            bert.call("ask", who.clone()),
            anna.call("ask", who),
        )?;
        ensure!(busy == "x", "{busy}");
        ensure!(asked.contains("bert"), "bert's server was told {asked}");
        ensure!(also.contains("anna"), "anna's server was told {also}");
        anna.close().await?;
        bert.close().await
    })
    .await
}

/// The pool is the proxy's to scale; new bounds are followed by the proxy that runs.
#[tokio::test]
async fn a_pool_follows_its_bounds_and_nobody_else() -> Result<()> {
    pool("isolation-scale", "stdio", async |echo| {
        let session = echo.raw.open("stays").await?;
        ready_pods(&echo, MAX).await?;
        let sets = echo.ns.cluster.api::<StatefulSet>(&echo.ns.name);
        let none = Patch::Merge(json!({ "spec": { "replicas": 0 } }));
        sets.patch_scale(&echo.name, &PatchParams::default(), &none)
            .await?;
        ready_pods(&echo, MAX).await?;
        let wider = Patch::Merge(json!({ "spec": { "sessionPool": { "max": 4, "warm": 2 } } }));
        let api = crate::support::mcpservers(&echo.ns);
        api.patch(&echo.name, &PatchParams::default(), &wider)
            .await?;
        let status = ready_pods(&echo, 3).await?;
        ensure!(status["ready"] == "3/3", "{status}");
        let who = place(&session).await.context("the session goes on")?;
        ensure!(who.0 == names::pod(&echo.name, 0), "{who:?}");
        Ok(())
    })
    .await
}

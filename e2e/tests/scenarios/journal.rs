//! The journal as people read it: timelines, states of any time, why a server is broken; by kubectl,
//! by HTTP, and only by who may.

mod denied;
mod lost;

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hivewright_harness::{
    mcp::streamable::Session,
    ns::Ns,
    wait::{ANSWER, Look, RECOVERY, TRUTH, until},
};
use kube::api::DeleteParams;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    plugin::{self, Running},
    support::{Echo, beside_others, echo, mcpservers, status_when},
};

/// Words of the events, in order.
fn reasons(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| event["data"]["reason"].as_str())
        .collect()
}

/// Whether these words come in this order, with others between them.
fn in_order(all: &[&str], words: &[&str]) -> bool {
    let mut rest = all.iter();
    words.iter().all(|word| rest.any(|one| one == word))
}

fn sequences(events: &[Value]) -> Result<Vec<u64>> {
    let number = |event: &Value| -> Result<u64> {
        Ok(event["sequence"].as_str().context("a sequence")?.parse()?)
    };
    events.iter().map(number).collect()
}

/// Born, ready, its process killed, ready again, deleted: each in its timeline, and the numbers of its
/// events have no gap.
#[tokio::test]
async fn the_timeline_of_a_server_is_its_life() -> Result<()> {
    beside_others("journal", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        let server = format!("{}/echo", ns.name);
        let events = plugin::timeline(&ns.cluster, &server, &[]).await?;
        let born = [
            "SpecObserved",
            "Accepted",
            "Applied",
            "ProxyReady",
            "Initialized",
        ];
        ensure!(in_order(&reasons(&events), &born), "{:?}", reasons(&events));
        let numbers = sequences(&events)?;
        let expected: Vec<u64> = (1..).take(numbers.len()).collect();
        ensure!(numbers == expected, "{numbers:?}");
        table_says_the_same(&ns, &events).await?;
        ready_says_why(&ns, &server).await?;
        followed_through_a_death(&echo, &server, &events).await?;
        gone(&ns, &server).await
    })
    .await
}

/// The namespace is that of `-n`, as of every kubectl command.
async fn table_says_the_same(ns: &Ns, events: &[Value]) -> Result<()> {
    let table = plugin::text(&ns.cluster, &["timeline", "echo", "-n", &ns.name]).await?;
    let mut lines = table.lines();
    ensure!(
        lines.next().is_some_and(|head| head.starts_with("AGO")),
        "{table}"
    );
    ensure!(lines.count() >= events.len(), "{table}");
    ensure!(table.contains("The spec is accepted."), "{table}");
    let tail = plugin::timeline(&ns.cluster, &format!("{}/echo", ns.name), &["--tail=2"]).await?;
    ensure!(tail.len() == 2, "{tail:?}");
    Ok(())
}

async fn ready_says_why(ns: &Ns, server: &str) -> Result<()> {
    let why = plugin::text(&ns.cluster, &["why", server]).await?;
    ensure!(
        why.contains(" is ready: MCP clients are answered."),
        "{why}"
    );
    let why: Value = plugin::json(&ns.cluster, &["why", server]).await?;
    ensure!(
        why["verdict"] == "Ready" && why["since"].is_string(),
        "{why}"
    );
    Ok(())
}

/// Whoever follows sees it die and come back; whoever asks for then sees it as it was.
async fn followed_through_a_death(echo: &Echo, server: &str, before: &[Value]) -> Result<()> {
    let cluster = &echo.ns.cluster;
    let args = ["timeline", server, "--output=json", "--follow"];
    let mut followed = Running::start(cluster, &args).await?;
    for event in before {
        let line: Value = serde_json::from_str(&timeout(ANSWER, followed.line()).await??)?;
        ensure!(line["id"] == event["id"], "{line}");
    }
    let alive = before.last().context("an event")?["time"].clone();
    kill(&echo.raw.open("killer").await?).await?;
    let seen = timeout(RECOVERY, until_again(&mut followed)).await??;
    let then = alive.as_str().context("a time")?;
    let args = ["replay", "--at", then, "-n", &echo.ns.name];
    let states: Value = plugin::json(cluster, &args).await?;
    ensure!(
        states["servers"][0]["status"]["phase"] == "Ready",
        "{states}"
    );
    let late = plugin::timeline(cluster, server, &["--since", then]).await?;
    ensure!(
        late.len() < before.len() + seen.len(),
        "--since leaves nothing out"
    );
    ensure!(
        in_order(&reasons(&late), &["Restarted"]),
        "{:?}",
        reasons(&late)
    );
    Ok(())
}

/// The process ends by itself when told to; nobody answers that call.
async fn kill(session: &Session) -> Result<()> {
    let call = session.text(9, "exit", json!({ "code": 3 }));
    let _lost = timeout(Duration::from_secs(10), call).await;
    Ok(())
}

/// Reads on until the server is ready anew.
async fn until_again(followed: &mut Running) -> Result<Vec<Value>> {
    let mut seen: Vec<Value> = Vec::new();
    loop {
        seen.push(serde_json::from_str(&followed.line().await?)?);
        if in_order(&reasons(&seen), &["NotReady", "Ready"]) {
            return Ok(seen);
        }
    }
}

/// Its timeline outlives it.
async fn gone(ns: &Ns, server: &str) -> Result<()> {
    mcpservers(ns)
        .delete("echo", &DeleteParams::default())
        .await?;
    until("the end in the journal", RECOVERY, async || {
        let tail = plugin::timeline(&ns.cluster, server, &["--tail=1"]).await?;
        Ok(if reasons(&tail) == ["ServerDeleted"] {
            Look::Done(())
        } else {
            Look::not_yet(tail)
        })
    })
    .await?;
    let why = plugin::text(&ns.cluster, &["why", server]).await?;
    ensure!(why.contains(" is gone: "), "{why}");
    let states: Value = plugin::json(&ns.cluster, &["replay", "-n", &ns.name]).await?;
    ensure!(states["servers"] == json!([]), "{states}");
    Ok(())
}

/// What is wrong, since when, which event, what to do; and once it is mended, that it is over.
#[tokio::test]
async fn why_says_what_to_do_about_a_broken_server() -> Result<()> {
    beside_others("why", async |ns| {
        let good = echo(&ns, "echo", &[])?;
        let mut broken = good.clone();
        broken["spec"]["image"] = json!("hivewright.test/no-such-image:1");
        ns.apply(&broken).await?;
        status_when(&ns, "echo", "Failed", TRUTH, |status| {
            status["phase"] == "Failed"
        })
        .await?;
        let server = format!("{}/echo", ns.name);
        let why: Value = plugin::json(&ns.cluster, &["why", &server]).await?;
        ensure!(why["reason"] == "ImagePullFailed", "{why}");
        let sequence = why["event"]["sequence"].as_u64().context("an event")?;
        let events = plugin::timeline(&ns.cluster, &server, &[]).await?;
        let event = &events[usize::try_from(sequence - 1)?];
        ensure!(event["data"]["reason"] == "ImagePullFailed", "{event}");
        let paragraph = why["paragraph"].as_str().unwrap_or_default();
        println!("{paragraph}");
        for words in [
            "is broken (ImagePullFailed): The image cannot be pulled; correct spec.image",
            "It has not been ready for",
            "It has never been ready.",
            "What to do: correct what is named and apply the MCPServer again; `kubectl describe",
        ] {
            ensure!(paragraph.contains(words), "{words} is not in: {paragraph}");
        }
        let nothing =
            plugin::hivewright(&ns.cluster, &["why", &format!("{}/nothing", ns.name)]).await?;
        ensure!(!nothing.status.success(), "{}", nothing.stdout);
        ensure!(
            nothing.stderr.contains("never heard of"),
            "{}",
            nothing.stderr
        );
        Echo::serve(&ns, &good).await?;
        let over = plugin::text(&ns.cluster, &["why", &server]).await?;
        // Of whichever failure came last: a busy node may also have failed to start the container.
        ensure!(over.contains("ready: MCP clients are answered"), "{over}");
        ensure!(over.contains("and it is over ("), "{over}");
        Ok(())
    })
    .await
}

/// A browser has no token of the cluster; the loopback port adds it, for who has its key.
#[tokio::test]
async fn the_status_page_opens_to_a_browser_on_this_machine() -> Result<()> {
    beside_others("page", async |ns| {
        Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        let mut page = Running::start(&ns.cluster, &["page"]).await?;
        let line = timeout(ANSWER, page.line()).await??;
        let url = line.split_whitespace().last().context("an address")?;
        let (base, _) = url.split_once("?key=").context("a key")?;
        let stranger = reqwest::get(base).await?;
        ensure!(stranger.status() == 403, "{}", stranger.status());
        let to = reqwest::redirect::Policy::none();
        let browser = reqwest::Client::builder().redirect(to).build()?;
        let first = browser.get(url).send().await?;
        ensure!(first.status() == 303, "{}", first.status());
        let cookie = first.headers()["set-cookie"].to_str()?.to_owned();
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let server = format!("{base}servers/{}/echo", ns.name);
        let shown = browser.get(server).header("cookie", cookie).send().await?;
        ensure!(shown.status() == 200, "{}", shown.status());
        let html = shown.text().await?;
        ensure!(
            html.contains("echo") && html.contains("Initialized"),
            "{html}"
        );
        Ok(())
    })
    .await
}

//! The fourth law: with the journal lost, everything is right all the same.

use anyhow::{Context as _, Result, ensure};
use hivewright_harness::{
    charts::NAMESPACE,
    ns::Ns,
    wait::{ANSWER, Look, RECOVERY, until},
};
use k8s_openapi::api::core::v1::Pod;
use kube::api::DeleteParams;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{reasons, sequences};
use crate::{
    law,
    operator::leader,
    plugin::{self, Running},
    support::{Echo, alone, condition, echo, mcpservers, ready, status_when},
};

/// The controller's pod goes, and with it the disk of its journal.
async fn lose(ns: &Ns) -> Result<()> {
    let pods = ns.cluster.api::<Pod>(NAMESPACE);
    let before = leader(&ns.cluster).await?;
    pods.delete(&before, &DeleteParams::default()).await?;
    until("another controller", RECOVERY, async || {
        let now = leader(&ns.cluster).await?;
        Ok(if now == before {
            Look::not_yet(now)
        } else {
            Look::Done(())
        })
    })
    .await
}

/// Nothing more is to be found out about the server.
async fn settled(ns: &Ns) -> Result<()> {
    let enforced = |status: &Value| {
        condition(status, "PolicyEnforced").is_some_and(|found| found["status"] == "True")
    };
    status_when(ns, "echo", "PolicyEnforced True", RECOVERY, enforced).await?;
    Ok(())
}

async fn version(ns: &Ns) -> Result<String> {
    let server = mcpservers(ns).get("echo").await?;
    server
        .metadata
        .resource_version
        .context("a resourceVersion")
}

#[tokio::test]
async fn a_lost_journal_changes_nothing() -> Result<()> {
    alone("lost", async |ns| {
        let running = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        settled(&ns).await?;
        law::holds(&ns.cluster, Some(&ns.name)).await?;
        let before = version(&ns).await?;
        let server = format!("{}/echo", ns.name);
        let args = ["timeline", &server, "--follow", "--tail=1", "--output=json"];
        let mut followed = Running::start(&ns.cluster, &args).await?;
        timeout(ANSWER, followed.line()).await??;
        lose(&ns).await?;
        let events = until("the journal begins anew", RECOVERY, async || {
            let events = plugin::timeline(&ns.cluster, &server, &[]).await?;
            Ok(if events.is_empty() {
                Look::not_yet(events)
            } else {
                Look::Done(events)
            })
        })
        .await?;
        ensure!(
            reasons(&events) == ["JournalBegun"],
            "{:?}",
            reasons(&events)
        );
        ensure!(sequences(&events)? == [1], "{events:?}");
        law::holds(&ns.cluster, Some(&ns.name)).await?;
        ensure!(
            version(&ns).await? == before,
            "something was written to the MCPServer"
        );
        let session = running.raw.open("after").await?;
        ensure!(
            session.text(1, "echo", json!({ "text": "here" })).await? == "here",
            "no answer"
        );
        goes_on(&ns, &server).await?;
        misses_nothing(&mut followed).await?;
        found_by_looking(&ns).await
    })
    .await
}

/// The next change is told as if nothing had happened.
async fn goes_on(ns: &Ns, server: &str) -> Result<()> {
    ns.apply(&echo(ns, "echo", &["--listen", "9000"])?).await?;
    ready(ns, "echo").await?;
    let events = plugin::timeline(&ns.cluster, server, &[]).await?;
    ensure!(
        reasons(&events).contains(&"SpecObserved"),
        "{:?}",
        reasons(&events)
    );
    let expected: Vec<u64> = (1..).take(events.len()).collect();
    ensure!(sequences(&events)? == expected, "{events:?}");
    let why: Value = plugin::json(&ns.cluster, &["why", server]).await?;
    ensure!(why["verdict"] == "Ready", "{why}");
    law::holds(&ns.cluster, Some(&ns.name)).await?;
    Ok(())
}

/// Who followed meanwhile was connected again, to another controller and another file.
async fn misses_nothing(followed: &mut Running) -> Result<()> {
    let mut seen: Vec<Value> = Vec::new();
    while !reasons(&seen).contains(&"SpecObserved") {
        let line = timeout(RECOVERY, followed.line()).await??;
        seen.push(serde_json::from_str(&line)?);
    }
    ensure!(reasons(&seen)[0] == "JournalBegun", "{:?}", reasons(&seen));
    Ok(())
}

/// While there is but one controller, nobody has to say where it runs.
async fn found_by_looking(ns: &Ns) -> Result<()> {
    let found = plugin::looking(&ns.cluster, &["replay", "-n", &ns.name]).await?;
    ensure!(found.status.success(), "{}", found.stderr);
    ensure!(found.stdout.contains("echo"), "{}", found.stdout);
    Ok(())
}

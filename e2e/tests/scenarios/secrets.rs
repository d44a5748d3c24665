//! Keys of Secrets as environment variables: what is missing is named, what comes heals, what
//! changes rolls the pod.

use anyhow::{Result, ensure};
use hivewright_harness::{
    ns::Ns,
    wait::{Look, RECOVERY, TRUTH, until},
};
use k8s_openapi::api::core::v1::Pod;
use kube::{
    ResourceExt as _,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{Echo, beside_others, condition, echo, mcpservers, ready, status_when};

/// Annotation of an MCPServer whose pods stay when a Secret changes.
const SWITCH: &str = "hivewright.dev/roll-on-secret-change";
/// Time in which a pod would have been rolled; a roll begins within a second.
const QUIET: std::time::Duration = std::time::Duration::from_secs(5);

async fn put(ns: &Ns, name: &str, keys: Value) -> Result<()> {
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": { "name": name }, "stringData": keys,
    });
    ns.apply(&secret).await?;
    Ok(())
}

/// Two keys of one Secret, one of them under two names.
fn with_secrets(ns: &Ns) -> Result<Value> {
    let mut manifest = echo(ns, "echo", &[])?;
    manifest["spec"]["secrets"] = json!([
        { "name": "tokens", "key": "FIRST" },
        { "name": "tokens", "key": "second", "targetEnvName": "SECOND" },
        { "name": "tokens", "key": "second", "targetEnvName": "ALSO_SECOND" },
    ]);
    Ok(manifest)
}

async fn env(echo: &Echo, name: &str) -> Result<String> {
    let session = echo.raw.open("reader").await?;
    session.text(1, "env", json!({ "name": name })).await
}

/// The sentence while BackendReady is False for this reason.
async fn told(ns: &Ns, reason: &str) -> Result<String> {
    let status = status_when(ns, "echo", reason, TRUTH, |status| {
        condition(status, "BackendReady").is_some_and(|found| found["reason"] == reason)
    })
    .await?;
    let found = condition(&status, "BackendReady").cloned();
    let message = found.unwrap_or_default()["message"].clone();
    Ok(message.as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_missing_secret_and_a_missing_key_are_named_and_heal_by_themselves() -> Result<()> {
    beside_others("secret-missing", async |ns| {
        ns.apply(&with_secrets(&ns)?).await?;
        let sentence = told(&ns, "SecretNotFound").await?;
        ensure!(sentence.contains("tokens"), "{sentence:?}");
        put(&ns, "tokens", json!({ "FIRST": "one" })).await?;
        let sentence = told(&ns, "SecretKeyNotFound").await?;
        for word in ["tokens", "second"] {
            ensure!(sentence.contains(word), "no {word:?} in {sentence:?}");
        }
        put(&ns, "tokens", json!({ "FIRST": "one", "second": "two" })).await?;
        let echo = Echo::serve(&ns, &with_secrets(&ns)?).await?;
        for (name, value) in [("FIRST", "one"), ("SECOND", "two"), ("ALSO_SECOND", "two")] {
            let found = env(&echo, name).await?;
            ensure!(found == value, "{name} is {found:?}");
        }
        Ok(())
    })
    .await
}

async fn uid(echo: &Echo) -> Result<Option<String>> {
    let pods = echo.ns.cluster.api::<Pod>(&echo.ns.name);
    Ok(pods.get(&echo.pod()).await?.uid())
}

#[tokio::test]
async fn a_changed_secret_rolls_the_pod_unless_switched_off() -> Result<()> {
    beside_others("secret-changed", async |ns| {
        put(&ns, "tokens", json!({ "FIRST": "one", "second": "two" })).await?;
        let echo = Echo::serve(&ns, &with_secrets(&ns)?).await?;
        put(&ns, "tokens", json!({ "FIRST": "uno", "second": "due" })).await?;
        until("the new value", RECOVERY, async || {
            let value = env(&echo, "FIRST").await?;
            Ok(if value == "uno" {
                Look::Done(())
            } else {
                Look::NotYet(value)
            })
        })
        .await?;
        ready(&ns, "echo").await?;
        let off = Patch::Merge(json!({ "metadata": { "annotations": { SWITCH: "false" } } }));
        mcpservers(&ns)
            .patch("echo", &PatchParams::default(), &off)
            .await?;
        // The switch itself may make one last pod: what it is made from has changed.
        sleep(QUIET).await;
        ready(&ns, "echo").await?;
        let before = uid(&echo).await?;
        put(&ns, "tokens", json!({ "FIRST": "eins", "second": "zwei" })).await?;
        sleep(QUIET).await;
        ensure!(uid(&echo).await? == before, "the pod was rolled");
        let value = env(&echo, "FIRST").await?;
        ensure!(value == "uno", "FIRST is {value:?}");
        Ok(())
    })
    .await
}

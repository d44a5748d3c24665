//! Volumes reach the MCP container, and read-only means it.

use anyhow::{Result, ensure};
use hivewright_harness::wait::TRUTH;
use serde_json::json;

use crate::support::{Echo, beside_others, condition, echo, status_when};

#[tokio::test]
async fn volumes_are_in_the_servers_container_and_read_only_is_honoured() -> Result<()> {
    beside_others("volumes", async |ns| {
        ns.apply(&json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": { "name": "words" }, "data": { "word": "from a ConfigMap" },
        }))
        .await?;
        let mut manifest = echo(&ns, "echo", &[])?;
        manifest["spec"]["volumes"] = json!([
            { "name": "node", "hostPath": "/etc", "mountPath": "/node-etc", "readOnly": true },
            { "name": "scratch", "emptyDir": {}, "mountPath": "/scratch" },
            { "name": "words", "configMap": { "name": "words" }, "mountPath": "/words" },
        ]);
        let echo = Echo::serve(&ns, &manifest).await?;
        let session = echo.raw.open("reader").await?;
        let read = async |path: &str| session.text(1, "read", json!({ "name": path })).await;
        let write = async |path: &str| {
            let arguments = json!({ "name": path, "text": "kept" });
            session.text(2, "write", arguments).await
        };
        let word = read("/words/word").await?;
        ensure!(word == "from a ConfigMap", "the ConfigMap says {word}");
        let host = read("/node-etc/hostname").await?;
        ensure!(
            !host.trim().is_empty() && !host.contains("os error"),
            "{host}"
        );
        let told = write("/node-etc/hivewright-e2e").await?;
        ensure!(told.contains("Read-only"), "a read-only volume: {told}");
        let told = write("/scratch/note").await?;
        ensure!(told == "written", "a writable volume: {told}");
        ensure!(read("/scratch/note").await? == "kept", "it was not kept");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn two_volumes_at_one_path_are_refused_with_both_names() -> Result<()> {
    beside_others("clash", async |ns| {
        let mut manifest = echo(&ns, "echo", &[])?;
        manifest["spec"]["volumes"] = json!([
            { "name": "one", "emptyDir": {}, "mountPath": "/data" },
            { "name": "two", "emptyDir": {}, "mountPath": "/data/" },
        ]);
        ns.apply(&manifest).await?;
        let status = status_when(&ns, "echo", "Accepted False", TRUTH, |status| {
            condition(status, "Accepted").is_some_and(|accepted| accepted["status"] == "False")
        })
        .await?;
        let accepted = condition(&status, "Accepted").cloned().unwrap_or_default();
        let sentence = accepted["message"].as_str().unwrap_or_default();
        for word in ["one", "two", "/data"] {
            ensure!(sentence.contains(word), "no {word:?} in {sentence:?}");
        }
        Ok(())
    })
    .await
}

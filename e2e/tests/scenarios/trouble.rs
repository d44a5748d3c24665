//! What Kubernetes itself refuses or ends: each has its own reason, and heals once it is mended.

use anyhow::Result;
use hivewright_harness::ns::Ns;
use serde_json::{Value, json};

use crate::{
    bad_spec::{bad_server, in_the_pod, story, told_and_healed},
    support::{beside_others, echo},
};

/// The echo server with this pod template.
fn with_template(ns: &Ns, args: &[&str], spec: &Value) -> Result<Value> {
    let mut manifest = echo(ns, "server", args)?;
    manifest["spec"]["podTemplateSpec"] = json!({ "spec": spec });
    Ok(manifest)
}

#[tokio::test]
async fn a_server_that_outgrows_its_memory_is_told_with_the_limit_and_heals() -> Result<()> {
    story("memory", async |ns| {
        let small = json!({ "containers": [{ "name": "mcp", "resources": { "limits": { "memory": "32Mi" } } }] });
        Ok(in_the_pod(
            with_template(ns, &["--hog"], &small)?,
            echo(ns, "server", &[])?,
            &["OutOfMemory"],
            &["memory", "spec.podTemplateSpec"],
        ))
    })
    .await
}

#[tokio::test]
async fn a_pod_that_no_node_takes_is_told_and_heals() -> Result<()> {
    story("unschedulable", async |ns| {
        let nowhere = json!({ "nodeSelector": { "hivewright.dev/no-such": "node" } });
        Ok(in_the_pod(
            with_template(ns, &[], &nowhere)?,
            echo(ns, "server", &[])?,
            &["Unschedulable"],
            &["node"],
        ))
    })
    .await
}

/// The last lines that the process wrote to stderr are in the sentence.
#[tokio::test]
async fn a_crash_is_told_with_its_code_and_last_words() -> Result<()> {
    let reasons = &["ProcessExited", "CrashLoopBackOff"];
    story("last-words", async |ns| {
        bad_server(ns, &["--exit-at-once", "9"], reasons, &["9", "as told"])
    })
    .await
}

/// A quota that has room for the proxy and not for the server.
#[tokio::test]
async fn a_pod_that_a_quota_refuses_is_told_and_heals() -> Result<()> {
    beside_others("quota", async |ns| {
        ns.apply(&json!({
            "apiVersion": "v1", "kind": "ResourceQuota",
            "metadata": { "name": "small" },
            "spec": { "hard": { "limits.memory": "256Mi" } },
        }))
        .await?;
        let limits = |memory: &str| json!({ "containers": [{ "name": "mcp", "resources": { "limits": { "memory": memory } } }] });
        let proxy = json!({ "limits": { "memory": "128Mi" } });
        let mut bad = in_the_pod(
            with_template(&ns, &[], &limits("512Mi"))?,
            with_template(&ns, &[], &limits("64Mi"))?,
            &["PodRefused"],
            &["quota", "limits.memory"],
        );
        bad.broken["spec"]["resources"] = proxy.clone();
        bad.mended["spec"]["resources"] = proxy;
        told_and_healed(&ns, &bad).await
    })
    .await
}

//! podTemplateSpec as Kubernetes merges it: init containers, sidecars, env, volumes, tolerations; and
//! profiles that ask for mounts.

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_harness::ns::Ns;
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use crate::support::{ECHO_IMAGE, Echo, beside_others, echo};

/// What the init container leaves for the server.
const WORD: &str = "left by the init container";

fn template(ns: &Ns) -> Result<Value> {
    let world = ns.cluster.image("hivewright.test/world")?;
    let echo = ns.cluster.image(ECHO_IMAGE)?;
    let shared = json!({ "name": "shared", "mountPath": "/shared" });
    Ok(json!({
        "metadata": { "labels": { "team": "blue" } },
        "spec": {
            "initContainers": [{
                "name": "prepare", "image": echo, "imagePullPolicy": "IfNotPresent",
                "args": ["--leave", "/shared/word", WORD],
                "volumeMounts": [shared],
            }],
            "containers": [
                {
                    "name": "mcp",
                    "env": [
                        { "name": "COLOUR", "value": "blue" },
                        { "name": "POD_UID", "valueFrom": { "fieldRef": { "fieldPath": "metadata.uid" } } },
                    ],
                    "resources": { "requests": { "cpu": "10m" } },
                    "volumeMounts": [shared],
                },
                {
                    "name": "sidecar", "image": world, "imagePullPolicy": "IfNotPresent",
                    "args": ["serve"],
                    "securityContext": hivewright_harness::packets::restricted(),
                },
            ],
            "volumes": [{ "name": "shared", "emptyDir": {} }],
            "tolerations": [{ "key": "blue", "operator": "Exists" }],
        },
    }))
}

async fn pod(echo: &Echo) -> Result<Value> {
    let pods = echo.ns.cluster.api::<Pod>(&echo.ns.name);
    Ok(serde_json::to_value(pods.get(&echo.pod()).await?)?)
}

async fn the_pod_is_both(echo: &Echo) -> Result<()> {
    let pod = pod(echo).await?;
    let named: Vec<&str> = pod["spec"]["containers"]
        .as_array()
        .context("containers")?
        .iter()
        .filter_map(|container| container["name"].as_str())
        .collect();
    ensure!(
        named == [names::MCP_CONTAINER, "sidecar"],
        "the containers are {named:?}"
    );
    ensure!(pod["metadata"]["labels"]["team"] == "blue", "the label");
    let tolerations = pod["spec"]["tolerations"].to_string();
    ensure!(tolerations.contains("\"blue\""), "{tolerations}");
    let labels = &pod["metadata"]["labels"];
    ensure!(
        labels[names::SERVER_LABEL] == echo.name.as_str(),
        "{labels}"
    );
    Ok(())
}

#[tokio::test]
async fn a_pod_template_is_merged_as_kubernetes_merges_it() -> Result<()> {
    beside_others("pods", async |ns| {
        let mut manifest = echo(&ns, "echo", &[])?;
        manifest["spec"]["env"] = json!([
            { "name": "COLOUR", "value": "red" },
            { "name": "SHAPE", "value": "round" },
        ]);
        manifest["spec"]["podTemplateSpec"] = template(&ns)?;
        let echo = Echo::serve(&ns, &manifest).await?;
        let session = echo.raw.open("reader").await?;
        let env = async |name: &str| session.text(1, "env", json!({ "name": name })).await;
        ensure!(env("COLOUR").await? == "blue", "the template's value wins");
        ensure!(env("SHAPE").await? == "round", "the spec's value stays");
        let uid = pod(&echo).await?["metadata"]["uid"].clone();
        ensure!(uid == env("POD_UID").await?.as_str(), "a field as env");
        let word = session
            .text(2, "read", json!({ "name": "/shared/word" }))
            .await?;
        ensure!(word == WORD, "the init container left {word:?}");
        the_pod_is_both(&echo).await
    })
    .await
}

/// `read` and `write` of a profile are mounts of the node, `privileged` is the security context.
#[tokio::test]
async fn a_profile_that_asks_for_mounts_and_privilege_gets_them() -> Result<()> {
    beside_others("mounts", async |ns| {
        let profile = json!({
            "privileged": true,
            "read": ["/etc:/node"],
            "write": ["/tmp:/scratch"],
            "network": { "outbound": {} },
        });
        ns.apply(&json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": { "name": "profiles" }, "data": { "wide.json": profile.to_string() },
        }))
        .await?;
        let mut manifest = echo(&ns, "echo", &[])?;
        manifest["spec"]["permissionProfile"] =
            json!({ "type": "configmap", "name": "profiles", "key": "wide.json" });
        let echo = Echo::serve(&ns, &manifest).await?;
        let session = echo.raw.open("reader").await?;
        let users = session
            .text(1, "read", json!({ "name": "/node/passwd" }))
            .await?;
        ensure!(users.contains("root:"), "read gave {users:?}");
        let write = async |path: String| {
            let arguments = json!({ "name": path, "text": "x" });
            session.text(2, "write", arguments).await
        };
        let told = write("/node/x".to_owned()).await?;
        ensure!(told.contains("Read-only"), "a read mount: {told}");
        let told = write(format!("/scratch/{}", ns.name)).await?;
        ensure!(told == "written", "a write mount: {told}");
        let security = pod(&echo).await?["spec"]["containers"][0]["securityContext"].clone();
        ensure!(security["privileged"] == true, "{security}");
        Ok(())
    })
    .await
}

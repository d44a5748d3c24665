//! The documented GitHub server with a token of a Secret. Who answers under api.github.com believes
//! the token alone, so each answer shows which one was sent.

use anyhow::{Context as _, Result, ensure};
use hivewright_e2e::world::github::{PUBLIC, token};
use hivewright_harness::{
    charts,
    mcp::rust_sdk::RustClient,
    ns::Ns,
    wait::{Look, RECOVERY, TRUTH, until},
};
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::ResourceExt as _;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    documented::{Call, Documented, KINDS},
    support::{beside_others, condition, proxy, ready, status_when},
};

/// The manifest of v1alpha1.
const ALPHA: Documented = Documented {
    file: "github.yaml",
    name: "github",
    namespace: "toolhive-system",
    port: 8080,
};
/// That of v1beta1, without a permission profile.
const BETA: Documented = Documented {
    file: "v1beta1-github.yaml",
    ..ALPHA
};
/// The Secret in them, and its key.
const SECRET: (&str, &str) = ("github-token", "token");
/// Some of the tools that the server has for a token of these scopes.
const TOOLS: [&str; 3] = ["get_me", "search_repositories", "issue_read"];

async fn put(ns: &Ns, token: &str) -> Result<()> {
    let (name, key) = SECRET;
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": { "name": name }, "stringData": { key: token },
    });
    ns.apply(&secret).await?;
    Ok(())
}

/// A token that nobody had before, so that no trace of an older one can be mistaken for it.
fn fresh(ns: &Ns, word: &str) -> String {
    let now = std::time::SystemTime::now();
    token::mint(&format!("{} {word} {now:?}", ns.name))
}

fn calls(login: &str) -> Vec<Call> {
    let owned = format!("{login}/{PUBLIC}");
    vec![
        Call {
            tool: TOOLS[0],
            arguments: json!({}),
            says: vec![login.to_owned()],
        },
        Call {
            tool: TOOLS[1],
            arguments: json!({ "query": format!("user:{login}") }),
            says: vec![owned, "\"total_count\":2".to_owned()],
        },
    ]
}

async fn serves(manifest: Documented) -> Result<()> {
    manifest
        .run(async |ns| {
            let token = fresh(&ns, manifest.file);
            put(&ns, &token).await?;
            let login = token::login(&token).context("a token of somebody")?;
            manifest.story(&ns, &TOOLS, &calls(&login)).await?;
            nowhere_but_in_the_secret(&ns, &[&token]).await?;
            manifest.gone(&ns).await?;
            ns.kubectl(&["delete", "secret", SECRET.0]).await?;
            Ok(())
        })
        .await
}

#[tokio::test]
async fn the_documented_manifest_asks_with_the_secrets_token() -> Result<()> {
    serves(ALPHA).await
}

#[tokio::test]
async fn the_manifest_of_v1beta1_asks_with_it_too() -> Result<()> {
    serves(BETA).await
}

/// Everything that can be read without the right to read Secrets: objects with all that their managers
/// wrote, events, logs of this namespace and of the controller.
async fn readable(ns: &Ns) -> Result<String> {
    let kinds = format!("{},events", KINDS.replace("secrets,", ""));
    let get = ["get", &kinds, "-o", "yaml", "--show-managed-fields"];
    let mut text = ns.kubectl(&get).await?;
    for namespace in [ns.name.as_str(), charts::NAMESPACE] {
        let there = Ns {
            cluster: ns.cluster.clone(),
            name: namespace.to_owned(),
        };
        for pod in there.kubectl(&["get", "pods", "-o", "name"]).await?.lines() {
            // A pod that is on its way out has no log any more.
            let log = there.kubectl(&["logs", pod, "--all-containers"]).await;
            text += &log.unwrap_or_default();
        }
    }
    Ok(text)
}

async fn nowhere_but_in_the_secret(ns: &Ns, tokens: &[&str]) -> Result<()> {
    let text = readable(ns).await?;
    for word in ["MCPServer", "NetworkPolicy", "Event", SECRET.0] {
        ensure!(text.contains(word), "the search saw no {word}");
    }
    let secret = ns.cluster.api::<Secret>(&ns.name).get(SECRET.0).await?;
    let encoded = serde_json::to_value(&secret.data)?[SECRET.1].clone();
    let encoded = encoded.as_str().context("a value in base64")?;
    for word in tokens.iter().chain([&encoded]) {
        ensure!(
            !text.contains(word),
            "a token can be read outside its Secret"
        );
    }
    Ok(())
}

async fn me(ns: &Ns) -> Result<String> {
    let forward = proxy(ns, ALPHA.name, ALPHA.port).await?;
    let client = RustClient::connect(&forward.url("/mcp"), "me").await?;
    let answer = client.call("get_me", json!({})).await?;
    client.close().await?;
    Ok(answer)
}

/// Waits for an answer with `word` and prints how long that took.
async fn answers(ns: &Ns, what: &str, word: &str) -> Result<()> {
    let begin = Instant::now();
    until(what, RECOVERY, async || {
        let answer = me(ns).await?;
        Ok(if answer.contains(word) {
            Look::Done(())
        } else {
            Look::NotYet(answer)
        })
    })
    .await?;
    println!(
        "github: {what} after {:.1} s",
        begin.elapsed().as_secs_f64()
    );
    Ok(())
}

/// The documented manifest, but in a namespace of its own.
fn here(ns: &Ns) -> Result<Value> {
    let file = ns
        .cluster
        .place()
        .project
        .join("e2e/manifests")
        .join(ALPHA.file);
    let mut manifest: Value = serde_yaml_ng::from_str(&std::fs::read_to_string(file)?)?;
    manifest["metadata"]["namespace"] = json!(ns.name);
    Ok(manifest)
}

async fn pod(ns: &Ns) -> Result<Option<String>> {
    let pods = ns.cluster.api::<Pod>(&ns.name);
    let name = hivewright_api::names::pod(ALPHA.name, 0);
    Ok(pods.get(&name).await?.uid())
}

#[tokio::test]
async fn a_token_that_comes_late_heals_and_one_that_changes_is_used() -> Result<()> {
    beside_others("github-token", async |ns| {
        ns.apply(&here(&ns)?).await?;
        let status = status_when(&ns, ALPHA.name, "SecretNotFound", TRUTH, |status| {
            condition(status, "BackendReady")
                .is_some_and(|found| found["reason"] == "SecretNotFound")
        })
        .await?;
        let found = condition(&status, "BackendReady").context("a condition")?;
        let message = found["message"].as_str().unwrap_or_default();
        ensure!(message.contains(SECRET.0), "{message:?} names no Secret");
        let bad = token::mint_bad(&fresh(&ns, "bad"));
        put(&ns, &bad).await?;
        let begin = Instant::now();
        ready(&ns, ALPHA.name).await?;
        println!(
            "github: Ready {:.1} s after its Secret",
            begin.elapsed().as_secs_f64()
        );
        answers(&ns, "the refusal of a wrong token", "401").await?;
        let first = pod(&ns).await?;
        let good = fresh(&ns, "good");
        put(&ns, &good).await?;
        let login = token::login(&good).context("a token of somebody")?;
        answers(&ns, "an answer to the new token", &login).await?;
        ensure!(pod(&ns).await? != first, "the pod was not rolled");
        nowhere_but_in_the_secret(&ns, &[&bad, &good]).await
    })
    .await
}

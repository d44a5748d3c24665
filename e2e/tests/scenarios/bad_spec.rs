//! Wrong manifests and bad servers: `kubectl get` and `kubectl describe` tell the truth within
//! seconds, in a sentence that says what to change, and everything heals once it is mended.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hivewright_harness::{
    ns::Ns,
    wait::{Look, TRUTH, until},
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{beside_others, condition, echo, proxy, ready, status, status_when};

/// The proxy waits 60 s for the answer to `initialize`; the pod's start and the news come on top.
const HANDSHAKE: Duration = Duration::from_secs(90);

/// A spec or server that is bad, what must be said of it, and how it is mended.
pub(crate) struct Bad<'a> {
    pub(crate) name: &'a str,
    pub(crate) broken: Value,
    pub(crate) mended: Value,
    /// The condition that is False.
    pub(crate) condition: &'a str,
    /// The reasons that are true of it; a crash and its back-off take turns.
    pub(crate) reasons: &'a [&'a str],
    /// Words that the sentence must hold.
    pub(crate) words: &'a [&'a str],
}

/// The message of the condition, if it is False for one of the reasons.
pub(crate) fn told<'a>(status: &'a Value, bad: &Bad<'_>) -> Option<&'a str> {
    let condition = condition(status, bad.condition)?;
    let reason = condition["reason"].as_str()?;
    let right = condition["status"] == "False" && bad.reasons.contains(&reason);
    condition["message"].as_str().filter(|_| right)
}

/// Applies what is broken and waits for the truth; gives the sentence.
pub(crate) async fn truth(ns: &Ns, bad: &Bad<'_>) -> Result<String> {
    let begin = Instant::now();
    ns.apply(&bad.broken).await?;
    let what = format!("{} False with {:?}", bad.condition, bad.reasons);
    let status = status_when(ns, bad.name, &what, TRUTH, |status| {
        status["phase"] != "Ready" && told(status, bad).is_some()
    })
    .await?;
    println!(
        "{}: the truth after {:.1} s",
        ns.name,
        begin.elapsed().as_secs_f64()
    );
    Ok(told(&status, bad).unwrap_or_default().to_owned())
}

/// What a user sees must say the same as the API: the table, and the description.
pub(crate) async fn seen_by_users(ns: &Ns, bad: &Bad<'_>) -> Result<()> {
    let table = ns
        .kubectl(&["get", "mcpserver", bad.name, "--no-headers"])
        .await?;
    ensure!(!table.contains("Ready"), "kubectl get says {table}");
    until("the sentence in kubectl describe", TRUTH, async || {
        let text = ns.kubectl(&["describe", "mcpserver", bad.name]).await?;
        let status = status(ns, bad.name).await?;
        let Some(sentence) = told(&status, bad) else {
            return Ok(Look::NotYet(text));
        };
        // describe breaks no lines of its own, but shows the message once in the condition and, if
        // it was worth an Event, once more below.
        let head: String = sentence.chars().take(40).collect();
        Ok(if text.contains(&head) {
            Look::Done(())
        } else {
            Look::NotYet(text)
        })
    })
    .await
}

pub(crate) async fn told_and_healed(ns: &Ns, bad: &Bad<'_>) -> Result<()> {
    let sentence = truth(ns, bad).await?;
    for word in bad.words {
        ensure!(
            sentence.contains(word),
            "{}: no {word:?} in {sentence:?}",
            bad.name
        );
    }
    seen_by_users(ns, bad).await?;
    let begin = Instant::now();
    ns.apply(&bad.mended).await?;
    ready(ns, bad.name).await?;
    println!(
        "{}: healed {:.1} s after it was mended",
        ns.name,
        begin.elapsed().as_secs_f64()
    );
    Ok(())
}

pub(crate) async fn story(
    story: &str,
    make: impl AsyncFnOnce(&Ns) -> Result<Bad<'static>>,
) -> Result<()> {
    beside_others(story, async |ns| {
        let bad = make(&ns).await?;
        told_and_healed(&ns, &bad).await
    })
    .await
}

/// An echo server with other arguments than a good one.
pub(crate) fn bad_server(
    ns: &Ns,
    args: &[&str],
    reasons: &'static [&'static str],
    words: &'static [&'static str],
) -> Result<Bad<'static>> {
    let (broken, mended) = (echo(ns, "server", args)?, echo(ns, "server", &[])?);
    Ok(in_the_pod(broken, mended, reasons, words))
}

/// A manifest that is accepted, and whose pod comes to grief.
pub(crate) fn in_the_pod(
    broken: Value,
    mended: Value,
    reasons: &'static [&'static str],
    words: &'static [&'static str],
) -> Bad<'static> {
    Bad {
        name: "server",
        broken,
        mended,
        condition: "BackendReady",
        reasons,
        words,
    }
}

#[tokio::test]
async fn what_the_schema_can_see_is_refused_with_a_sentence() -> Result<()> {
    beside_others("schema", async |ns| {
        let with = |field: &str, value: Value| -> Result<Value> {
            let mut manifest = echo(&ns, "server", &[])?;
            manifest["spec"][field] = value;
            Ok(manifest)
        };
        let long = "n".repeat(hivewright_api::names::MAX_SERVER_NAME + 1);
        for (manifest, words) in [
            (
                with("transport", json!("carrier-pigeon"))?,
                &["spec.transport", "stdio"][..],
            ),
            (with("port", json!(70_000))?, &["spec.port", "65535"]),
            (with("port", json!(0))?, &["spec.port", "1"]),
            (with("image", json!(""))?, &["spec.image"]),
            (echo(&ns, &long, &[])?, &["name", "50"]),
        ] {
            let refusal = ns
                .apply(&manifest)
                .await
                .err()
                .context("it was accepted")?
                .to_string();
            for word in words {
                ensure!(refusal.contains(word), "no {word:?} in {refusal}");
            }
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_wrong_container_name_is_told_and_heals() -> Result<()> {
    story("container-name", async |ns| {
        let (mut broken, mended) = (echo(ns, "server", &[])?, echo(ns, "server", &[])?);
        broken["spec"]["podTemplateSpec"] =
            json!({ "spec": { "containers": [{ "name": "main", "resources": {} }] } });
        let (reasons, words) = (&["InvalidPodTemplate"], &["mcp", "main"]);
        Ok(Bad {
            name: "server",
            broken,
            mended,
            condition: "Accepted",
            reasons,
            words,
        })
    })
    .await
}

#[tokio::test]
async fn a_field_that_does_not_work_yet_is_named() -> Result<()> {
    story("not-yet", async |ns| {
        let (mut broken, mended) = (echo(ns, "server", &[])?, echo(ns, "server", &[])?);
        broken["spec"]["telemetryConfigRef"] = json!({ "name": "shared" });
        let (reasons, words) = (&["NotSupportedYet"], &["telemetryConfigRef"]);
        Ok(Bad {
            name: "server",
            broken,
            mended,
            condition: "Accepted",
            reasons,
            words,
        })
    })
    .await
}

#[tokio::test]
async fn an_image_that_cannot_be_pulled_is_told_and_heals() -> Result<()> {
    story("image", async |ns| {
        let (mut broken, mended) = (echo(ns, "server", &[])?, echo(ns, "server", &[])?);
        broken["spec"]["image"] = json!("hivewright.test/no-such-image:1");
        let (reasons, words) = (&["ImagePullFailed"], &["no-such-image"]);
        Ok(Bad {
            name: "server",
            broken,
            mended,
            condition: "BackendReady",
            reasons,
            words,
        })
    })
    .await
}

#[tokio::test]
async fn a_command_that_exits_at_once_is_told_and_heals() -> Result<()> {
    let reasons = &["ProcessExited", "CrashLoopBackOff"];
    story("exits", async |ns| {
        bad_server(ns, &["--exit-at-once", "7"], reasons, &["7"])
    })
    .await
}

#[tokio::test]
async fn a_server_that_is_not_mcp_is_told_and_heals() -> Result<()> {
    story("not-mcp", async |ns| {
        bad_server(ns, &["--not-mcp"], &["NotMcp"], &["initialize"])
    })
    .await
}

#[tokio::test]
async fn a_server_that_prints_only_garbage_is_told_and_heals() -> Result<()> {
    let reasons = &["Handshaking", "NotMcp", "HandshakeTimeout"];
    story("babble", async |ns| {
        bad_server(ns, &["--babble"], reasons, &["initialize"])
    })
    .await
}

/// Until the proxy gives up, the truth is that it waits for the answer; then, that none came.
#[tokio::test]
async fn a_server_that_never_answers_initialize_is_told_and_heals() -> Result<()> {
    beside_others("silent", async |ns| {
        let bad = |reasons| bad_server(&ns, &["--never-initialize"], reasons, &["initialize"]);
        truth(&ns, &bad(&["Handshaking"])?).await?;
        let given_up = bad(&["HandshakeTimeout"])?;
        let what = "the truth that no answer came";
        status_when(&ns, "server", what, HANDSHAKE, |status| {
            told(status, &given_up).is_some()
        })
        .await?;
        ns.apply(&given_up.mended).await?;
        ready(&ns, "server").await?;
        Ok(())
    })
    .await
}

/// A spec that is not accepted touches nothing that runs.
#[tokio::test]
async fn a_bad_change_leaves_a_running_server_alone() -> Result<()> {
    beside_others("bad-change", async |ns| {
        let echo_server = crate::support::Echo::serve(&ns, &echo(&ns, "server", &[])?).await?;
        let session = echo_server.raw.open("steady").await?;
        let start = session.text(1, "whoami", json!({})).await?;
        let mut broken = echo(&ns, "server", &[])?;
        broken["spec"]["podTemplateSpec"] = json!({ "spec": { "containers": [{ "name": "x" }] } });
        ns.apply(&broken).await?;
        status_when(&ns, "server", "Accepted False", TRUTH, |status| {
            condition(status, "Accepted").is_some_and(|accepted| accepted["status"] == "False")
        })
        .await?;
        let same = session.text(2, "whoami", json!({})).await?;
        ensure!(same == start, "another process answers");
        drop(proxy(&ns, "server", crate::support::PORT).await?);
        Ok(())
    })
    .await
}

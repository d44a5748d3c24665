//! Several pods of one server: sessions stay with their pod, and a pod's death is its own.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use futures::future::try_join_all;
use hivewright_api::names;
use hivewright_harness::{
    mcp::{message, streamable::Session},
    wait::{Look, POLL, RECOVERY, until},
};
use k8s_openapi::api::{apps::v1::StatefulSet, core::v1::Pod};
use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};

use crate::{
    support::{Echo, beside_others, mcpservers, pods, status_when},
    transports::over,
};

/// Pods of the server.
const PODS: usize = 3;
/// Sessions: two for each pod.
const SESSIONS: usize = 2 * PODS;

/// Milliseconds of a call that is under way while another pod dies.
const SPANS: u32 = 4000;
/// Milliseconds of a call at the dying pod: its process may go on for some seconds after the API
/// server has forgotten the pod, and must not get to an answer.
const OUTLASTS: u32 = 120_000;

/// The pod that answers this session.
async fn pod_of(session: &Session) -> Result<String> {
    session.text(1, "env", json!({ "name": "HOSTNAME" })).await
}

async fn sessions(echo: &Echo) -> Result<Vec<(Session, String)>> {
    let mut all = Vec::with_capacity(SESSIONS);
    for number in 0..SESSIONS {
        let session = echo.raw.open(&format!("client-{number}")).await?;
        let pod = pod_of(&session).await?;
        all.push((session, pod));
    }
    Ok(all)
}

async fn all_ready(echo: &Echo, count: usize) -> Result<Value> {
    let what = format!("{count} ready pods");
    status_when(&echo.ns, &echo.name, &what, RECOVERY, |status| {
        status["phase"] == "Ready" && status["readyReplicas"] == json!(count)
    })
    .await
}

/// A call that is pending while a pod dies; true if it was answered.
async fn pending(session: &Session, text: &str, ms: u32) -> Result<bool> {
    let call = message::call(7, "slow", json!({ "ms": ms, "text": text }));
    let answer = session.request(&call).await?.answer().await?;
    Ok(message::text(&answer) == Some(text))
}

async fn only_its_own_calls_fail(echo: &Echo, all: &[(Session, String)]) -> Result<()> {
    let victim = names::pod(&echo.name, 1);
    let kill = async {
        tokio::time::sleep(POLL).await;
        let now = DeleteParams::default().grace_period(0);
        let pods = echo.ns.cluster.api::<Pod>(&echo.ns.name);
        pods.delete(&victim, &now).await?;
        Ok(())
    };
    let calls = try_join_all(all.iter().map(|(session, pod)| {
        let ms = if *pod == victim { OUTLASTS } else { SPANS };
        pending(session, pod, ms)
    }));
    let (answered, ()) = tokio::try_join!(calls, kill)?;
    for ((_, pod), answered) in all.iter().zip(answered) {
        ensure!(
            answered == (*pod != victim),
            "a call at {pod} was answered: {answered}, and {victim} died"
        );
    }
    Ok(())
}

/// Each session is where it was; those of the dead pod at its successor of the same name.
async fn everybody_is_where_they_were(all: &[(Session, String)]) -> Result<()> {
    for (session, pod) in all {
        let now = until("a good answer", RECOVERY, async || {
            Ok(Look::Done(pod_of(session).await?))
        })
        .await?;
        ensure!(now == *pod, "a session of {pod} is answered by {now}");
    }
    Ok(())
}

async fn pods_are(echo: &Echo, count: usize) -> Result<()> {
    let labels = format!(
        "{}={},{}={}",
        names::SERVER_LABEL,
        echo.name,
        names::COMPONENT_LABEL,
        names::COMPONENT_SERVER
    );
    until(&format!("{count} pods"), RECOVERY, async || {
        let now = pods(&echo.ns, &labels).await?.len();
        Ok(if now == count {
            Look::Done(())
        } else {
            Look::not_yet(now)
        })
    })
    .await
}

async fn change(echo: &Echo, spec: Value) -> Result<()> {
    let patch = Patch::Merge(json!({ "spec": spec }));
    let api = mcpservers(&echo.ns);
    api.patch(&echo.name, &PatchParams::default(), &patch)
        .await?;
    Ok(())
}

/// More and fewer pods without another proxy: who stays is not disturbed.
async fn scaled_while_it_works(echo: &Echo, first: &Session) -> Result<()> {
    change(echo, json!({ "backendReplicas": 1 })).await?;
    pods_are(echo, 1).await?;
    ensure!(pod_of(first).await? == names::pod(&echo.name, 0), "astray");
    change(echo, json!({ "backendReplicas": 0 })).await?;
    pods_are(echo, 0).await?;
    status_when(&echo.ns, &echo.name, "Stopped", RECOVERY, |status| {
        status["phase"] == "Stopped"
    })
    .await?;
    change(echo, json!({ "backendReplicas": 2 })).await?;
    all_ready(echo, 2).await?;
    Ok(())
}

async fn several(transport: &str) -> Result<()> {
    beside_others("replicas", async |ns| {
        let mut manifest = over(&ns, transport, &[])?;
        manifest["spec"]["backendReplicas"] = json!(PODS);
        let echo = Echo::serve(&ns, &manifest).await?;
        all_ready(&echo, PODS).await?;
        let all = sessions(&echo).await?;
        let used: BTreeSet<&String> = all.iter().map(|(_, pod)| pod).collect();
        ensure!(used.len() == PODS, "only {used:?} were used");
        everybody_is_where_they_were(&all).await?;
        only_its_own_calls_fail(&echo, &all).await?;
        everybody_is_where_they_were(&all).await?;
        all_ready(&echo, PODS).await?;
        let first = all
            .iter()
            .find(|(_, pod)| *pod == names::pod(&echo.name, 0))
            .context("a session of the first pod")?;
        scaled_while_it_works(&echo, &first.0).await
    })
    .await
}

#[tokio::test]
async fn sessions_stay_with_their_pod_over_streamable_http() -> Result<()> {
    several("streamable-http").await
}

#[tokio::test]
async fn sessions_stay_with_their_pod_over_stdio() -> Result<()> {
    several("stdio").await
}

/// Somebody else decides how many pods there are: the field is not in the spec.
#[tokio::test]
async fn a_scale_set_by_others_stays_and_is_served() -> Result<()> {
    beside_others("hpa", async |ns| {
        let echo = Echo::serve(&ns, &over(&ns, "streamable-http", &[])?).await?;
        let sets = ns.cluster.api::<StatefulSet>(&ns.name);
        let two = Patch::Merge(json!({ "spec": { "replicas": 2 } }));
        sets.patch_scale(&echo.name, &PatchParams::default(), &two)
            .await?;
        all_ready(&echo, 2).await?;
        let one = echo.raw.open("one").await?;
        let two = echo.raw.open("two").await?;
        let (one, two) = (pod_of(&one).await?, pod_of(&two).await?);
        ensure!(one != two, "both sessions are at {one}");
        let set = sets.get(&echo.name).await?;
        let replicas = set.spec.and_then(|spec| spec.replicas);
        ensure!(replicas == Some(2), "the scale is {replicas:?}");
        Ok(())
    })
    .await
}

/// No proxy pod: nothing of the server runs (and none of it is a failure).
#[tokio::test]
async fn a_server_without_proxies_is_stopped_as_a_whole() -> Result<()> {
    beside_others("stopped", async |ns| {
        let echo = Echo::serve(&ns, &over(&ns, "stdio", &[])?).await?;
        change(&echo, json!({ "replicas": 0 })).await?;
        pods_are(&echo, 0).await?;
        let status = status_when(&ns, &echo.name, "Stopped", RECOVERY, |status| {
            status["phase"] == "Stopped"
        })
        .await?;
        println!("{}", status["message"]);
        change(&echo, json!({ "replicas": 1 })).await?;
        all_ready(&echo, 1).await?;
        Ok(())
    })
    .await
}

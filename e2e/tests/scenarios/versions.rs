//! Manifests of either version of the API, and what users add to what is ours.

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_harness::{
    mcp::streamable::Session,
    ns::Ns,
    wait::{Look, RECOVERY, until},
};
use k8s_openapi::api::{
    apps::v1::{Deployment, StatefulSet},
    core::v1::{ConfigMap, Pod, Service},
    networking::v1::NetworkPolicy,
    rbac::v1::Role,
};
use kube::{
    Api, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::{Value, json};

use crate::support::{Echo, alone, beside_others, echo, ready};

#[tokio::test]
async fn a_manifest_of_either_version_applies_and_is_read_as_the_other() -> Result<()> {
    beside_others("versions", async |ns| {
        for (name, version) in [("old", names::VERSION), ("new", names::VERSION_BETA)] {
            let mut manifest = echo(&ns, name, &[])?;
            manifest["apiVersion"] = json!(format!("{}/{version}", names::GROUP));
            ns.apply(&manifest).await?;
            ready(&ns, name).await?;
        }
        for version in [names::VERSION, names::VERSION_BETA] {
            let kind = format!("mcpservers.{version}.{}", names::GROUP);
            let listed = ns.kubectl(&["get", &kind, "-o", "json"]).await?;
            let listed: Value = serde_json::from_str(&listed)?;
            let items = listed["items"].as_array().context("a list")?;
            ensure!(items.len() == 2, "{version} lists {}", items.len());
            for item in items {
                ensure!(item["status"]["phase"] == "Ready", "{version}: {item}");
            }
        }
        Ok(())
    })
    .await
}

async fn uid_of<K>(api: &Api<K>, name: &str) -> Result<String>
where
    K: Clone + std::fmt::Debug + serde::de::DeserializeOwned + kube::Resource,
{
    api.get(name).await?.uid().context("a UID")
}

/// Deletes an object of ours; another one of its name must come.
async fn comes_back<K>(ns: &Ns, name: &str) -> Result<()>
where
    K: Clone
        + std::fmt::Debug
        + serde::de::DeserializeOwned
        + kube::Resource<DynamicType = (), Scope = kube::core::NamespaceResourceScope>,
{
    let api = ns.cluster.api::<K>(&ns.name);
    let before = uid_of(&api, name).await?;
    api.delete(name, &DeleteParams::background()).await?;
    until(&format!("another {name}"), RECOVERY, async || {
        let now = uid_of(&api, name).await?;
        Ok(if now == before {
            Look::not_yet("the old one")
        } else {
            Look::Done(())
        })
    })
    .await
}

async fn deleted_objects_come_back(echo: &Echo) -> Result<()> {
    let (ns, name) = (&echo.ns, echo.name.as_str());
    comes_back::<Role>(ns, &names::proxy(name)).await?;
    comes_back::<ConfigMap>(ns, &names::proxy(name)).await?;
    comes_back::<NetworkPolicy>(ns, &names::server_policy(name)).await?;
    comes_back::<Service>(ns, &names::proxy_service(name)).await?;
    comes_back::<Deployment>(ns, &names::proxy(name)).await?;
    comes_back::<StatefulSet>(ns, &names::stateful_set(name)).await?;
    ready(ns, name).await?;
    Ok(())
}

/// A hand-made change of what is ours goes; what was added beside it stays.
async fn edits_are_undone_and_additions_stay(echo: &Echo) -> Result<()> {
    let (ns, name) = (&echo.ns, echo.name.as_str());
    let services = ns.cluster.api::<Service>(&ns.name);
    let service = names::proxy_service(name);
    let edit = Patch::Merge(json!({
        "metadata": { "labels": { "team": "blue" }, "annotations": { "example.com/note": "ours" } },
        "spec": { "selector": { names::SERVER_LABEL: "nobody" } },
    }));
    services
        .patch(&service, &PatchParams::default(), &edit)
        .await?;
    let mended = until("the selector as it was", RECOVERY, async || {
        let service = services.get(&service).await?;
        let selector = service.spec.clone().and_then(|spec| spec.selector);
        let right = selector.as_ref().is_some_and(|selector| {
            selector
                .get(names::SERVER_LABEL)
                .is_some_and(|to| to == name)
        });
        Ok(if right {
            Look::Done(service)
        } else {
            Look::not_yet(selector)
        })
    })
    .await?;
    ensure!(
        mended
            .labels()
            .get("team")
            .is_some_and(|team| team == "blue"),
        "the label is gone"
    );
    ensure!(
        mended.annotations().contains_key("example.com/note"),
        "the annotation is gone"
    );
    Ok(())
}

#[tokio::test]
async fn objects_edited_or_deleted_by_hand_come_back_and_additions_stay() -> Result<()> {
    beside_others("drift", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        edits_are_undone_and_additions_stay(&echo).await?;
        deleted_objects_come_back(&echo).await
    })
    .await
}

/// Upstream's annotation, and what `kubectl rollout restart` does: either means another process.
#[tokio::test]
async fn a_server_restarts_when_its_user_asks_for_it() -> Result<()> {
    beside_others("restart", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        let session = echo.raw.open("steady").await?;
        let first = session.text(1, "whoami", json!({})).await?;
        let asked = format!("{}=2026-11-22T18:00:00Z", names::RESTARTED_AT);
        ns.kubectl(&["annotate", "mcpserver", "echo", &asked])
            .await?;
        let second = another_process(&session, &first).await?;
        ns.kubectl(&["rollout", "restart", "statefulset/echo"])
            .await?;
        another_process(&session, &second).await?;
        ready(&ns, "echo").await?;
        Ok(())
    })
    .await
}

async fn another_process(session: &Session, before: &str) -> Result<String> {
    until("another process", RECOVERY, async || {
        let start = session.text(2, "whoami", json!({})).await?;
        Ok(if start == before {
            Look::not_yet("the old process")
        } else {
            Look::Done(start)
        })
    })
    .await
}

/// The next controller finds everything as it should be: no pod of a server is touched.
#[tokio::test]
async fn another_controller_restarts_no_pod() -> Result<()> {
    alone("upgrade", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        let session = echo.raw.open("steady").await?;
        let start = session.text(1, "whoami", json!({})).await?;
        let pods = ns.cluster.api::<Pod>(&ns.name);
        let uid = uid_of(&pods, &echo.pod()).await?;
        let system = hivewright_harness::charts::NAMESPACE;
        let controller = "deployment/hivewright";
        ns.kubectl(&["-n", system, "rollout", "restart", controller])
            .await?;
        ns.kubectl(&[
            "-n",
            system,
            "rollout",
            "status",
            controller,
            "--timeout=50s",
        ])
        .await?;
        // The new one must have looked at the server: a change shows that it did.
        ns.apply(&crate::support::echo(&ns, "after", &[])?).await?;
        ready(&ns, "after").await?;
        ensure!(uid_of(&pods, &echo.pod()).await? == uid, "another pod");
        let same = session.text(2, "whoami", json!({})).await?;
        ensure!(same == start, "another process answers");
        Ok(())
    })
    .await
}

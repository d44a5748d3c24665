//! One controller for all namespaces, or for a list of them.

use anyhow::{Context as _, Result, ensure};
use hivewright_harness::{
    charts::{NAMESPACE, RELEASE},
    ns::{Ns, with_temp_ns},
    wait::{GONE, Look, RECOVERY, until},
};
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, api::DeleteParams};
use serde_json::json;

use crate::support::{Echo, alone, beside_others, echo, ready, status};

/// Both are called the same, and each answers as itself.
#[tokio::test]
async fn the_same_name_in_two_namespaces_is_two_servers() -> Result<()> {
    beside_others("twin-a", async |one| {
        with_temp_ns("twin-b", async |two| {
            let (first, second) = tokio::try_join!(named(&one), named(&two))?;
            for (echo, ns) in [(&first, &one), (&second, &two)] {
                let session = echo.raw.open("client").await?;
                let word = session.text(1, "env", json!({ "name": "WHERE" })).await?;
                ensure!(word == ns.name, "{} answers for {}", word, ns.name);
            }
            Ok(())
        })
        .await
    })
    .await
}

async fn named(ns: &Ns) -> Result<Echo> {
    let mut manifest = echo(ns, "echo", &[])?;
    manifest["spec"]["env"] = json!([{ "name": "WHERE", "value": ns.name }]);
    Echo::serve(ns, &manifest).await
}

/// A namespace that goes while its servers are being made leaves nothing behind and disturbs nobody.
#[tokio::test]
async fn a_namespace_deleted_while_it_works_is_gone_and_others_work_on() -> Result<()> {
    beside_others("going", async |stays| {
        with_temp_ns("gone", async |ns| {
            for number in 0..3 {
                ns.apply(&echo(&ns, &format!("echo-{number}"), &[])?)
                    .await?;
            }
            let namespaces = Api::<Namespace>::all(ns.cluster.client.clone());
            namespaces
                .delete(&ns.name, &DeleteParams::background())
                .await?;
            until("the end of the namespace", GONE, async || {
                let left = namespaces.get_opt(&ns.name).await?;
                Ok(left.map_or(Look::Done(()), |left| Look::not_yet(left.status)))
            })
            .await
        })
        .await?;
        Echo::serve(&stays, &echo(&stays, "echo", &[])?).await?;
        Ok(())
    })
    .await
}

async fn helm(ns: &Ns, watched: &str) -> Result<()> {
    let chart = ns.cluster.place().project.join("charts/hivewright");
    let chart = chart.to_str().context("a path in UTF-8")?;
    ns.cluster
        .cmd("helm")
        .args(["upgrade", RELEASE, chart, "--namespace", NAMESPACE])
        .args(["--reuse-values", "--wait", "--timeout", "120s"])
        .arg("--set-json")
        .arg(format!("watchNamespaces={watched}"))
        .bound(std::time::Duration::from_mins(3))
        .text()
        .await?;
    Ok(())
}

async fn may(ns: &Ns, verb: &str, resource: &str, namespace: &str) -> Result<bool> {
    let account = format!("system:serviceaccount:{NAMESPACE}:{RELEASE}");
    let answer = ns
        .kubectl(&[
            "auth", "can-i", verb, resource, "--as", &account, "-n", namespace,
        ])
        .await;
    Ok(answer.is_ok_and(|word| word.trim() == "yes"))
}

async fn only_the_listed(watched: &Ns, other: &Ns) -> Result<()> {
    helm(watched, &format!("[\"{}\"]", watched.name)).await?;
    Echo::serve(watched, &echo(watched, "echo", &[])?).await?;
    other.apply(&echo(other, "echo", &[])?).await?;
    ensure!(
        may(watched, "list", "pods", &watched.name).await?,
        "it may not list pods where it works"
    );
    ensure!(
        !may(watched, "list", "pods", &other.name).await?,
        "it may list pods elsewhere"
    );
    let nothing = status(other, "echo").await?;
    ensure!(nothing.is_null(), "a server elsewhere was given {nothing}");
    Ok(())
}

#[tokio::test]
async fn with_a_list_of_namespaces_only_these_are_served_by_roles_alone() -> Result<()> {
    alone("listed", async |watched| {
        with_temp_ns("unlisted", async |other| {
            let outcome = only_the_listed(&watched, &other).await;
            helm(&watched, "[]").await?;
            outcome?;
            // All again: what waited elsewhere is served now.
            until("the other namespace is served", RECOVERY, async || {
                Ok(Look::Done(ready(&other, "echo").await?))
            })
            .await?;
            Ok(())
        })
        .await
    })
    .await
}

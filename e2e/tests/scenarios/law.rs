//! The third law, on the journal of whatever was run: folding it gives the status that is in the
//! cluster, of every server there.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result};
use hivewright_api::{MCPServer, MCPServerStatus};
use hivewright_harness::{
    access::Cluster,
    wait::{Look, until},
};
use kube::{Api, api::ListParams};
use serde::Deserialize;

use crate::plugin;

/// Time for both to say the same: a status that was just written is in the journal milliseconds later,
/// but servers that start or die change theirs every second.
const SAME: Duration = Duration::from_secs(30);

/// What `replay` prints.
#[derive(Debug, Deserialize)]
struct Replayed {
    servers: Vec<Server>,
}

#[derive(Debug, Deserialize)]
struct Server {
    subject: String,
    status: MCPServerStatus,
}

type Statuses = BTreeMap<String, MCPServerStatus>;

/// Holds if the journal gives the status of every MCPServer in this namespace, or of every one there
/// is, and of no other. Gives how many that are.
pub(crate) async fn holds(cluster: &Cluster, namespace: Option<&str>) -> Result<usize> {
    until(
        "the journal's statuses are the cluster's",
        SAME,
        async || {
            let before = in_the_cluster(cluster, namespace).await?;
            if before.is_empty() {
                return Ok(Look::Done(0));
            }
            let told = in_the_journal(cluster, namespace).await?;
            let after = in_the_cluster(cluster, namespace).await?;
            // What changes meanwhile proves nothing.
            Ok(if before == after && told == after {
                Look::Done(after.len())
            } else {
                Look::NotYet(difference(&told, &after))
            })
        },
    )
    .await
}

async fn in_the_journal(cluster: &Cluster, namespace: Option<&str>) -> Result<Statuses> {
    let mut args = vec!["replay"];
    args.extend(
        namespace
            .iter()
            .flat_map(|namespace| ["--namespace", namespace]),
    );
    let told: Replayed = plugin::json(cluster, &args).await?;
    let servers = told.servers.into_iter();
    Ok(servers
        .map(|server| (server.subject, server.status))
        .collect())
}

async fn in_the_cluster(cluster: &Cluster, namespace: Option<&str>) -> Result<Statuses> {
    let client = cluster.client.clone();
    let servers: Api<MCPServer> = match namespace {
        Some(namespace) => Api::namespaced(client, namespace),
        None => Api::all(client),
    };
    let list = servers.list(&ListParams::default()).await?;
    let status = |server: MCPServer| {
        let metadata = server.metadata;
        let namespace = metadata.namespace.context("a namespace")?;
        let subject = format!("{namespace}/{}", metadata.name.context("a name")?);
        Ok(server.status.map(|status| (subject, status)))
    };
    list.items
        .into_iter()
        .filter_map(|server| status(server).transpose())
        .collect()
}

/// The first server of which they say different things.
fn difference(told: &Statuses, there: &Statuses) -> String {
    let mut subjects = told.keys().chain(there.keys());
    let differs = subjects.find(|subject| told.get(*subject) != there.get(*subject));
    match differs {
        None => "a status that changes".to_owned(),
        Some(subject) => format!(
            "{subject}: the journal says {}, the cluster {}",
            text(told.get(subject)),
            text(there.get(subject))
        ),
    }
}

fn text(status: Option<&MCPServerStatus>) -> String {
    status.map_or_else(
        || "nothing".to_owned(),
        |status| serde_json::to_string(status).unwrap_or_default(),
    )
}

//! Says what the proxies would say: no proxy runs on simulated nodes.
//!
//! ```text
//!  proxy pod Ready  ──> scale of the StatefulSet: 1
//!  MCP pod Running  ──> readiness gate: Handshaking, then Initialized
//! ```
//!
//! The same requests as `hivewright-proxy` makes, by the same field manager.

use std::{collections::HashSet, time::Duration};

use anyhow::{Context as _, Result};
use futures::{StreamExt as _, future};
use hivewright_api::{gate::GateReason, names};
use k8s_openapi::{
    api::{apps::v1::StatefulSet, core::v1::Pod},
    jiff::Timestamp,
};
use kube::{
    Api, Client, ResourceExt as _,
    api::{Patch, PatchParams},
    runtime::{WatchStreamExt as _, watcher},
};
use serde_json::json;
use tokio::{task::JoinHandle, time::sleep};

use crate::forward::is_ready;

/// Pods served at a time: each of 500 proxies would be a process of its own.
const AT_A_TIME: usize = 16;
/// Tries of one request, and the time between them; an object may be newer than what was seen.
const TRIES: usize = 5;
const AGAIN: Duration = Duration::from_millis(200);

/// The stand-in for all proxies.
#[derive(Debug)]
pub(super) struct StandIn {
    task: JoinHandle<()>,
}

impl StandIn {
    /// Starts it.
    pub(super) fn start(client: Client) -> Self {
        Self {
            task: tokio::spawn(serve(client)),
        }
    }

    /// Ends it.
    pub(super) async fn stop(self) {
        self.task.abort();
        // The task was told to end; that it did is no news.
        let _ = self.task.await;
    }
}

/// What a pod needs from its proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Need {
    /// Its server's pod is to be made.
    Scale,
    /// The handshake.
    Handshake,
}

async fn serve(client: Client) {
    let pods = Api::<Pod>::all(client.clone());
    let config = watcher::Config::default().labels(names::SERVER_LABEL);
    let mut met = HashSet::new();
    watcher(pods, config)
        .default_backoff()
        .applied_objects()
        // A watch that broke is begun again.
        .filter_map(|pod| future::ready(pod.ok()))
        .filter_map(move |pod| {
            let need = need(&pod).filter(|need| met.insert((pod.uid(), *need)));
            future::ready(need.map(|need| (pod, need)))
        })
        .for_each_concurrent(AT_A_TIME, |(pod, need)| answer(&client, pod, need))
        .await;
}

fn need(pod: &Pod) -> Option<Need> {
    let component = pod.labels().get(names::COMPONENT_LABEL)?.as_str();
    let running = pod.status.as_ref()?.phase.as_deref() == Some("Running");
    if !running || pod.metadata.deletion_timestamp.is_some() {
        return None;
    }
    if component == names::COMPONENT_SERVER {
        return Some(Need::Handshake);
    }
    (component == names::COMPONENT_PROXY && is_ready(pod)).then_some(Need::Scale)
}

async fn answer(client: &Client, pod: Pod, need: Need) {
    for _ in 0..TRIES {
        let done = match need {
            Need::Scale => scale(client, &pod).await,
            Need::Handshake => handshake(client, &pod).await,
        };
        match done {
            Ok(()) => return,
            // While its pod is replaced or deleted there is nobody to answer for.
            Err(_) => sleep(AGAIN).await,
        }
    }
}

async fn scale(client: &Client, pod: &Pod) -> Result<()> {
    let server = pod.labels().get(names::SERVER_LABEL).context("no server")?;
    let namespace = pod.namespace().context("no namespace")?;
    let sets = Api::<StatefulSet>::namespaced(client.clone(), &namespace);
    let name = names::stateful_set(server);
    let scale = sets.get_scale(&name).await?;
    if scale
        .spec
        .and_then(|spec| spec.replicas)
        .unwrap_or_default()
        == 0
    {
        let patch = Patch::Merge(json!({ "spec": { "replicas": 1 } }));
        sets.patch_scale(&name, &manager(), &patch).await?;
    }
    Ok(())
}

async fn handshake(client: &Client, pod: &Pod) -> Result<()> {
    let namespace = pod.namespace().context("no namespace")?;
    let pods = Api::<Pod>::namespaced(client.clone(), &namespace);
    for reason in [GateReason::Handshaking, GateReason::Initialized] {
        let patch = Patch::Strategic(json!({
            "metadata": { "uid": pod.uid() },
            "status": { "conditions": [{
                "type": names::INITIALIZED_GATE,
                "status": if reason == GateReason::Initialized { "True" } else { "False" },
                "reason": reason.as_str(),
                "message": "Simulated.",
                "lastTransitionTime": Timestamp::now().to_string(),
            }]},
        }));
        pods.patch_status(&pod.name_any(), &manager(), &patch)
            .await?;
    }
    Ok(())
}

fn manager() -> PatchParams {
    PatchParams {
        field_manager: Some(names::PROXY_MANAGER.to_owned()),
        ..PatchParams::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(component: &str, phase: &str, ready: &str) -> Pod {
        serde_json::from_value(json!({
            "metadata": { "labels": { names::COMPONENT_LABEL: component } },
            "status": { "phase": phase, "conditions": [{ "type": "Ready", "status": ready }] },
        }))
        .expect("a pod")
    }

    #[test]
    fn a_proxy_scales_when_it_is_ready_and_shakes_hands_when_its_server_runs() {
        assert_eq!(need(&pod("proxy", "Running", "True")), Some(Need::Scale));
        assert_eq!(need(&pod("proxy", "Running", "False")), None);
        assert_eq!(
            need(&pod("mcp-server", "Running", "False")),
            Some(Need::Handshake)
        );
        assert_eq!(need(&pod("mcp-server", "Pending", "False")), None);
        assert_eq!(need(&pod("other", "Running", "True")), None);
    }
}

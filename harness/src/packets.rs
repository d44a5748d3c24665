//! Packets: a pod that tries to connect, and what came of it.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, LogParams, PostParams};
use serde_json::json;

use crate::{
    ns::Ns,
    wait::{Look, until},
};

/// The image of the program that opens the connections.
const WORLD_IMAGE: &str = "hivewright.test/world";
/// One probe pod: its start, and 4 s for each target that does not answer.
const PROBE: Duration = Duration::from_mins(1);
/// User and group of every pod made here: nobody in particular, never root.
const NOBODY: u32 = 65_532;

/// The security context under which the scenarios' own pods run: Kubernetes' "restricted".
pub fn restricted() -> serde_json::Value {
    json!({
        "runAsNonRoot": true, "runAsUser": NOBODY, "runAsGroup": NOBODY,
        "seccompProfile": { "type": "RuntimeDefault" },
    })
}

impl Ns {
    /// Starts a pod with `labels` that opens a TCP connection to each target (HOST:PORT) and gives,
    /// for each, the word that says what came of it: `open`, `refused`, `no-answer`, ...
    ///
    /// # Errors
    /// The pod did not run to its end.
    pub async fn probe(
        &self,
        name: &str,
        labels: &BTreeMap<String, String>,
        targets: &[&str],
    ) -> Result<Vec<String>> {
        let pods = self.cluster.api::<Pod>(&self.name);
        let pod = self.prober(name, labels, targets)?;
        pods.create(&PostParams::default(), &pod).await?;
        until(&format!("the end of the probe {name}"), PROBE, async || {
            let phase = pods.get(name).await?.status.and_then(|status| status.phase);
            Ok(match phase.as_deref() {
                Some("Succeeded") => Look::Done(()),
                other => Look::not_yet(other),
            })
        })
        .await?;
        let log = pods.logs(name, &LogParams::default()).await?;
        pods.delete(name, &DeleteParams::default()).await?;
        targets
            .iter()
            .map(|target| {
                let line = log.lines().find_map(|line| line.strip_prefix(*target));
                line.map(|word| word.trim().to_owned())
                    .with_context(|| format!("no word about {target} in {log:?}"))
            })
            .collect()
    }

    fn prober(
        &self,
        name: &str,
        labels: &BTreeMap<String, String>,
        targets: &[&str],
    ) -> Result<Pod> {
        let args: Vec<&str> = std::iter::once("probe")
            .chain(targets.iter().copied())
            .collect();
        Ok(serde_json::from_value(json!({
            "metadata": { "name": name, "labels": labels },
            "spec": {
                "restartPolicy": "Never",
                "automountServiceAccountToken": false,
                "securityContext": restricted(),
                "containers": [{
                    "name": "probe",
                    "image": self.cluster.image(WORLD_IMAGE)?,
                    "imagePullPolicy": "IfNotPresent",
                    "args": args,
                    "securityContext": {
                        "allowPrivilegeEscalation": false,
                        "capabilities": { "drop": ["ALL"] },
                    },
                }],
            },
        }))?)
    }
}

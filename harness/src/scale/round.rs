//! One number of servers: created, left alone, changed, deleted.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Result, bail};
use futures::{StreamExt as _, future};
use k8s_openapi::api::apps::v1::StatefulSet;
use kube::{
    Api, Client,
    api::DynamicObject,
    runtime::{
        WatchStreamExt as _,
        reflector::{self, Store},
        watcher,
    },
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    Cost, Figures,
    controller::{Controller, metrics_url, requests},
    load::{Load, NAMESPACE, Revision},
    scraped,
};

/// All servers have to be there, or gone, within this: the established operator takes a minute for
/// a hundred.
const BOUND: Duration = Duration::from_mins(15);
/// How often the caches are looked at; looking costs no request.
const LOOK: Duration = Duration::from_millis(20);

/// Runs the whole round.
pub(super) async fn run(
    client: &Client,
    controller: &Controller,
    servers: usize,
    idle: Duration,
) -> Result<Figures> {
    let load = Load::new(client, servers).await?;
    let mut watches = JoinSet::new();
    let seen = Seen::new(client, &load, &mut watches);
    controller.rest().await?;

    let meter = Meter::start(controller).await?;
    load.create().await?;
    seen.wait("Ready", async || seen.ready(servers, Revision::First))
        .await?;
    let created = meter.end().await?;

    let meter = Meter::start(controller).await?;
    sleep(idle).await;
    let idle = meter.end_at_once().await?;
    let (idle_mib, _) = controller.memory()?;
    let scraped = scraped::measure(&metrics_url()).await?;

    let meter = Meter::start(controller).await?;
    load.change().await?;
    seen.wait("Ready after the change", async || {
        seen.ready(servers, Revision::Second)
    })
    .await?;
    let changed = meter.end().await?;

    let meter = Meter::start(controller).await?;
    load.delete().await?;
    seen.wait("gone", async || seen.gone()).await?;
    let deleted = meter.end().await?;
    let (_, peak_mib) = controller.memory()?;
    Ok(Figures {
        servers,
        created,
        idle,
        scraped,
        changed,
        deleted,
        peak_mib,
        idle_mib,
    })
}

/// Counts from its start.
struct Meter<'a> {
    controller: &'a Controller,
    requests: BTreeMap<String, f64>,
    cpu: Duration,
    begin: Instant,
}

impl<'a> Meter<'a> {
    async fn start(controller: &'a Controller) -> Result<Self> {
        // First the scrape, which is work for the controller too.
        let requests = requests().await?;
        Ok(Self {
            controller,
            requests,
            cpu: controller.cpu()?,
            begin: Instant::now(),
        })
    }

    /// The time is over now; CPU and requests count up to the controller's rest.
    async fn end(self) -> Result<Cost> {
        let took = self.begin.elapsed();
        self.controller.rest().await?;
        Ok(Cost {
            took,
            ..self.end_at_once().await?
        })
    }

    async fn end_at_once(self) -> Result<Cost> {
        let took = self.begin.elapsed();
        let cpu = self.controller.cpu()?.saturating_sub(self.cpu);
        let before = |verb: &String| self.requests.get(verb).copied().unwrap_or_default();
        let now = requests().await?;
        let more = now.into_iter().map(|(verb, count)| {
            let count = count - before(&verb);
            (verb, count)
        });
        let requests = more.filter(|(_, count)| *count > 0.0).collect();
        Ok(Cost {
            took,
            cpu,
            requests,
        })
    }
}

/// What the cluster says, followed by watches.
struct Seen {
    servers: Store<DynamicObject>,
    sets: Store<StatefulSet>,
}

impl Seen {
    fn new(client: &Client, load: &Load, watches: &mut JoinSet<()>) -> Self {
        let kind = Load::kind();
        let writer = reflector::store::Writer::new(kind);
        let servers = writer.as_reader();
        let stream = reflector::reflector(writer, watcher(load.api(), watcher::Config::default()));
        // A watch that breaks is begun again.
        watches.spawn(stream.default_backoff().for_each(|_| future::ready(())));
        let (sets, writer) = reflector::store();
        let api = Api::<StatefulSet>::namespaced(client.clone(), NAMESPACE);
        let stream = reflector::reflector(writer, watcher(api, watcher::Config::default()));
        watches.spawn(stream.default_backoff().for_each(|_| future::ready(())));
        Self { servers, sets }
    }

    async fn wait(&self, what: &str, look: impl AsyncFn() -> bool) -> Result<()> {
        let begin = Instant::now();
        while !look().await {
            if begin.elapsed() > BOUND {
                bail!("not all servers were {what} within {} s", BOUND.as_secs());
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Every server is Ready, and its pod has this environment.
    fn ready(&self, servers: usize, revision: Revision) -> bool {
        let good = |server: &DynamicObject| server.data["status"]["phase"] == "Ready";
        let ready = self
            .servers
            .state()
            .iter()
            .filter(|server| good(server))
            .count();
        let sets = self.sets.state();
        ready == servers && sets.len() == servers && sets.iter().all(|set| is_rolled(set, revision))
    }

    fn gone(&self) -> bool {
        self.servers.is_empty() && self.sets.is_empty()
    }
}

/// The StatefulSet asks for this revision, and its pods are ready with it.
fn is_rolled(set: &StatefulSet, revision: Revision) -> bool {
    let (Some(spec), Some(status)) = (&set.spec, &set.status) else {
        return false;
    };
    let pod = spec.template.spec.as_ref();
    let containers = pod.into_iter().flat_map(|pod| &pod.containers);
    let mut env = containers.flat_map(|container| container.env.iter().flatten());
    env.any(|variable| variable.value.as_deref() == Some(revision.as_str()))
        && status.observed_generation == set.metadata.generation
        && status.current_revision == status.update_revision
        && status
            .ready_replicas
            .is_some_and(|ready| ready > 0 && spec.replicas == Some(ready))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(value: &str, ready: i32, current: &str) -> StatefulSet {
        serde_json::from_value(json!({
            "metadata": { "generation": 2 },
            "spec": {
                "replicas": 1, "serviceName": "x", "selector": {},
                "template": { "spec": { "containers": [
                    { "name": "mcp", "env": [{ "name": "REVISION", "value": value }] },
                ] } },
            },
            "status": {
                "replicas": 1, "readyReplicas": ready, "observedGeneration": 2,
                "currentRevision": current, "updateRevision": "b",
            },
        }))
        .expect("a StatefulSet")
    }

    #[test]
    fn a_set_is_rolled_when_the_new_pod_is_ready() {
        assert!(is_rolled(&set("second", 1, "b"), Revision::Second));
        assert!(!is_rolled(&set("first", 1, "b"), Revision::Second));
        assert!(!is_rolled(&set("second", 0, "b"), Revision::Second));
        assert!(!is_rolled(&set("second", 1, "a"), Revision::Second));
    }
}

//! A world in memory: one MCPServer, the objects made for it, its pods, and an API server that
//! applies, fills in defaults and remembers who owns `spec.replicas`.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "a module of several test targets, each of which uses its own part"
)]

pub mod api_server;
pub mod generate;
pub mod pods;
pub mod spec;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use hivewright_api::{MCPServer, MCPServerStatus};
use hivewright_core::{
    Event, Journal, Objects, Observed, Part, Pods, ServerState, Settings, Surroundings, Write,
    diff, judge, plan, project, status,
};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The world.
#[derive(Clone)]
pub struct World {
    pub server: MCPServer,
    pub objects: BTreeMap<Part, Value>,
    pub server_pods: Vec<Pod>,
    pub proxy_pod: Option<Pod>,
    pub around: Surroundings,
    pub failures: BTreeMap<Part, String>,
    pub journal: Journal,
    pub settings: Settings,
    pub now: Timestamp,
}

/// The manifest and what exists: enough to understand a failing case, little enough to be read.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = |value: &dyn Fn() -> serde_json::Result<String>| value().unwrap_or_default();
        writeln!(
            f,
            "server {}",
            json(&|| serde_json::to_string(&self.server))
        )?;
        for (part, object) in &self.objects {
            writeln!(f, "{part:?} {object}")?;
        }
        writeln!(
            f,
            "server pods {}",
            json(&|| serde_json::to_string(&self.server_pods))
        )?;
        writeln!(
            f,
            "proxy pod {}",
            json(&|| serde_json::to_string(&self.proxy_pod))
        )?;
        writeln!(f, "around {:?}", self.around)?;
        writeln!(f, "failures {:?}", self.failures)?;
        writeln!(f, "journal {:?}", self.journal)
    }
}

impl World {
    /// A world in which only the MCPServer exists.
    pub fn new(server: MCPServer) -> Self {
        Self {
            server,
            objects: BTreeMap::new(),
            server_pods: Vec::new(),
            proxy_pod: None,
            around: Surroundings::default(),
            failures: BTreeMap::new(),
            journal: Journal::Off,
            settings: Settings::default(),
            now: Timestamp::UNIX_EPOCH,
        }
    }

    pub fn observe(&self) -> Observed {
        let pods = |pods: &[Pod]| pods.iter().cloned().map(Arc::new).collect();
        Observed {
            server: Arc::new(self.server.clone()),
            objects: self.typed(),
            pods: Pods {
                server: pods(&self.server_pods),
                proxy: pods(self.proxy_pod.as_slice()),
            },
            around: self.around.clone(),
            failures: self.failures.clone(),
            journal: self.journal,
            settings: Arc::new(self.settings.clone()),
            now: self.now,
        }
    }

    fn typed(&self) -> Objects {
        Objects {
            service_account: self.get(Part::ServiceAccount),
            role: self.get(Part::Role),
            role_binding: self.get(Part::RoleBinding),
            config_map: self.get(Part::ConfigMap),
            server_policy: self.get(Part::ServerPolicy),
            proxy_policy: self.get(Part::ProxyPolicy),
            stateful_set: self.get(Part::StatefulSet),
            headless_service: self.get(Part::HeadlessService),
            deployment: self.get(Part::Deployment),
            proxy_service: self.get(Part::ProxyService),
        }
    }

    fn get<K: DeserializeOwned>(&self, part: Part) -> Option<Arc<K>> {
        let value = self.objects.get(&part)?.clone();
        Some(Arc::new(
            serde_json::from_value(value).expect("the world holds typed objects"),
        ))
    }

    /// One pass of the controller, as the crate's documentation says; the events that it told.
    pub fn pass(&mut self) -> Vec<Event> {
        let observed = self.observe();
        let old = ServerState::from_status(self.server.status.as_ref());
        let verdict = judge(&observed);
        let mut events = diff(&old, &verdict.state);
        for write in verdict.writes {
            api_server::write(&mut self.objects, &write);
            // A set is applied and its scale seeded: two writes of one object, one fact.
            let event = Event::written(&write, Ok(()), &self.failures);
            events.extend(event.filter(|event| !events.contains(event)));
            self.failures.remove(&write.part());
        }
        let mut told = self.server.status.clone().unwrap_or_default();
        status::fold_all(&mut told, &events, self.now);
        if !events.is_empty() {
            self.server.status = Some(told);
        }
        events
    }

    pub fn plan(&self) -> Vec<Write> {
        plan(&self.observe())
    }

    pub fn state(&self) -> ServerState {
        project(&self.observe())
    }

    pub fn status(&self) -> MCPServerStatus {
        self.server.status.clone().unwrap_or_default()
    }

    pub fn condition(&self, kind: &str) -> hivewright_api::status::Condition {
        let conditions = self.status().conditions.unwrap_or_default();
        conditions
            .into_iter()
            .find(|found| found.kind == kind)
            .expect("the condition is there")
    }
}

/// The documented `fetch` manifest, as the API server would store it.
pub fn fetch() -> MCPServer {
    stored(include_str!("../../../../e2e/manifests/fetch.yaml"))
}

/// A manifest as the API server would store it.
pub fn stored(manifest: &str) -> MCPServer {
    let mut server: MCPServer = serde_yaml_ng::from_str(manifest).expect("a manifest");
    server.metadata.uid = Some("7c5b3c1e-0000-4000-8000-000000000001".to_owned());
    server.metadata.generation = Some(1);
    server
}

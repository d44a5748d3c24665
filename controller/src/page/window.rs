//! The way from the page to the caches, which are made after the page is served.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use hivewright_api::names;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;

use crate::figures::Asked;
use crate::key::Key;
use crate::watch::{Caches, Server};

/// The caches, once there are any. Clones look at the same.
#[derive(Clone, Debug, Default)]
pub struct Window(Arc<OnceLock<Vec<Caches>>>);

impl Window {
    /// From now on these are seen.
    pub(crate) fn open(&self, caches: Vec<Caches>) {
        // A process has one set of caches in its life.
        let _ = self.0.set(caches);
    }

    fn caches(&self) -> &[Caches] {
        self.0.get().map(Vec::as_slice).unwrap_or_default()
    }

    /// Every MCPServer.
    pub(super) fn servers(&self) -> Vec<Arc<Server>> {
        let all = self.caches().iter();
        all.flat_map(|caches| caches.servers.state()).collect()
    }

    /// One of them.
    pub(super) fn server(&self, key: &Key) -> Option<Arc<Server>> {
        let reference = key.server();
        let mut all = self.caches().iter();
        all.find_map(|caches| caches.servers.get(&reference))
    }

    /// Where the proxies of a server can be asked.
    pub(super) fn proxies(&self, server: Key) -> Asked {
        let all = self.caches().iter();
        let pods = all.flat_map(|caches| caches.pods.group(&server));
        let proxies = pods.filter_map(|pod| admin(&pod)).collect();
        Asked { server, proxies }
    }
}

/// The admin address of a proxy's pod that runs and is not on its way out.
fn admin(pod: &Pod) -> Option<SocketAddr> {
    let component = pod.labels().get(names::COMPONENT_LABEL)?;
    if component != names::COMPONENT_PROXY || pod.metadata.deletion_timestamp.is_some() {
        return None;
    }
    let status = pod.status.as_ref()?;
    let runs = status.phase.as_deref() == Some("Running");
    let address = status.pod_ip.as_deref()?.parse().ok()?;
    runs.then(|| SocketAddr::new(address, names::PROXY_ADMIN_PORT))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(component: &str, phase: &str) -> Pod {
        serde_json::from_value(json!({
            "metadata": { "labels": { names::COMPONENT_LABEL: component } },
            "status": { "phase": phase, "podIP": "10.0.0.1" },
        }))
        .unwrap()
    }

    #[test]
    fn only_proxies_that_run_are_asked() {
        let proxy = pod(names::COMPONENT_PROXY, "Running");
        assert_eq!(admin(&proxy), Some("10.0.0.1:9464".parse().unwrap()));
        assert_eq!(admin(&pod(names::COMPONENT_SERVER, "Running")), None);
        assert_eq!(admin(&pod(names::COMPONENT_PROXY, "Failed")), None);
    }

    #[test]
    fn before_there_are_caches_there_is_nothing_to_see() {
        assert!(Window::default().servers().is_empty());
    }
}

//! Step 1: what the caches hold about one server. The only reader of the caches.

use std::collections::BTreeMap;
use std::sync::Arc;

use hivewright_api::{MCPServer, names};
use hivewright_core::{Enforcement, Journal, Objects, Observed, Part, Pods, Settings};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;
use kube::runtime::reflector::{ObjectRef, Store};

use crate::around::{self, NotKnown};
use crate::key::Key;
use crate::shelf::Shelf;
use crate::watch::Caches;

/// What is known beside the caches.
#[derive(Clone, Debug)]
pub struct Known {
    /// What the API server refused of this server's objects, and why.
    pub failures: BTreeMap<Part, String>,
    /// Whether what becomes true is written down.
    pub journal: Journal,
    /// How this controller was configured.
    pub settings: Arc<Settings>,
    /// What knocking at this server's proxy has shown.
    pub enforcement: Enforcement,
    /// When.
    pub now: Timestamp,
}

/// Everything about `server`.
///
/// # Errors
/// When the server depends on something that cannot be told yet.
pub fn observe(
    caches: &Caches,
    server: Arc<MCPServer>,
    known: Known,
) -> Result<Observed, NotKnown> {
    let key = Key::of(&*server);
    let objects = objects(caches, &key.namespace, &key.name);
    let pods = pods(&caches.pods, &key);
    let mut around = around::around(caches, &server, (&objects, &pods))?;
    around.enforcement = known.enforcement;
    Ok(Observed {
        objects,
        pods,
        server,
        around,
        failures: known.failures,
        journal: known.journal,
        settings: known.settings,
        now: known.now,
    })
}

/// The objects made for the server of this name.
pub fn objects(caches: &Caches, namespace: &str, name: &str) -> Objects {
    let at = |part: Part| (namespace.to_owned(), part.name(name));
    Objects {
        service_account: get(&caches.service_accounts, at(Part::ServiceAccount)),
        role: get(&caches.roles, at(Part::Role)),
        role_binding: get(&caches.role_bindings, at(Part::RoleBinding)),
        config_map: get(&caches.config_maps, at(Part::ConfigMap)),
        server_policy: get(&caches.network_policies, at(Part::ServerPolicy)),
        proxy_policy: get(&caches.network_policies, at(Part::ProxyPolicy)),
        stateful_set: get(&caches.stateful_sets, at(Part::StatefulSet)),
        headless_service: get(&caches.services, at(Part::HeadlessService)),
        deployment: get(&caches.deployments, at(Part::Deployment)),
        proxy_service: get(&caches.services, at(Part::ProxyService)),
    }
}

fn get<K>(store: &Store<K>, (namespace, name): (String, String)) -> Option<Arc<K>>
where
    K: kube::Resource<DynamicType = ()> + Clone + 'static,
{
    store.get(&ObjectRef::new(&name).within(&namespace))
}

fn pods(shelf: &Shelf<Pod>, server: &Key) -> Pods {
    let mut pods = Pods::default();
    for pod in shelf.group(server) {
        match component(&pod) {
            Some(names::COMPONENT_SERVER) => pods.server.push(pod),
            Some(names::COMPONENT_PROXY) => pods.proxy.push(pod),
            Some(_) | None => {}
        }
    }
    pods
}

fn component(pod: &Pod) -> Option<&str> {
    pod.labels().get(names::COMPONENT_LABEL).map(String::as_str)
}

/// The newest version of one of the server's objects that the caches hold.
pub fn version(objects: &Objects, part: Part) -> Option<String> {
    fn of<K: kube::Resource>(object: Option<&Arc<K>>) -> Option<String> {
        object?.meta().resource_version.clone()
    }
    match part {
        Part::ServiceAccount => of(objects.service_account.as_ref()),
        Part::Role => of(objects.role.as_ref()),
        Part::RoleBinding => of(objects.role_binding.as_ref()),
        Part::ConfigMap => of(objects.config_map.as_ref()),
        Part::ServerPolicy => of(objects.server_policy.as_ref()),
        Part::ProxyPolicy => of(objects.proxy_policy.as_ref()),
        Part::StatefulSet => of(objects.stateful_set.as_ref()),
        Part::HeadlessService => of(objects.headless_service.as_ref()),
        Part::Deployment => of(objects.deployment.as_ref()),
        Part::ProxyService => of(objects.proxy_service.as_ref()),
    }
}

/// The version of one object that the caches hold now; of the others nothing is looked up.
pub(crate) fn cached(caches: &Caches, server: &Key, part: Part) -> Option<String> {
    fn of<K>(store: &Store<K>, at: (String, String)) -> Option<String>
    where
        K: kube::Resource<DynamicType = ()> + Clone + 'static,
    {
        get(store, at)?.meta().resource_version.clone()
    }
    let at = (server.namespace.clone(), part.name(&server.name));
    match part {
        Part::ServiceAccount => of(&caches.service_accounts, at),
        Part::Role => of(&caches.roles, at),
        Part::RoleBinding => of(&caches.role_bindings, at),
        Part::ConfigMap => of(&caches.config_maps, at),
        Part::ServerPolicy | Part::ProxyPolicy => of(&caches.network_policies, at),
        Part::StatefulSet => of(&caches.stateful_sets, at),
        Part::HeadlessService | Part::ProxyService => of(&caches.services, at),
        Part::Deployment => of(&caches.deployments, at),
    }
}

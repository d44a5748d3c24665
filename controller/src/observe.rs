//! Step 1: what the caches hold about one server. The only reader of the caches.

use std::collections::BTreeMap;
use std::sync::Arc;

use hivewright_api::{MCPServer, names};
use hivewright_core::{Objects, Observed, Part, Pods, Settings, Surroundings};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;
use kube::runtime::reflector::{ObjectRef, Store};

use crate::watch::Caches;

/// What is known beside the caches.
#[derive(Clone, Debug)]
pub struct Known {
    /// What the API server refused of this server's objects, and why.
    pub failures: BTreeMap<Part, String>,
    /// How this controller was configured.
    pub settings: Arc<Settings>,
    /// When.
    pub now: Timestamp,
}

/// Everything about `server`.
pub fn observe(caches: &Caches, server: Arc<MCPServer>, known: Known) -> Observed {
    let namespace = server.namespace().unwrap_or_default();
    let name = server.name_any();
    Observed {
        objects: objects(caches, &namespace, &name),
        pods: pods(&caches.pods, &namespace, &name),
        server,
        around: Surroundings::default(),
        failures: known.failures,
        settings: known.settings,
        now: known.now,
    }
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

fn pods(store: &Store<Pod>, namespace: &str, name: &str) -> Pods {
    let of = |component: &str| {
        store.state_filter(|pod| {
            pod.metadata.namespace.as_deref() == Some(namespace)
                && label(pod, names::SERVER_LABEL) == Some(name)
                && label(pod, names::COMPONENT_LABEL) == Some(component)
        })
    };
    Pods {
        server: of(names::COMPONENT_SERVER),
        proxy: of(names::COMPONENT_PROXY),
    }
}

fn label<'a>(pod: &'a Pod, key: &str) -> Option<&'a str> {
    pod.labels().get(key).map(String::as_str)
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

//! From a valid server to the objects that it becomes. Infallible: all that could fail was parsed
//! before.
//!
//! ```text
//!  ValidServer + Settings ─┬─ access.rs    ServiceAccount, Role, RoleBinding
//!                          ├─ config.rs    ConfigMap with ProxyConfig and LiveConfig
//!                          ├─ policy.rs    two NetworkPolicies
//!                          ├─ workload.rs  StatefulSet of the server
//!                          ├─ proxy.rs     Deployment of the proxy
//!                          └─ service.rs   the two Services
//! ```

mod access;
mod config;
mod meta;
mod policy;
mod proxy;
mod service;
mod workload;

use std::collections::BTreeMap;

use hivewright_api::names;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) use config::endpoint;
pub(crate) use meta::labels;

use crate::observed::Settings;
use crate::part::Part;
use crate::valid::ValidServer;

/// Bytes of a hash that are kept (two characters each): two versions of one object never meet.
const HASH_BYTES: usize = 8;

/// Everything that this server becomes.
pub(crate) fn render(server: &ValidServer, settings: &Settings) -> BTreeMap<Part, Value> {
    let config = config::proxy_config(server, settings);
    let mut objects = BTreeMap::from([
        (
            Part::ServiceAccount,
            object(&access::service_account(server)),
        ),
        (Part::Role, object(&access::role(server))),
        (Part::RoleBinding, object(&access::role_binding(server))),
        (
            Part::ConfigMap,
            object(&config::config_map(server, &config)),
        ),
        (Part::ServerPolicy, object(&policy::server(server))),
        (Part::ProxyPolicy, object(&policy::proxy(server))),
        (
            Part::StatefulSet,
            object(&workload::stateful_set(server, settings)),
        ),
        (
            Part::Deployment,
            object(&proxy::deployment(server, settings, &config)),
        ),
        (Part::ProxyService, object(&service::proxy(server))),
    ]);
    if let Some(service) = service::headless(server) {
        objects.insert(Part::HeadlessService, object(&service));
    }
    objects
}

/// The StatefulSet as it is first applied: with no replicas, since the proxy brings the pod up.
/// Its hash is that of the StatefulSet without the field, which later applies leave out.
pub(crate) fn without_replicas_yet(mut stateful_set: Value) -> Value {
    stateful_set["spec"]["replicas"] = json!(0);
    stateful_set
}

/// What the second field manager applies so that `spec.replicas` outlives the first one's field.
/// `meta` is the StatefulSet's.
pub(crate) fn replica_seed(meta: &Value) -> Value {
    json!({
        "apiVersion": Part::StatefulSet.api_version(),
        "kind": Part::StatefulSet.kind(),
        "metadata": {"name": meta["name"], "namespace": meta["namespace"]},
        "spec": {"replicas": 0},
    })
}

/// The object as JSON, with the hash of itself as an annotation.
fn object(object: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(object).expect("a Kubernetes object is JSON");
    let hash = hash(&value.to_string());
    value["metadata"]["annotations"][names::DESIRED_HASH] = Value::String(hash);
    value
}

/// SHA-256 in hexadecimal, shortened.
pub(crate) fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest
        .iter()
        .take(HASH_BYTES)
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

//! What is wanted against what exists, part by part: the one comparison under state and plan.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use k8s_openapi::Metadata;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde_json::Value;

use hivewright_api::names;

use crate::compare;
use crate::observed::{Objects, Observed};
use crate::part::Part;
use crate::refusal::Refusal;
use crate::render;
use crate::valid::{ValidServer, validate};

/// What one part needs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Need {
    /// It does not exist.
    Create(Value),
    /// It differs.
    Update(Value),
    /// It differs in what cannot be changed: another one must take its place.
    Replace {
        /// UID of the one observed.
        uid: Option<String>,
        /// What it should be.
        object: Value,
    },
    /// It is gone soon, or belongs to a server of the same name that is, or lacks what the API server
    /// has not given out yet: nothing can be done now.
    Wait,
    /// It is what is wanted.
    Nothing,
    /// It exists and is not wanted.
    Delete {
        /// UID of the one observed.
        uid: Option<String>,
    },
}

/// What the parts of an accepted server need.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Needs {
    /// The server as its spec was parsed.
    pub(crate) server: ValidServer,
    /// The need of each part that exists or should.
    pub(crate) parts: BTreeMap<Part, Need>,
}

/// The parsed server and the need of each part that exists or should.
pub(crate) fn needs(observed: &Observed) -> Result<Needs, Refusal> {
    let server = validate(observed)?;
    let mut desired = render::render(&server, &observed.settings);
    let parts = Part::ALL
        .into_iter()
        .filter_map(|part| {
            let need = need(
                part,
                desired.remove(&part),
                observed.objects.json(part),
                &server,
            )?;
            Some((part, later(part, need, &server)))
        })
        .collect();
    Ok(Needs { server, parts })
}

/// The pods are not made before they can be told where their egress gateway is, and those that run
/// are left alone until then.
fn later(part: Part, need: Need, server: &ValidServer) -> Need {
    if part == Part::StatefulSet && server.waits_for_address {
        return Need::Wait;
    }
    need
}

fn need(
    part: Part,
    desired: Option<Value>,
    found: Option<Value>,
    server: &ValidServer,
) -> Option<Need> {
    match (desired, found) {
        (None, None) => None,
        (Some(desired), None) => Some(Need::Create(desired)),
        (_, Some(found)) if leaving(&found, &server.identity.uid) => Some(Need::Wait),
        (None, Some(found)) => {
            let uid = found["metadata"]["uid"].as_str().map(str::to_owned);
            Some(Need::Delete { uid })
        }
        (Some(desired), Some(found)) if compare::satisfied(part, &desired, &found) => {
            Some(Need::Nothing)
        }
        (Some(object), Some(found)) if part == Part::StatefulSet && !fits(&object, &found) => {
            let uid = found["metadata"]["uid"].as_str().map(str::to_owned);
            Some(Need::Replace { uid, object })
        }
        (Some(desired), Some(_)) => Some(Need::Update(desired)),
    }
}

/// Whether one StatefulSet can become the other: the name of its Service cannot be changed, and
/// comes and goes with the transport.
fn fits(desired: &Value, found: &Value) -> bool {
    let service = |set: &Value| {
        let name = set["spec"]["serviceName"].as_str();
        name.filter(|name| !name.is_empty()).map(str::to_owned)
    };
    service(desired) == service(found)
}

/// Whether an object is being deleted, or will be with the former MCPServer that owns it.
fn leaving(found: &Value, uid: &str) -> bool {
    let meta = &found["metadata"];
    let owners = meta["ownerReferences"].as_array();
    let of_another = owners.into_iter().flatten().any(|owner| {
        owner["controller"] == Value::Bool(true)
            && owner["kind"] == names::KIND
            && owner["uid"] != uid
    });
    !meta["deletionTimestamp"].is_null() || of_another
}

/// Whether the main field manager is still the only owner of `spec.replicas`: the write that seeds
/// the second owner was lost between two writes.
pub(crate) fn seed_is_missing(set: &StatefulSet) -> bool {
    let fields = set.metadata.managed_fields.iter().flatten();
    let mut owners = fields
        .filter(|entry| {
            let replicas = |fields: &Value| fields.pointer("/f:spec/f:replicas").is_some();
            entry
                .fields_v1
                .as_ref()
                .is_some_and(|fields| replicas(&fields.0))
        })
        .map(|entry| entry.manager.as_deref())
        .peekable();
    owners.peek().is_some() && owners.all(|manager| manager == Some(names::MANAGER))
}

impl Observed {
    /// What the StatefulSet is scaled to, if it exists.
    pub(crate) fn replicas(&self) -> Option<i32> {
        self.objects.stateful_set.as_ref()?.spec.as_ref()?.replicas
    }

    /// The mark of Secrets' versions on the pod template as it stands.
    pub(crate) fn secrets_mark(&self) -> Option<&str> {
        let template = &self.objects.stateful_set.as_ref()?.spec.as_ref()?.template;
        let annotations = template.metadata.as_ref()?.annotations.as_ref()?;
        annotations.get(names::SECRETS_CHECKSUM).map(String::as_str)
    }

    /// The address of the proxy's Service, once the API server has given it out.
    pub(crate) fn proxy_address(&self) -> Option<IpAddr> {
        let service = self.objects.proxy_service.as_ref()?;
        let stays = service.metadata.deletion_timestamp.is_none();
        let address = service.spec.as_ref()?.cluster_ip.as_ref()?;
        address.parse().ok().filter(|_| stays)
    }
}

impl Objects {
    /// The metadata of the object of this part, if it exists.
    pub(crate) fn meta(&self, part: Part) -> Option<&ObjectMeta> {
        match part {
            Part::ServiceAccount => meta(self.service_account.as_ref()),
            Part::Role => meta(self.role.as_ref()),
            Part::RoleBinding => meta(self.role_binding.as_ref()),
            Part::ConfigMap => meta(self.config_map.as_ref()),
            Part::ServerPolicy => meta(self.server_policy.as_ref()),
            Part::ProxyPolicy => meta(self.proxy_policy.as_ref()),
            Part::StatefulSet => meta(self.stateful_set.as_ref()),
            Part::HeadlessService => meta(self.headless_service.as_ref()),
            Part::Deployment => meta(self.deployment.as_ref()),
            Part::ProxyService => meta(self.proxy_service.as_ref()),
        }
    }

    /// The object of this part as JSON, if it exists.
    pub(crate) fn json(&self, part: Part) -> Option<Value> {
        match part {
            Part::ServiceAccount => json(self.service_account.as_deref()),
            Part::Role => json(self.role.as_deref()),
            Part::RoleBinding => json(self.role_binding.as_deref()),
            Part::ConfigMap => json(self.config_map.as_deref()),
            Part::ServerPolicy => json(self.server_policy.as_deref()),
            Part::ProxyPolicy => json(self.proxy_policy.as_deref()),
            Part::StatefulSet => json(self.stateful_set.as_deref()),
            Part::HeadlessService => json(self.headless_service.as_deref()),
            Part::Deployment => json(self.deployment.as_deref()),
            Part::ProxyService => json(self.proxy_service.as_deref()),
        }
    }
}

fn meta<K: Metadata<Ty = ObjectMeta>>(object: Option<&Arc<K>>) -> Option<&ObjectMeta> {
    object.map(|object| object.metadata())
}

fn json(object: Option<&impl Serialize>) -> Option<Value> {
    object.map(|object| serde_json::to_value(object).expect("a Kubernetes object is JSON"))
}

//! What is known about one server before anything is decided: the input of every pure function.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hivewright_api::MCPServer;
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};

use crate::part::Part;
use crate::state::Journal;

/// Everything that the caches hold about one server, at one time.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The MCPServer itself.
    pub server: Arc<MCPServer>,
    /// The objects made for it that exist.
    pub objects: Objects,
    /// Its pods that exist.
    pub pods: Pods,
    /// What others own and this server depends on.
    pub around: Surroundings,
    /// What the API server said the last time it refused to write a part, until that part is
    /// written. In memory only: after a restart of the controller the write is simply tried again.
    pub failures: BTreeMap<Part, String>,
    /// Whether what becomes true is written down.
    pub journal: Journal,
    /// How this controller was configured.
    pub settings: Arc<Settings>,
    /// When this was observed.
    pub now: Timestamp,
}

/// What others own and this server depends on.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The Secrets that the spec names, those of them that exist, by name. `None`: this controller
    /// does not look at Secrets.
    pub secrets: Option<BTreeMap<String, SecretFacts>>,
    /// The ConfigMap that the permission profile names, if it exists.
    pub profile: Option<Arc<ConfigMap>>,
    /// Why the API server last refused a pod to the StatefulSet (quota, admission), from its event
    /// `FailedCreate`; `None` when that is over or never was.
    pub refused_pod: Option<String>,
    /// What knocking at the proxy's canary port has shown about NetworkPolicies. Counts only if
    /// [`Settings::enforcement`] does not say.
    pub enforcement: Enforcement,
}

/// What is known of a Secret without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretFacts {
    /// UID and resource version: another pair is another content.
    pub version: String,
    /// Its keys, as its `managedFields` tell them; `None` if they do not.
    pub keys: Option<BTreeSet<String>>,
}

/// The objects made for one server, each if it exists. The names are those of
/// [`Part::name`](crate::Part::name).
///
/// The StatefulSet must come with its `managedFields`: they say who owns `spec.replicas`.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each field is the part of the same name")]
pub struct Objects {
    pub service_account: Option<Arc<ServiceAccount>>,
    pub role: Option<Arc<Role>>,
    pub role_binding: Option<Arc<RoleBinding>>,
    pub config_map: Option<Arc<ConfigMap>>,
    pub server_policy: Option<Arc<NetworkPolicy>>,
    pub proxy_policy: Option<Arc<NetworkPolicy>>,
    pub stateful_set: Option<Arc<StatefulSet>>,
    pub headless_service: Option<Arc<Service>>,
    pub deployment: Option<Arc<Deployment>>,
    pub proxy_service: Option<Arc<Service>>,
}

/// The pods of one server, told apart by the label
/// [`COMPONENT_LABEL`](hivewright_api::names::COMPONENT_LABEL).
#[derive(Clone, Debug, Default)]
pub struct Pods {
    /// Pods that run the user's image.
    pub server: Vec<Arc<Pod>>,
    /// Pods that run the proxy.
    pub proxy: Vec<Arc<Pod>>,
}

/// How this controller was configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Image of the proxy's container.
    pub proxy_image: String,
    /// Pull policy of the proxy's image; `None` leaves it to Kubernetes.
    pub proxy_pull_policy: Option<PullPolicy>,
    /// Pull policy of the servers' images; `None` leaves it to Kubernetes.
    pub server_pull_policy: Option<PullPolicy>,
    /// Whether this cluster acts on NetworkPolicies.
    pub enforcement: Enforcement,
    /// DNS domain of the cluster, without dots at its ends.
    pub cluster_domain: String,
    /// `Host` values that every proxy accepts beside its Service's own names.
    pub allowed_hosts: Vec<String>,
    /// `Origin` values that every proxy accepts beside loopback ones.
    pub allowed_origins: Vec<String>,
}

impl Default for Settings {
    /// Of a cluster of which nothing is known, with the proxy's image of this version.
    fn default() -> Self {
        Self {
            proxy_image: concat!("hivewright/proxy:", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy_pull_policy: None,
            server_pull_policy: None,
            enforcement: Enforcement::Unknown,
            cluster_domain: "cluster.local".to_owned(),
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
        }
    }
}

/// `imagePullPolicy` of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullPolicy {
    /// Ask the registry every time.
    Always,
    /// Pull what is not there.
    IfNotPresent,
    /// Use only what is there.
    Never,
}

impl PullPolicy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Always, Self::IfNotPresent, Self::Never];

    /// The word that Kubernetes uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::IfNotPresent => "IfNotPresent",
            Self::Never => "Never",
        }
    }
}

/// Whether a cluster acts on NetworkPolicies. The API cannot be asked: the operator says so, or the
/// controller finds out by knocking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforcement {
    /// It does.
    Enforced,
    /// It does not: policies are stored and nothing follows.
    NotEnforced,
    /// Nobody has said, nothing has been found out.
    #[default]
    Unknown,
}

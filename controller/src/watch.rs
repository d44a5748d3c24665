//! The caches: what the cluster holds of interest, kept current by watches. Nothing else reads
//! the cluster.
//!
//! A [`Scope`] is one namespace, or all of them; it has its own caches, so a list of namespaces
//! needs no cluster-wide right.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::{BoxFuture, try_join_all};
use hivewright_api::{MCPServer, names};
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::core::DeserializeGuard;
use kube::runtime::reflector::Store;
use kube::runtime::reflector::store::WriterDropped;
use kube::runtime::watcher;
use kube::{Client, ResourceExt as _};
use tokio::sync::watch;

use crate::follow::{self, Follower};
use crate::key::Key;
use crate::metrics::Metrics;
use crate::profiles::Profiles;
use crate::queue::Queue;
use crate::refusals::{self, Refusals};
use crate::secrets::{self, Secrets};
use crate::shelf::{Entry, Shelf};
use crate::tell::Tell;
use crate::trim;

/// An MCPServer as the watch delivers it: one that cannot be read must not hide the others.
pub type Server = DeserializeGuard<MCPServer>;

/// The caches of one scope.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each field is the store of the kind it is named after"
)]
pub struct Caches {
    pub servers: Store<Server>,
    pub service_accounts: Store<ServiceAccount>,
    pub roles: Store<Role>,
    pub role_bindings: Store<RoleBinding>,
    pub config_maps: Store<ConfigMap>,
    pub network_policies: Store<NetworkPolicy>,
    pub stateful_sets: Store<StatefulSet>,
    pub services: Store<Service>,
    pub deployments: Store<Deployment>,
    /// By the MCPServer that they belong to.
    pub pods: Shelf<Pod>,
    /// `None`: Secrets are not looked at.
    pub secrets: Option<Secrets>,
    pub refusals: Refusals,
    pub profiles: Profiles,
    /// Changes whenever one of the caches has.
    pub moved: watch::Receiver<()>,
}

impl Caches {
    /// Waits until every cache has been filled once. Profiles are not waited for: they are
    /// watched one by one, and a pass that needs one looks whether it has come.
    ///
    /// # Errors
    /// When a watch has ended, which it does only with the program.
    pub async fn filled(&self) -> Result<(), WriterDropped> {
        let secrets = self.secrets.as_ref();
        let secrets = secrets.map(|secrets| secrets.wait_until_ready().boxed());
        let others = [
            self.servers.wait_until_ready().boxed(),
            self.service_accounts.wait_until_ready().boxed(),
            self.roles.wait_until_ready().boxed(),
            self.role_bindings.wait_until_ready().boxed(),
            self.config_maps.wait_until_ready().boxed(),
            self.network_policies.wait_until_ready().boxed(),
            self.stateful_sets.wait_until_ready().boxed(),
            self.services.wait_until_ready().boxed(),
            self.deployments.wait_until_ready().boxed(),
            self.pods.wait_until_ready().boxed(),
            self.refusals.wait_until_ready().boxed(),
        ];
        try_join_all(others.into_iter().chain(secrets))
            .await
            .map(drop)
    }
}

/// One namespace or all, with its caches and the queue that its watches fill.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The caches.
    pub caches: Caches,
    /// MCPServers that want a pass.
    pub queue: Arc<Queue>,
    /// The one namespace; `None`: all.
    namespace: Option<String>,
}

impl Scope {
    /// Whether an MCPServer of this name would be in the caches, if there is one.
    pub fn holds(&self, server: &Key) -> bool {
        self.namespace
            .as_ref()
            .is_none_or(|namespace| *namespace == server.namespace)
    }

    /// Starts nothing: gives the scope, and the future that keeps it current and never ends.
    /// `namespace` `None` is all of them; Secrets are looked at only if `with_secrets`.
    pub fn new(
        client: &Client,
        namespace: Option<&str>,
        with_secrets: bool,
        metrics: &Metrics,
    ) -> (Self, BoxFuture<'static, ()>) {
        let tell = Tell::new(metrics);
        let mut follower = Follower::new(client, namespace, tell.clone());
        let caches = Caches {
            servers: follower.servers(),
            service_accounts: follower.owned(trim::common),
            roles: follower.owned(trim::common),
            role_bindings: follower.owned(trim::common),
            config_maps: follower.owned(trim::common),
            network_policies: follower.owned(trim::common),
            stateful_sets: follower.owned(trim::stateful_set),
            services: follower.owned(trim::common),
            deployments: follower.owned(trim::deployment),
            pods: pods(&mut follower),
            secrets: with_secrets.then(|| secrets(&mut follower)),
            refusals: refusals(&mut follower),
            profiles: follower.profiles(&tell.named),
            moved: tell.subscribe(),
        };
        let queue = tell.queue;
        let scope = Self {
            caches,
            queue,
            namespace: namespace.map(str::to_owned),
        };
        (scope, follower.run())
    }
}

/// The pods of every server and proxy, by the server.
fn pods(follower: &mut Follower) -> Shelf<Pod> {
    let config = watcher::Config::default().labels(names::SERVER_LABEL);
    let entry = |pod: &Pod| Entry {
        group: follow::group(pod),
        name: pod.name_any(),
        value: pod.clone(),
    };
    follower.shelved(
        Shelf::new(),
        (config, trim::pod),
        entry,
        |tell, about| match about {
            Some((server, _)) => vec![server.server()],
            None => tell.everybody(),
        },
    )
}

/// The Secrets of the scope, without their content.
fn secrets(follower: &mut Follower) -> Secrets {
    follower.shelved(
        Shelf::new(),
        (secrets::config(), |_| {}),
        secrets::entry,
        |tell, about| match about {
            Some((group, name)) => tell.named.of_secret(&Key::new(&group.namespace, name)),
            None => tell.named.of_secrets(),
        },
    )
}

/// The refusals of pods, by StatefulSet, which has the name of its server.
fn refusals(follower: &mut Follower) -> Refusals {
    follower.shelved(
        Shelf::bounded(refusals::MOST),
        (refusals::config(), |_| {}),
        refusals::entry,
        |tell, about| match about {
            Some((server, _)) => vec![server.server()],
            None => tell.everybody(),
        },
    )
}

//! The caches: what the cluster holds of interest, kept current by watches. Nothing else reads
//! the cluster.
//!
//! A [`Scope`] is one namespace, or all of them; it has its own caches, so a list of namespaces
//! needs no cluster-wide right.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::{BoxFuture, try_join_all};
use hivewright_api::MCPServer;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::Client;
use kube::core::DeserializeGuard;
use kube::runtime::reflector::Store;
use kube::runtime::reflector::store::WriterDropped;
use tokio::sync::watch;

use crate::follow::Follower;
use crate::metrics::Metrics;
use crate::queue::Queue;

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
    pub pods: Store<Pod>,
    /// Changes whenever one of the stores has.
    pub moved: watch::Receiver<()>,
}

impl Caches {
    /// Waits until every store has been filled once.
    ///
    /// # Errors
    /// When a watch has ended, which it does only with the program.
    pub async fn filled(&self) -> Result<(), WriterDropped> {
        try_join_all([
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
        ])
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
}

impl Scope {
    /// Starts nothing: gives the scope, and the future that keeps it current and never ends.
    pub fn new(
        client: &Client,
        namespace: Option<&str>,
        metrics: &Metrics,
    ) -> (Self, BoxFuture<'static, ()>) {
        let mut follower = Follower::new(client, namespace, metrics);
        let caches = Caches {
            servers: follower.servers(),
            service_accounts: follower.owned(),
            roles: follower.owned(),
            role_bindings: follower.owned(),
            config_maps: follower.owned(),
            network_policies: follower.owned(),
            stateful_sets: follower.owned_with_managers(),
            services: follower.owned(),
            deployments: follower.owned(),
            pods: follower.pods(),
            moved: follower.moved(),
        };
        (
            Self {
                caches,
                queue: follower.queue(),
            },
            follower.run(),
        )
    }
}

//! One watch for each kind: fills its store and marks the MCPServer that an object belongs to.

use std::fmt::Debug;
use std::sync::Arc;

use futures::future::{BoxFuture, join_all};
use futures::{FutureExt as _, StreamExt as _};
use hivewright_api::names;
use k8s_openapi::api::core::v1::Pod;
use kube::core::NamespaceResourceScope;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client, Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::access;
use crate::metrics::Metrics;
use crate::queue::Queue;
use crate::watch::Server;

/// Objects in one page of a first list: what the API server can answer without a large buffer.
const PAGE: u32 = 500;

/// What a watch needs of a kind.
pub(crate) trait Kind:
    Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + Clone
    + Debug
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

impl<K> Kind for K where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

/// Collects the watches of one scope.
pub(crate) struct Follower {
    client: Client,
    namespace: Option<String>,
    tell: Tell,
    watches: Vec<BoxFuture<'static, ()>>,
}

/// Whom a watch tells what it saw.
#[derive(Clone)]
struct Tell {
    metrics: Metrics,
    queue: Arc<Queue>,
    moved: watch::Sender<()>,
    servers: Option<Store<Server>>,
}

impl Follower {
    pub(crate) fn new(client: &Client, namespace: Option<&str>, metrics: &Metrics) -> Self {
        let tell = Tell {
            metrics: metrics.clone(),
            queue: Arc::default(),
            moved: watch::channel(()).0,
            servers: None,
        };
        let namespace = namespace.map(str::to_owned);
        Self {
            client: client.clone(),
            namespace,
            tell,
            watches: Vec::new(),
        }
    }

    pub(crate) fn queue(&self) -> Arc<Queue> {
        Arc::clone(&self.tell.queue)
    }

    pub(crate) fn moved(&self) -> watch::Receiver<()> {
        self.tell.moved.subscribe()
    }

    /// The MCPServers.
    pub(crate) fn servers(&mut self) -> Store<Server> {
        let store = self.follow(
            watcher::Config::default(),
            forget_managers,
            ObjectRef::from_obj,
        );
        self.tell.servers = Some(store.clone());
        store
    }

    /// A kind that the controller writes: what carries its mark.
    pub(crate) fn owned<K: Kind>(&mut self) -> Store<K> {
        self.follow(managed(), forget_managers, labelled)
    }

    /// The same, with `managedFields`: they say who owns the scale of a StatefulSet.
    pub(crate) fn owned_with_managers<K: Kind>(&mut self) -> Store<K> {
        self.follow(managed(), |_| {}, labelled)
    }

    /// The pods of every server and proxy.
    pub(crate) fn pods(&mut self) -> Store<Pod> {
        let config = watcher::Config::default().labels(names::SERVER_LABEL);
        self.follow(config, forget_managers, labelled)
    }

    /// Keeps all of it current; never ends.
    pub(crate) fn run(self) -> BoxFuture<'static, ()> {
        join_all(self.watches).map(drop).boxed()
    }

    fn follow<K: Kind>(
        &mut self,
        config: watcher::Config,
        trim: fn(&mut K),
        of: fn(&K) -> ObjectRef<Server>,
    ) -> Store<K> {
        let api: Api<K> = match &self.namespace {
            Some(namespace) => Api::namespaced(self.client.clone(), namespace),
            None => Api::all(self.client.clone()),
        };
        let (store, writer) = reflector::store();
        let tell = self.tell.clone();
        let watch = watcher(api, config.page_size(PAGE))
            .default_backoff()
            .modify(trim)
            .reflect(writer)
            .for_each(move |event| {
                tell.about(event, of);
                futures::future::ready(())
            });
        self.watches.push(watch.boxed());
        store
    }
}

impl Tell {
    /// Called once the store has taken the event in.
    fn about<K: Kind>(&self, event: watcher::Result<Event<K>>, of: fn(&K) -> ObjectRef<Server>) {
        match event {
            Ok(Event::Apply(object) | Event::Delete(object) | Event::InitApply(object)) => {
                self.queue.mark(of(&object));
            }
            // What vanished while the watch was down is not named: look at every server.
            Ok(Event::InitDone) => self.mark_all(),
            Ok(Event::Init) => {}
            Err(error) => {
                self.metrics
                    .watch_broke(access::resource_label(&K::group(&()), &K::plural(&())));
                let kind = K::kind(&());
                tracing::warn!(
                    kind = &*kind,
                    error = &error as &dyn std::error::Error,
                    "Watch broke and is begun again"
                );
            }
        }
        self.moved.send_replace(());
    }

    fn mark_all(&self) {
        for server in self.servers.iter().flat_map(Store::state) {
            self.queue.mark(ObjectRef::from_obj(&server));
        }
    }
}

fn managed() -> watcher::Config {
    watcher::Config::default().labels(&format!("{}={}", names::MANAGED_BY_LABEL, names::MANAGER))
}

/// The MCPServer that an object names in its label. An object without the label names nobody: the
/// empty name is looked up in vain.
fn labelled<K: Kind>(object: &K) -> ObjectRef<Server> {
    let server = object
        .labels()
        .get(names::SERVER_LABEL)
        .map_or("", String::as_str);
    ObjectRef::new(server).within(&object.namespace().unwrap_or_default())
}

fn forget_managers<K: Kind>(object: &mut K) {
    object.meta_mut().managed_fields = None;
}

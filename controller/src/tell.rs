//! What a watch does with what it saw: marks MCPServers, wakes who waits, says that it broke.

use std::sync::Arc;

use kube::Resource as _;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::runtime::watcher;
use tokio::sync::watch;

use crate::access;
use crate::follow::Kind;
use crate::key::Key;
use crate::metrics::Metrics;
use crate::named::Named;
use crate::queue::{Cause, Queue};
use crate::watch::Server;

/// Whom the watches of one scope tell. Clones tell the same.
#[derive(Clone)]
pub(crate) struct Tell {
    pub(crate) queue: Arc<Queue>,
    pub(crate) named: Arc<Named>,
    pub(crate) servers: Option<Store<Server>>,
    metrics: Metrics,
    moved: watch::Sender<()>,
}

/// Whether a watch works: of an outage only the first error is a warning.
#[derive(Debug, Default)]
pub(crate) struct Health {
    broken: bool,
}

impl Tell {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        Self {
            queue: Arc::default(),
            named: Arc::default(),
            servers: None,
            metrics: metrics.clone(),
            moved: watch::channel(()).0,
        }
    }

    /// Changes whenever one of the caches has.
    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    pub(crate) fn moved(&self) {
        self.moved.send_replace(());
    }

    pub(crate) fn mark(&self, servers: impl IntoIterator<Item = ObjectRef<Server>>) {
        for server in servers {
            self.queue.mark(server);
        }
    }

    /// An MCPServer has another version.
    pub(crate) fn server(&self, server: &Server) {
        let version = server.meta().resource_version.clone();
        let cause = version.map_or(Cause::Change, Cause::Version);
        self.queue.mark_for(ObjectRef::from_obj(server), cause);
    }

    pub(crate) fn mark_all(&self) {
        self.mark(self.everybody());
    }

    pub(crate) fn everybody(&self) -> Vec<ObjectRef<Server>> {
        let held = self.servers.iter().flat_map(Store::state);
        held.map(|server| ObjectRef::from_obj(&*server)).collect()
    }

    /// The ConfigMap with a permission profile has another answer.
    pub(crate) fn profile(&self, profile: &Key) {
        self.mark(self.named.of_profile(profile));
    }

    /// Counts an error of a watch, and says the first of a row; the watch is begun again by itself.
    pub(crate) fn judge<K: Kind>(&self, sign: Sign<'_>, health: &mut Health) {
        let kind = K::kind(&());
        let label = access::resource_label(&K::group(&()), &K::plural(&()));
        match sign {
            Sign::None => {}
            Sign::Works => {
                self.metrics.watch_works(label);
                if std::mem::replace(&mut health.broken, false) {
                    tracing::info!(kind = &*kind, "Watch works again");
                }
            }
            Sign::Broke(error) => {
                self.metrics.watch_broke(label);
                let error = error as &dyn std::error::Error;
                if std::mem::replace(&mut health.broken, true) {
                    tracing::debug!(kind = &*kind, error, "Watch is still broken");
                } else {
                    tracing::warn!(kind = &*kind, error, "Watch broke and is begun again");
                }
            }
        }
    }
}

/// What an item of a watch says about the watch.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sign<'a> {
    /// Nothing: an attempt begins.
    None,
    /// The API server has answered.
    Works,
    /// It has not, or has refused.
    Broke(&'a watcher::Error),
}

impl<'a> Sign<'a> {
    pub(crate) fn of<K>(item: &'a watcher::Result<watcher::Event<K>>) -> Self {
        match item {
            Ok(watcher::Event::Init) => Self::None,
            Ok(
                watcher::Event::Apply(_)
                | watcher::Event::Delete(_)
                | watcher::Event::InitApply(_)
                | watcher::Event::InitDone,
            ) => Self::Works,
            Err(error) => Self::Broke(error),
        }
    }
}

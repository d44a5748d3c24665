//! What every pass over one scope uses and remembers.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use hivewright_core::{Enforcement, Observed, Part, Settings};
use hivewright_telemetry::Telemetry;
use jiff::Timestamp;
use kube::Client;
use kube::runtime::reflector::ObjectRef;
use parking_lot::Mutex;

use crate::backoff::Backoff;
use crate::journal::{Journal, Keeper};
use crate::key::Key;
use crate::metrics::Metrics;
use crate::observe::Known;
use crate::probe::Probes;
use crate::publish::Publisher;
use crate::queue::{Cause, Queue};
use crate::watch::{Caches, Scope, Server};

/// What every pass uses.
pub struct Worker {
    pub(crate) client: Client,
    pub(crate) caches: Caches,
    pub(crate) publisher: Publisher,
    pub(crate) metrics: Metrics,
    pub(crate) backoff: Backoff<ObjectRef<Server>>,
    pub(crate) probes: Probes,
    pub(crate) telemetry: Telemetry,
    pub(crate) keeper: Arc<Keeper>,
    queue: Arc<Queue>,
    settings: Arc<Settings>,
    failures: Mutex<HashMap<ObjectRef<Server>, BTreeMap<Part, String>>>,
    /// The version that a server's status was given by a pass that left nothing to write.
    published: Mutex<HashMap<ObjectRef<Server>, String>>,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}

impl Worker {
    /// A worker over the caches of this scope.
    pub fn new(client: Client, scope: &Scope, settings: Arc<Settings>, metrics: Metrics) -> Self {
        let publisher = Publisher::new(client.clone(), metrics.clone());
        Self {
            client,
            caches: scope.caches.clone(),
            queue: Arc::clone(&scope.queue),
            settings,
            publisher,
            metrics,
            failures: Mutex::default(),
            published: Mutex::default(),
            probes: Probes::default(),
            telemetry: Telemetry::default(),
            keeper: Arc::default(),
            backoff: Backoff::default(),
        }
    }

    /// Records passes there.
    #[must_use]
    pub fn recorded(self, telemetry: Telemetry) -> Self {
        Self { telemetry, ..self }
    }

    /// Keeps what passes tell there.
    #[must_use]
    pub fn kept(self, journal: Option<Journal>) -> Self {
        let keeper = Arc::new(Keeper::new(journal));
        Self {
            publisher: self.publisher.kept(Arc::clone(&keeper)),
            keeper,
            ..self
        }
    }

    /// Keeps that a server is gone, unless there is another of its name already.
    pub(crate) async fn bury(&self, server: &ObjectRef<Server>) {
        if self.caches.servers.get(server).is_none() {
            self.keeper.gone(&Key::from(server)).await;
        }
    }

    /// Forgets all about a server that is gone.
    pub fn forget(&self, server: &ObjectRef<Server>) {
        self.failures.lock().remove(server);
        self.published.lock().remove(server);
        // The pass that it was taken for never begins.
        drop(self.queue.cause(server));
        self.backoff.forget(server);
        self.probes.forget(&Key::from(server));
    }

    /// Whether a pass over `server` would find nothing to say and nothing to write: it was asked for
    /// by nothing but the status that the last one published, or by what the last one saw.
    pub(crate) fn is_echo(&self, server: &ObjectRef<Server>) -> bool {
        let published = self.published.lock().remove(server);
        match self.queue.cause(server) {
            Some(Cause::Seen) => true,
            Some(Cause::Version(version)) => published == Some(version),
            Some(Cause::Change) | None => false,
        }
    }

    /// The status has this version now, and nothing is left to write.
    pub(crate) fn published_last(&self, server: &ObjectRef<Server>, version: String) {
        self.published.lock().insert(server.clone(), version);
    }

    /// The caches are about to be looked at: see [`Queue::look`].
    pub(crate) fn look(&self, server: &ObjectRef<Server>) -> bool {
        self.queue.look(server)
    }

    /// A look was not the end of it, if something had asked for it.
    pub(crate) fn ask_again(&self, server: &ObjectRef<Server>, asked: bool) {
        if asked {
            self.queue.mark(server.clone());
        }
    }

    /// Takes note of what others do on the side for this server.
    pub(crate) fn saw(&self, server: &ObjectRef<Server>, observed: &Observed) {
        let key = Key::from(server);
        if self.has_to_find_out() {
            self.probes.aim(&key, &observed.pods.proxy);
        }
        // The pods are there: what was refused once is over, and must not be told of the next gap.
        if observed.around.refused_pod.is_none() && !observed.pods.server.is_empty() {
            self.caches.refusals.forget(&key);
        }
    }

    /// Finds out whether NetworkPolicies are acted on, if nobody has said. Never ends.
    pub(crate) async fn knock(&self) {
        if self.has_to_find_out() {
            self.probes.run(&self.queue, &self.metrics).await;
        }
        std::future::pending::<()>().await;
    }

    fn has_to_find_out(&self) -> bool {
        self.settings.enforcement == Enforcement::Unknown
    }

    /// Keeps what the API server refused of a server's objects, for the next pass.
    pub(crate) fn remember(&self, server: &ObjectRef<Server>, failures: BTreeMap<Part, String>) {
        let mut all = self.failures.lock();
        if failures.is_empty() {
            all.remove(server);
        } else {
            all.insert(server.clone(), failures);
        }
    }

    /// What the next pass knows beside the caches.
    pub(crate) fn known(&self, server: &ObjectRef<Server>) -> Known {
        Known {
            failures: self
                .failures
                .lock()
                .get(server)
                .cloned()
                .unwrap_or_default(),
            journal: self.keeper.state(),
            settings: Arc::clone(&self.settings),
            enforcement: self.probes.verdict(&Key::from(server)),
            now: Timestamp::now(),
        }
    }
}

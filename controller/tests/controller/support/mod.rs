//! An API server in this process: enough of Kubernetes for the controller's own calls, over kube's
//! tower service, without a socket.
//!
//! ```text
//!  kube::Client ──> axum handler ──> Store (objects, resourceVersions, change log) ──> watches
//!                       └── every request is recorded, and may be made to fail
//! ```
//!
//! What it simplifies: server-side apply treats every list as atomic and knows no schema; nothing
//! is defaulted; a watch does not notice an object that leaves its selector.

mod apply;
pub(crate) mod controller;
pub(crate) mod helm;
pub(crate) mod pods;
mod select;
mod serve;
mod store;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use hivewright_controller::access;
use kube::Client;
use kube::client::ClientBuilder;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::watch;

use store::{Failure, Store, Target};

/// One request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    /// As RBAC sees it.
    pub(crate) access: access::Request,
    /// Its namespace, empty for all of them.
    pub(crate) namespace: String,
    /// Name of the object, empty for lists.
    pub(crate) name: String,
    /// Who asked: the label that [`FakeApi::client`] was given.
    pub(crate) who: &'static str,
    /// HTTP status of the answer.
    pub(crate) status: u16,
}

impl Recorded {
    /// A request that changes something.
    pub(crate) fn writes(&self) -> bool {
        !matches!(
            self.access.verb,
            access::Verb::Get | access::Verb::List | access::Verb::Watch
        )
    }
}

/// The server. Clones share everything.
#[derive(Clone, Debug)]
pub(crate) struct FakeApi {
    store: Arc<Mutex<Store>>,
    requests: Arc<Mutex<Vec<Recorded>>>,
    failures: Arc<Mutex<Vec<Failure>>>,
    applies: Arc<Mutex<Vec<Apply>>>,
    ending: Arc<Mutex<Vec<String>>>,
    lag: Arc<Mutex<Duration>>,
    moved: watch::Sender<u64>,
}

/// One server-side apply.
#[derive(Clone, Debug)]
pub(crate) struct Apply {
    /// Plural name of the resource.
    pub(crate) resource: String,
    /// Takes over fields of others.
    pub(crate) force: bool,
}

impl Default for FakeApi {
    fn default() -> Self {
        Self {
            store: Arc::default(),
            requests: Arc::default(),
            failures: Arc::default(),
            applies: Arc::default(),
            ending: Arc::default(),
            lag: Arc::default(),
            moved: watch::channel(0).0,
        }
    }
}

impl FakeApi {
    /// A client whose requests are recorded as those of `who` and counted in `metrics`.
    pub(crate) fn client(
        &self,
        who: &'static str,
        metrics: &hivewright_controller::metrics::Metrics,
    ) -> Client {
        let router = Router::new()
            .fallback(serve::answer)
            .with_state((self.clone(), who));
        let counted = hivewright_controller::client::Counted::new(metrics);
        ClientBuilder::new(router, "hivewright")
            .with_layer(&counted)
            .build()
    }

    /// Requests so far.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().clone()
    }

    /// Requests so far that change something, Leases and Events left out.
    pub(crate) fn writes(&self) -> Vec<Recorded> {
        let noise =
            |request: &Recorded| matches!(request.access.resource.as_str(), "leases" | "events");
        self.requests()
            .into_iter()
            .filter(|request| request.writes() && !noise(request))
            .collect()
    }

    /// Server-side applies of a resource so far.
    pub(crate) fn applies(&self, resource: &str) -> Vec<Apply> {
        let of = |apply: &&Apply| apply.resource == resource;
        self.applies.lock().iter().filter(of).cloned().collect()
    }

    /// Begins the deletion of a namespace: from now on nothing can be made in it.
    pub(crate) fn end_namespace(&self, namespace: &str) {
        self.ending.lock().push(namespace.to_owned());
    }

    fn ends(&self, target: &Target) -> bool {
        self.ending.lock().contains(&target.namespace) && self.store.lock().get(target).is_none()
    }

    /// Makes the next `times` requests of this verb and resource fail with `status`.
    pub(crate) fn fail(
        &self,
        verb: access::Verb,
        resource: &'static str,
        status: StatusCode,
        times: u32,
    ) {
        self.failures.lock().push(Failure {
            verb,
            resource,
            status,
            times,
        });
    }

    /// Writes an object as somebody else would (a user, a kubelet): status included.
    pub(crate) fn put(&self, resource: &str, object: Value) {
        self.store
            .lock()
            .put(Target::of_object(resource, &object), object);
        self.announce();
    }

    /// Changes an object by JSON merge patch, as somebody else would.
    pub(crate) fn merge(&self, resource: &str, namespace: &str, name: &str, patch: &Value) {
        let target = Target::new(resource, namespace, name);
        let mut object = self
            .store
            .lock()
            .get(&target)
            .expect("the test names an object that is there");
        json_patch::merge(&mut object, patch);
        self.store.lock().put(target, object);
        self.announce();
    }

    /// Deletes an object, and in turn all that it owns.
    pub(crate) fn delete(&self, resource: &str, namespace: &str, name: &str) {
        self.store
            .lock()
            .delete(&Target::new(resource, namespace, name));
        self.announce();
    }

    /// Deletes an object while the watch of its kind is down, so that nobody tells of it.
    pub(crate) fn delete_unseen(&self, resource: &str, namespace: &str, name: &str) {
        let mut store = self.store.lock();
        store.delete(&Target::new(resource, namespace, name));
        store.forget_changes(resource);
        drop(store);
        self.announce();
    }

    /// Lets watches tell of changes this much later.
    pub(crate) fn set_lag(&self, lag: Duration) {
        *self.lag.lock() = lag;
    }

    fn lag(&self) -> Duration {
        *self.lag.lock()
    }

    /// One object as it is.
    pub(crate) fn get(&self, resource: &str, namespace: &str, name: &str) -> Option<Value> {
        self.store
            .lock()
            .get(&Target::new(resource, namespace, name))
    }

    /// All objects as `resource/name`, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        self.store.lock().names()
    }

    /// All objects of a resource.
    pub(crate) fn all(&self, resource: &str) -> Vec<Value> {
        let all = select::Selector::default();
        self.store.lock().list(&Target::new(resource, "", ""), &all)
    }

    fn announce(&self) {
        let version = self.store.lock().version();
        self.moved.send_replace(version);
    }

    fn failure(&self, asked: &access::Request) -> Option<StatusCode> {
        let mut failures = self.failures.lock();
        let hit = failures.iter_mut().find(|failure| failure.hits(asked))?;
        hit.times -= 1;
        Some(hit.status)
    }
}

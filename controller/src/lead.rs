//! The runner: passes over the servers of one scope, many at once, never two over one server.

use std::sync::Arc;

use futures::StreamExt as _;
use kube::runtime::controller::{self, Config, applier};
use kube::runtime::reflector::ObjectRef;
use tokio_util::sync::CancellationToken;

use crate::journal::Keeper;
use crate::key::Key;
use crate::reconcile::{reconcile, retry};
use crate::watch::Scope;
use crate::worker::Worker;

/// Passes at once in one scope. A pass mostly waits for the API server; more would only queue
/// there, and a new leader begins with all servers at once.
pub const CONCURRENCY: u16 = 16;

/// Works until `stop`, then ends the passes under way. Dropping it cuts them off, as is right when
/// the leadership is lost: a pass may stop at any point and be begun anew by another.
pub async fn lead(scope: &Scope, worker: Arc<Worker>, stop: CancellationToken) {
    let queue = Arc::clone(&scope.queue).take();
    let queue = queue.take_until(stop.cancelled_owned());
    for server in scope.caches.servers.state() {
        scope.queue.mark(ObjectRef::from_obj(&*server));
    }
    let config = Config::default().concurrency(CONCURRENCY);
    let store = scope.caches.servers.clone();
    let passes = applier(
        |server, worker| Box::pin(reconcile(server, worker)),
        |server, error, worker| retry(&server, error, &worker),
        Arc::clone(&worker),
        store,
        Box::pin(queue),
        config,
    )
    .for_each(|done| {
        let worker = &worker;
        async move {
            if let Err(controller::Error::ObjectNotFound(server)) = done {
                let namespace = server.namespace.as_deref().unwrap_or_default();
                let server = ObjectRef::new(&server.name).within(namespace);
                worker.forget(&server);
                worker.bury(&server).await;
            }
        }
    });
    tokio::select! {
        () = passes => {}
        () = worker.knock() => {}
        () = heed(scope, &worker.keeper) => {}
    }
}

/// Keeps the journal true: those are gone from it that went while nobody looked, and whether it is
/// written is a fact about every server. Never ends.
async fn heed(scope: &Scope, keeper: &Keeper) {
    keeper.forget_all();
    let Some(mut states) = keeper.states() else {
        return std::future::pending().await;
    };
    loop {
        keeper
            .bury(|server| !scope.holds(server) || is_there(scope, server))
            .await;
        if states.changed().await.is_err() {
            return std::future::pending().await;
        }
        keeper.forget_all();
        for server in scope.caches.servers.state() {
            scope.queue.mark(ObjectRef::from_obj(&*server));
        }
    }
}

fn is_there(scope: &Scope, server: &Key) -> bool {
    scope.caches.servers.get(&server.server()).is_some()
}

//! The runner: passes over the servers of one scope, many at once, never two over one server.

use std::sync::Arc;

use futures::StreamExt as _;
use kube::runtime::controller::{self, Config, applier};
use kube::runtime::reflector::ObjectRef;
use tokio_util::sync::CancellationToken;

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
        if let Err(controller::Error::ObjectNotFound(server)) = done {
            worker.forget(
                &ObjectRef::new(&server.name)
                    .within(server.namespace.as_deref().unwrap_or_default()),
            );
        }
        std::future::ready(())
    });
    tokio::select! {
        () = passes => {}
        () = worker.knock() => {}
    }
}

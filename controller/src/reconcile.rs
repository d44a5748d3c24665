//! One pass over one MCPServer: the road of the crate, five steps and a wait.

use std::sync::Arc;
use std::time::Duration;

use hivewright_api::MCPServer;
use hivewright_core::{Event, Observed, ServerState, diff, plan, project};
use kube::Resource as _;
use kube::runtime::controller::Action;
use kube::runtime::reflector::ObjectRef;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::apply::{self, Written};
use crate::around::NotKnown;
use crate::metrics::Outcome;
use crate::observe;
use crate::settle::{self, Mark};
use crate::watch::Server;
use crate::worker::Worker;

/// A server about which nothing happens is looked at this often all the same, should a watch ever
/// have missed something. Reads caches only, so it costs no request, but a millisecond for each
/// server; Kubernetes' own controllers resync every 12 hours.
const RESYNC: Duration = Duration::from_mins(30);

/// Why a pass has to be repeated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Some planned writes failed; which and why is in the status.
    #[error("{failed} of the planned writes failed; they are repeated later")]
    Write {
        /// How many.
        failed: usize,
    },
    /// The status could not be written.
    #[error("the status could not be written; it is written anew later")]
    Publish(#[source] kube::Error),
}

/// One pass, measured and in a span of its own.
///
/// # Errors
/// When something has to be repeated; [`retry`] says when.
pub async fn reconcile(server: Arc<Server>, worker: Arc<Worker>) -> Result<Action, Error> {
    let about = ObjectRef::from_obj(&*server);
    if worker.is_echo(&about) {
        return Ok(Action::requeue(RESYNC));
    }
    let began = Instant::now();
    let span = tracing::info_span!(
        "reconcile",
        namespace = about.namespace,
        name = about.name,
        generation = server.meta().generation,
        events = tracing::field::Empty,
        writes = tracing::field::Empty,
    );
    let done = match &server.0 {
        Ok(server) => {
            pass(Arc::new(server.clone()), &about, &worker)
                .instrument(span)
                .await
        }
        Err(invalid) => {
            worker
                .publisher
                .unreadable(invalid, &about.clone().into())
                .instrument(span)
                .await;
            Ok(Outcome::Invalid)
        }
    };
    worker
        .metrics
        .reconciled(*done.as_ref().unwrap_or(&Outcome::Failed), began.elapsed());
    done?;
    worker.backoff.forget(&about);
    Ok(Action::requeue(RESYNC))
}

/// observe, project, diff (caches only); plan, apply (writes); publish (writes); settle (waits).
async fn pass(
    server: Arc<MCPServer>,
    about: &ObjectRef<Server>,
    worker: &Worker,
) -> Result<Outcome, Error> {
    let observed = match observe::observe(&worker.caches, server, worker.known(about)) {
        Ok(observed) => observed,
        Err(NotKnown::Waiting) => return Ok(Outcome::Waiting),
        Err(NotKnown::TooMany) => {
            worker.publisher.unwatched(about).await;
            return Ok(Outcome::Waiting);
        }
    };
    worker.saw(about, &observed);
    let old = ServerState::from_status(observed.server.status.as_ref());
    let mut events = diff(&old, &project(&observed));
    let namespace = about.namespace.as_deref().unwrap_or_default();
    let written = apply::apply(
        &worker.client,
        namespace,
        &observed.objects,
        plan(&observed),
    )
    .await;
    let mut refused = written
        .iter()
        .filter_map(|written| written.result.as_ref().err());
    if refused.any(apply::namespace_ends) {
        return Ok(Outcome::Unchanged);
    }
    events.extend(results(&observed, about, worker, &written));
    tracing::Span::current()
        .record("events", events.len())
        .record("writes", written.len());
    let published = worker.publisher.publish(&observed, &events).await;
    if let (Ok(Some(version)), true) = (&published, written.is_empty()) {
        worker.published_only(about, version.clone());
    }
    let marks = marks(&written, published.as_ref().ok().cloned().flatten());
    if !settle::settle(&worker.caches, about, marks).await {
        tracing::warn!("Caches did not show in time what was written");
    }
    published.map_err(Error::Publish)?;
    match written
        .iter()
        .filter(|written| written.result.is_err())
        .count()
    {
        0 if written.is_empty() && events.is_empty() => Ok(Outcome::Unchanged),
        0 => Ok(Outcome::Changed),
        failed => Err(Error::Write { failed }),
    }
}

/// Results of writes are events too. A failure that repeats itself is no news.
fn results(
    observed: &Observed,
    about: &ObjectRef<Server>,
    worker: &Worker,
    written: &[Written],
) -> Vec<Event> {
    let mut failures = observed.failures.clone();
    let mut events = Vec::with_capacity(written.len());
    for Written { write, result } in written {
        let cause = result.as_ref().err().map(apply::cause);
        let outcome = cause.as_deref().map_or(Ok(()), Err);
        // A set is applied and its scale seeded: two writes of one object, one fact.
        let event = Event::written(write, outcome, &observed.failures);
        events.extend(event.filter(|event| !events.contains(event)));
        match cause {
            Some(cause) => failures.insert(write.part(), cause),
            None => failures.remove(&write.part()),
        };
    }
    worker.remember(about, failures);
    events
}

fn marks(written: &[Written], published: Option<String>) -> Vec<Mark> {
    let objects = written.iter().filter_map(|Written { write, result }| {
        let version = result.as_ref().ok().cloned().flatten()?;
        Some(Mark {
            part: Some(write.part()),
            version,
        })
    });
    let server = published.map(|version| Mark {
        part: None,
        version,
    });
    objects.chain(server).collect()
}

/// When a failed pass is repeated.
pub fn retry(server: &Server, error: &Error, worker: &Worker) -> Action {
    let about = ObjectRef::from_obj(server);
    // The API server knows no MCPServer of this name and UID: it was deleted during the pass.
    if let Error::Publish(kube::Error::Api(status)) = error
        && (status.is_not_found() || status.is_conflict())
    {
        worker.forget(&about);
        return Action::await_change();
    }
    let wait = worker.backoff.failed(about.clone());
    tracing::warn!(
        namespace = about.namespace,
        name = about.name,
        wait_ms = wait.as_millis(),
        error = error as &dyn std::error::Error,
        "Pass failed and will be repeated",
    );
    Action::requeue(wait)
}

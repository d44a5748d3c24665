//! One pass over one MCPServer: the road of the crate, five steps and a wait.

use std::sync::Arc;
use std::time::Duration;

use hivewright_api::MCPServer;
use hivewright_core::{Event, Observed, ServerState, diff, judge};
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
use crate::trace::Pass;
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
    worker.look(&about);
    // Only what the cache holds after that look may be judged: the runner's copy can be older.
    let Some(server) = worker.caches.servers.get(&about) else {
        worker.forget(&about);
        worker.bury(&about).await;
        return Ok(Action::await_change());
    };
    let began = Instant::now();
    let span = tracing::info_span!(
        "reconcile",
        namespace = about.namespace,
        name = about.name,
        generation = server.meta().generation,
        events = tracing::field::Empty,
        writes = tracing::field::Empty,
        trace_id = tracing::field::Empty,
        span_id = tracing::field::Empty,
    );
    let recorded = Pass::begin(&worker.telemetry);
    let place = recorded.place();
    if let Some(place) = &place {
        span.record("trace_id", tracing::field::display(place.trace))
            .record("span_id", tracing::field::display(place.span));
    }
    let work = read_and_pass(&server, &about, &worker).instrument(span);
    let done = recorded.run(work).await;
    let outcome = *done.as_ref().unwrap_or(&Outcome::Failed);
    worker
        .metrics
        .reconciled(outcome, began.elapsed(), place.as_ref());
    recorded.end(&worker.telemetry, &server, &done);
    done?;
    worker.backoff.forget(&about);
    Ok(Action::requeue(RESYNC))
}

async fn read_and_pass(
    server: &Server,
    about: &ObjectRef<Server>,
    worker: &Worker,
) -> Result<Outcome, Error> {
    match &server.0 {
        Ok(server) => pass(Arc::new(server.clone()), about, worker).await,
        Err(invalid) => {
            let about = about.clone().into();
            worker.publisher.unreadable(invalid, &about).await;
            Ok(Outcome::Invalid)
        }
    }
}

/// observe, judge, diff (caches only); apply (writes), settle (waits), the first three again;
/// publish (writes), settle.
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
    let verdict = judge(&observed);
    let mut events = diff(&old, &verdict.state);
    let namespace = about.namespace.as_deref().unwrap_or_default();
    let objects = &observed.objects;
    let written = apply::apply(&worker.client, namespace, objects, verdict.writes).await;
    let mut refused = written
        .iter()
        .filter_map(|written| written.result.as_ref().err());
    if refused.any(apply::namespace_ends) {
        return Ok(Outcome::Unchanged);
    }
    events.extend(results(&observed, about, worker, &written));
    let last = if written.is_empty() {
        Last::Rests(observed)
    } else {
        look_again(observed, about, (worker, &written), &mut events).await
    };
    tracing::Span::current()
        .record("events", events.len())
        .record("writes", written.len());
    publish(&last, &events, about, worker).await?;
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

/// What a pass saw last.
enum Last {
    /// Nothing is left to write.
    Rests(Observed),
    /// Another pass has to see to the rest.
    GoesOn(Observed),
}

impl Last {
    const fn observed(&self) -> &Observed {
        match self {
            Self::Rests(observed) | Self::GoesOn(observed) => observed,
        }
    }
}

/// Waits until the caches show what was written, and adds what has become true by it, so that one
/// status tells both, and the echo of the writes asks for no pass of its own.
async fn look_again(
    before: Observed,
    about: &ObjectRef<Server>,
    (worker, written): (&Worker, &[Written]),
    events: &mut Vec<Event>,
) -> Last {
    if !settled(worker, about, marks(written)).await {
        return Last::GoesOn(before);
    }
    let asked = worker.look(about);
    let Some(now) = now(&before, about, worker) else {
        worker.ask_again(about, asked);
        return Last::GoesOn(before);
    };
    let verdict = judge(&now);
    let mut told = ServerState::from_status(now.server.status.as_ref());
    for event in &*events {
        told.fold(event);
    }
    events.extend(diff(&told, &verdict.state));
    if verdict.writes.is_empty() {
        return Last::Rests(now);
    }
    // Only if something had asked: what the API server undoes without a trace would be written for
    // ever.
    worker.ask_again(about, asked);
    Last::GoesOn(now)
}

/// The same server as it is now; `None` if it is gone, is another one, or cannot be judged.
fn now(before: &Observed, about: &ObjectRef<Server>, worker: &Worker) -> Option<Observed> {
    let server = worker.caches.servers.get(about)?;
    let server = server.0.as_ref().ok()?;
    if server.metadata.uid != before.server.metadata.uid {
        return None;
    }
    observe::observe(
        &worker.caches,
        Arc::new(server.clone()),
        worker.known(about),
    )
    .ok()
}

async fn publish(
    last: &Last,
    events: &[Event],
    about: &ObjectRef<Server>,
    worker: &Worker,
) -> Result<(), Error> {
    let published = worker.publisher.publish(last.observed(), events).await;
    let Some(version) = published.map_err(Error::Publish)? else {
        return Ok(());
    };
    if matches!(last, Last::Rests(_)) {
        worker.published_last(about, version.clone());
    }
    let status = Mark {
        part: None,
        version,
    };
    settled(worker, about, vec![status]).await;
    Ok(())
}

async fn settled(worker: &Worker, about: &ObjectRef<Server>, marks: Vec<Mark>) -> bool {
    let settled = settle::settle(&worker.caches, about, marks).await;
    if !settled {
        tracing::warn!("Caches did not show in time what was written");
    }
    settled
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

fn marks(written: &[Written]) -> Vec<Mark> {
    let objects = written.iter().filter_map(|Written { write, result }| {
        let version = result.as_ref().ok().cloned().flatten()?;
        Some(Mark {
            part: Some(write.part()),
            version,
        })
    });
    objects.collect()
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

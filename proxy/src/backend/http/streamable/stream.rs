//! The event stream that answers one call: read to the answer, and resumed when it breaks before.

use std::{sync::Arc, time::Duration};

use tokio::time::{sleep, timeout};

use super::session::Session;
use crate::backend::{
    http::{
        answer::Answer, events::Events, failure::Failure, fault::Fault, pump::still_there,
        reply::Reply,
    },
    output::LineSink,
};

/// How long the stream is read on after the answer. Servers end it then; one that does not must not
/// keep a connection for every call.
const LINGER: Duration = Duration::from_secs(1);
/// Wait before a broken stream is asked for again, if the server did not say how long.
pub(super) const RESUME_AFTER: Duration = Duration::from_secs(1);
/// The longest wait that a server may ask for: its clients wait for an answer.
pub(super) const RESUME_CAP: Duration = Duration::from_secs(30);
/// The shortest: a server that asks for none is not asked in a tight loop.
pub(super) const RESUME_FLOOR: Duration = Duration::from_millis(100);
/// Streams in a row that bring nothing before the call has failed.
const MAX_FRUITLESS: usize = 5;

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Closed,
    Broken,
}

/// Reads until the call has its answer, or none can come any more.
pub(super) async fn read<L: LineSink>(
    session: &Session,
    mut events: Events,
    reply: &mut Reply<'_, L>,
) -> Result<(), Fault> {
    let (mut last, mut fruitless): (Option<Arc<str>>, usize) = (None, 0);
    loop {
        let (heard, ended) = drain(&mut events, reply).await;
        if reply.answered() {
            return Ok(());
        }
        last = events.last_id().or(last);
        fruitless = if heard { 0 } else { fruitless + 1 };
        let Some(id) = last.as_deref().filter(|_| fruitless < MAX_FRUITLESS) else {
            return unanswered(session, ended, reply).await;
        };
        sleep(pause(&events)).await;
        match session.get(Some(id)).await {
            Ok(response) if Answer::of(&response) == Answer::Events => {
                events = Events::new(response.into_body());
            }
            Ok(response) => {
                tracing::debug!(status = %response.status(), "stream not resumed");
                return unanswered(session, ended, reply).await;
            }
            Err(error) => {
                reply.broke(&error);
                return still_there(&session.http).await;
            }
        }
    }
}

/// Reads the stream to its end; whether anything came, and how it ended.
async fn drain<L: LineSink>(events: &mut Events, reply: &mut Reply<'_, L>) -> (bool, Ended) {
    let mut heard = false;
    loop {
        let next = if reply.answered() {
            match timeout(LINGER, events.next()).await {
                Ok(next) => next,
                Err(_) => return (heard, Ended::Closed),
            }
        } else {
            events.next().await
        };
        match next {
            Ok(Some(event)) => {
                heard = true;
                reply.event(event);
            }
            Ok(None) => return (heard, Ended::Closed),
            Err(error) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "event stream broke"
                );
                return (heard, Ended::Broken);
            }
        }
    }
}

async fn unanswered<L: LineSink>(
    session: &Session,
    ended: Ended,
    reply: &mut Reply<'_, L>,
) -> Result<(), Fault> {
    match ended {
        Ended::Closed => {
            reply.fail(&Failure::Unanswered);
            Ok(())
        }
        Ended::Broken => {
            reply.fail(&Failure::Broken);
            still_there(&session.http).await
        }
    }
}

/// How long to wait before the stream is asked for again.
pub(super) fn pause(events: &Events) -> Duration {
    events
        .retry()
        .unwrap_or(RESUME_AFTER)
        .clamp(RESUME_FLOOR, RESUME_CAP)
}

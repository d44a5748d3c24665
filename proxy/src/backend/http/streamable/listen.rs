//! The stream of what the server says on its own account.

use std::{future::pending, sync::Arc};

use http::StatusCode;
use tokio::time::sleep;

use super::{
    session::Session,
    stream::{RESUME_AFTER, RESUME_CAP, pause},
};
use crate::backend::{
    backoff::{Backoff, random},
    http::{
        answer::Answer,
        events::Events,
        fault::{Broken, Fault},
        pump::still_there,
        reply,
    },
    output::LineSink,
};

/// Keeps the stream open once the session is, until the server is lost. A server need not have one
/// (405).
pub(super) async fn listen(session: &Session, sink: &impl LineSink) -> Fault {
    session.opened.notified().await;
    let mut last: Option<Arc<str>> = None;
    let mut was_open = false;
    let mut backoff = Backoff::new(RESUME_AFTER, RESUME_CAP);
    loop {
        let mut wait = backoff.wait(random());
        match session.get(last.as_deref()).await {
            Ok(response) => match Answer::of(&response) {
                Answer::Events => {
                    was_open = true;
                    let mut events = Events::new(response.into_body());
                    if read(&mut events, sink).await {
                        backoff.reset();
                        wait = pause(&events);
                    }
                    last = events.last_id().or(last);
                }
                Answer::Refused(status) => match verdict(status, was_open && session.has_id()) {
                    Verdict::Later => {}
                    Verdict::Never => return none(status).await,
                    Verdict::Forgotten => return Fault::ConnectionLost(Broken::Forgotten),
                },
                Answer::Json | Answer::Nothing | Answer::Moved(_) | Answer::Foreign(_) => {
                    return none(response.status()).await;
                }
            },
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "GET failed");
            }
        }
        if let Err(fault) = still_there(&session.http).await {
            return fault;
        }
        sleep(wait).await;
    }
}

/// What a refused GET means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It may work later.
    Later,
    /// The server has no such stream.
    Never,
    /// The session is over.
    Forgotten,
}

/// `was_open`: the stream was open before, in a session with an id.
fn verdict(status: StatusCode, was_open: bool) -> Verdict {
    let busy = [StatusCode::CONFLICT, StatusCode::TOO_MANY_REQUESTS];
    if status == StatusCode::NOT_FOUND && was_open {
        Verdict::Forgotten
    } else if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
        || busy.contains(&status)
    {
        Verdict::Later
    } else {
        Verdict::Never
    }
}

/// Nothing will come here; calls show by themselves when the server is lost.
async fn none(status: StatusCode) -> Fault {
    tracing::debug!(%status, "the server has no stream of its own messages");
    pending().await
}

/// Reads the stream to its end; whether anything came.
async fn read(events: &mut Events, sink: &impl LineSink) -> bool {
    let mut heard = false;
    loop {
        match events.next().await {
            Ok(Some(event)) => {
                heard = true;
                reply::forward(event, sink);
            }
            Ok(None) => return heard,
            Err(error) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "event stream broke"
                );
                return heard;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_stream_is_tried_again_only_if_that_can_help() {
        let cases = [
            (405, false, Verdict::Never),
            (400, false, Verdict::Never),
            (404, false, Verdict::Never),
            (404, true, Verdict::Forgotten),
            (409, true, Verdict::Later),
            (429, false, Verdict::Later),
            (503, false, Verdict::Later),
            (501, false, Verdict::Never),
        ];
        for (status, was_open, expected) in cases {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(verdict(status, was_open), expected, "{status}");
        }
    }
}

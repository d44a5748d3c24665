//! From what a stream gives to an HTTP response.

use std::time::Duration;

use axum::{body::Body, response::Response};
use bytes::Bytes;
use hivewright_bridge::{io::SessionId, refusal::Refusal};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};
use tokio::time::{Instant, timeout_at};

use super::{
    Door,
    events::Events,
    rejection::{self, Rejection},
    request_id::REQUEST_ID,
    watched::Watched,
};
use crate::{
    access::{Access, Outcome},
    driver::{ClientStream, StreamItem},
};

/// Session of Streamable HTTP (MCP 2025-11-25, Session Management).
pub const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
/// Tells nginx and its kin not to collect events before they pass them on.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A call without any message for this long is answered as a stream, so that intermediaries see
/// the response's head and then comments, and do not cut it as dead.
pub const ANSWER_WAIT: Duration = Duration::from_secs(10);

/// What a door answers.
#[derive(Debug)]
pub(super) enum Answer {
    /// The hub refused; its event has counted that.
    Refused(Refusal),
    /// The hub refused a request without a session, by this status and error.
    Rejected(u16, Bytes),
    /// Taken, nothing follows: 202.
    Accepted,
    /// Done, nothing to say: 204. The session is closed, or a browser's preflight is granted.
    Done,
    /// One message.
    Json(Option<SessionId>, Bytes),
    /// Events, beginning with this encoded one.
    Events(Option<SessionId>, Option<Bytes>, ClientStream),
}

impl Answer {
    /// The session that it opened.
    pub(super) const fn opened(&self) -> Option<&SessionId> {
        match self {
            Self::Json(session, _) | Self::Events(session, ..) => session.as_ref(),
            Self::Refused(_) | Self::Rejected(..) | Self::Accepted | Self::Done => None,
        }
    }
}

/// Waits until it is known how to answer a POST: one message as JSON, more as events. An `opening`
/// POST waits for its session, whose id goes into the head.
pub(super) async fn to_post(mut stream: ClientStream, opening: bool) -> Result<Answer, Rejection> {
    let patience = Instant::now() + ANSWER_WAIT;
    let mut session = None;
    loop {
        let next = if opening && session.is_none() {
            stream.next().await
        } else {
            match timeout_at(patience, stream.next()).await {
                Ok(next) => next,
                Err(_elapsed) => return Ok(Answer::Events(session, None, stream)),
            }
        };
        return match next {
            Some(StreamItem::Opened(opened)) => {
                session = Some(opened);
                continue;
            }
            Some(StreamItem::Last(message)) => Ok(Answer::Json(session, message)),
            Some(StreamItem::Message(message)) => {
                stream.put_back(message);
                Ok(Answer::Events(session, None, stream))
            }
            Some(StreamItem::Accepted) => Ok(Answer::Accepted),
            Some(StreamItem::Refused(refusal)) => Ok(Answer::Refused(refusal)),
            Some(StreamItem::Rejected(status, error)) => Ok(Answer::Rejected(status, error)),
            // A cancelled call has no answer (MCP, Cancellation): an empty stream says that, where
            // an error would make clients repeat what they have just called off.
            Some(StreamItem::Ended) => Ok(Answer::Events(session, None, stream)),
            // Only what a client can come back to is numbered, and no POST begins as that.
            Some(StreamItem::Event(..)) | None => Err(Rejection::AnswerLost),
        };
    }
}

/// Waits for the verdict on a stream that a GET opens; `first` is its first event.
pub(super) async fn to_get(
    mut stream: ClientStream,
    first: Option<Bytes>,
) -> Result<Answer, Rejection> {
    match stream.next().await {
        Some(StreamItem::Accepted) => Ok(Answer::Events(None, first, stream)),
        Some(StreamItem::Refused(refusal)) => Ok(Answer::Refused(refusal)),
        Some(
            StreamItem::Opened(_)
            | StreamItem::Message(_)
            | StreamItem::Event(..)
            | StreamItem::Last(_)
            | StreamItem::Rejected(..)
            | StreamItem::Ended,
        )
        | None => Err(Rejection::AnswerLost),
    }
}

/// The response, with its record.
pub(super) fn respond(door: Door, answer: Result<Answer, Rejection>, access: Access) -> Response {
    match answer {
        Ok(Answer::Json(session, message)) => {
            let mut response = whole(access, StatusCode::OK, Outcome::Answered, message);
            name_session(&mut response, session);
            response
        }
        Ok(Answer::Events(session, first, stream)) => events(access, session, first, stream),
        Ok(Answer::Accepted) => whole(
            access,
            StatusCode::ACCEPTED,
            Outcome::Accepted,
            Bytes::new(),
        ),
        Ok(Answer::Done) => whole(
            access,
            StatusCode::NO_CONTENT,
            Outcome::Accepted,
            Bytes::new(),
        ),
        Ok(Answer::Rejected(status, error)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            whole(access, status, Outcome::Refused("rejected"), error)
        }
        Ok(Answer::Refused(refusal)) => {
            let outcome = Outcome::Refused(refusal.reason());
            whole(
                access,
                rejection::status(&refusal),
                outcome,
                refusal.body(None),
            )
        }
        Err(rejection) => rejected(door, &rejection, access),
    }
}

fn rejected(door: Door, rejection: &Rejection, access: Access) -> Response {
    access.metrics().refusal(rejection.reason());
    let outcome = Outcome::Refused(rejection.reason());
    let status = rejection.status();
    let mut response = whole(access, status, outcome, rejection.body());
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static(door.allow()));
    }
    if let Some(wait) = rejection.retry_after() {
        let seconds = HeaderValue::from(wait.as_secs());
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

/// A response whose body is known; its record is written here.
fn whole(mut access: Access, status: StatusCode, outcome: Outcome, body: Bytes) -> Response {
    access.status = Some(status);
    access.outcome = outcome;
    access.bytes_out = body.len();
    let (typed, request_id) = (!body.is_empty(), access.request_id.clone());
    let mut response = Response::new(if typed {
        whole_body(access, body)
    } else {
        Body::empty()
    });
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if typed {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    headers.insert(REQUEST_ID, request_id);
    response
}

/// The body; where a trace is recorded, the exchange ends when it has been taken.
fn whole_body(access: Access, body: Bytes) -> Body {
    if access.span().is_some() {
        Body::new(Watched::new(access, body))
    } else {
        Body::from(body)
    }
}

/// A response whose body is a stream; its record is written when that ends.
fn events(
    mut access: Access,
    session: Option<SessionId>,
    first: Option<Bytes>,
    stream: ClientStream,
) -> Response {
    access.status = Some(StatusCode::OK);
    let request_id = access.request_id.clone();
    let mut response = Response::new(Body::new(Events::new(first, stream, access)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    headers.insert(REQUEST_ID, request_id);
    name_session(&mut response, session);
    response
}

fn name_session(response: &mut Response, session: Option<SessionId>) {
    if let Some(session) = session {
        let value = HeaderValue::from_str(&session).expect("session ids are hex digits");
        response.headers_mut().insert(SESSION_ID, value);
    }
}

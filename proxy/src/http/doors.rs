//! What happens to a request at each door.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    response::Response,
    routing::any,
};
use bytes::Bytes;
use hivewright_api::names;
use hivewright_bridge::{
    io::{FromClient, SessionId},
    refusal::Refusal,
    sse,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version, header::CONNECTION};
use http_body::Body as _;

use super::{
    answer::{self, Answer, SESSION_ID},
    cors::Cors,
    door::Door,
    guard::Guard,
    modern, negotiate, owner, read,
    rejection::Rejection,
    request_id::RequestIds,
    resume::{self, LAST_EVENT_ID},
};
use crate::{
    access::Access,
    driver::{Bridge, ClientStream, Owner, Returning, StreamKind},
    exchange::{Exchange, Scribe},
    fleet::Fleet,
};

/// The revision that a client names on every request (MCP 2025-11-25, Protocol Version Header).
pub const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
/// Query parameter of `/messages`.
const SESSION_PARAMETER: &str = "session_id";

/// What all doors share. Cheap to clone.
#[derive(Clone, Debug)]
struct Doors(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    fleet: Fleet,
    guard: Guard,
    ids: RequestIds,
    scribe: Scribe,
}

/// The doors of this fleet, of which nothing is written down.
pub fn router(fleet: Fleet, guard: Guard) -> Router {
    scribed_router(fleet, guard, Scribe::default())
}

/// The doors of this fleet.
pub fn scribed_router(fleet: Fleet, guard: Guard, scribe: Scribe) -> Router {
    let doors = Doors(Arc::new(Shared {
        fleet,
        guard,
        ids: RequestIds::new(),
        scribe,
    }));
    Router::new()
        .route(names::PATH_MCP, any(knock))
        .route(names::PATH_SSE, any(knock))
        .route(names::PATH_MESSAGES, any(knock))
        .fallback(knock)
        .with_state(doors)
}

/// One request, at whichever door. A plain function rather than layers: nothing is boxed twice.
async fn knock(State(doors): State<Doors>, request: Request) -> Response {
    let door = Door::at(request.uri().path());
    let all = &doors.0;
    let request_id = all.ids.of(request.headers());
    let metrics = all.fleet.metrics().clone();
    let mut access = Access::new(metrics, door, request.method(), request_id);
    access.met_by(&all.scribe, request.headers());
    let cors = Cors::of(&all.guard, request.headers());
    let closes = request.version() <= Version::HTTP_11 && !request.body().is_end_stream();
    let answer = match all.guard.check(request.uri(), request.headers()) {
        Ok(()) => all.admit(door, request, &mut access).await,
        Err(foreign) => Err(foreign.into()),
    };
    // What was not read stays on the connection, which ends for that: its client must not use it again.
    let closes = closes && access.bytes_in == 0;
    let mut response = answer::respond(door, answer, access);
    if closes {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    if let Some(cors) = cors {
        cors.permit(door, response.headers_mut());
    }
    response
}

impl Shared {
    async fn admit(
        &self,
        door: Door,
        request: Request,
        access: &mut Access,
    ) -> Result<Answer, Rejection> {
        match (door, request.method()) {
            (Door::Mcp, &Method::POST) => self.post(request, access).await,
            (Door::Mcp, &Method::GET) => self.listen(request.headers()).await,
            (Door::Mcp, &Method::DELETE) => self.close(request.headers()).await,
            (Door::Sse, &Method::GET) => self.open_sse(request.headers()).await,
            (Door::Messages, &Method::POST) => self.message(request, access).await,
            (Door::Mcp | Door::Sse | Door::Messages, &Method::OPTIONS)
                if Cors::of(&self.guard, request.headers()).is_some() =>
            {
                Ok(Answer::Done)
            }
            (Door::Mcp | Door::Sse | Door::Messages, _) => Err(Refusal::MethodNotAllowed.into()),
            (Door::Unknown, _) => Err(Rejection::UnknownPath),
        }
    }

    /// POST on `/mcp`.
    async fn post(&self, request: Request, access: &mut Access) -> Result<Answer, Rejection> {
        let (head, body) = request.into_parts();
        if !negotiate::is_json(&head.headers) {
            return Err(Refusal::UnsupportedMediaType.into());
        }
        if !negotiate::accepts_answer(&head.headers) {
            return Err(Refusal::NotAcceptable.into());
        }
        let body = read::body(body).await?;
        access.bytes_in = body.len();
        let (body, exchange) = access.meet(&head.headers, body);
        if modern::is_modern(&head.headers, &body) {
            return modern::visit(&self.fleet, &head.headers, body, exchange).await;
        }
        let session = value(&head.headers, &SESSION_ID)?;
        let version = value(&head.headers, &PROTOCOL_VERSION)?;
        let Some(session) = session else {
            // Before there is a session that nobody would be told of.
            let owner = owner::sender(&head.headers)?;
            let answer = answer::to_post(self.open(body, exchange).await?, true).await?;
            return self.own(answer, owner);
        };
        let bridge = self.of(&session, &head.headers)?;
        let input = |stream| FromClient::Post {
            session: session.clone(),
            version,
            stream,
            body,
        };
        let stream = bridge.open(StreamKind::Answer, |stream| (input(stream), exchange));
        let answer = answer::to_post(stream, false).await?;
        Ok(resume::keep(answer, &session))
    }

    /// A POST without a session.
    async fn open(
        &self,
        body: Bytes,
        exchange: Option<Arc<Exchange>>,
    ) -> Result<ClientStream, Rejection> {
        let input = |session, stream| {
            let body = body.clone();
            let open = FromClient::Open {
                session,
                stream,
                body,
            };
            (open, exchange.clone())
        };
        Ok(self.fleet.open_first(StreamKind::Answer, input).await?)
    }

    /// The bridge of a session, for the one whose session it is. Anybody else is told what a stranger
    /// is told.
    fn of(&self, session: &SessionId, headers: &HeaderMap) -> Result<&Bridge, Rejection> {
        let bridge = self.fleet.of(session)?;
        let sender = owner::sender(headers)?;
        if bridge.admits(session, sender.as_ref()) {
            Ok(bridge)
        } else {
            Err(Refusal::UnknownSession.into())
        }
    }

    /// If a session was opened, it is its opener's.
    fn own(&self, answer: Answer, owner: Option<Owner>) -> Result<Answer, Rejection> {
        if let (Some(session), Some(owner)) = (answer.opened(), owner) {
            self.fleet.of(session)?.own(session, owner);
        }
        Ok(answer)
    }

    /// GET on `/mcp`.
    async fn listen(&self, headers: &HeaderMap) -> Result<Answer, Rejection> {
        modern::refuse_other(headers)?;
        if !negotiate::accepts_events(headers) {
            return Err(Refusal::NotAcceptable.into());
        }
        let session = required_session(headers)?;
        let version = value(headers, &PROTOCOL_VERSION)?;
        let bridge = self.of(&session, headers)?;
        let client = Returning { session, version };
        if let Some(event) = resume::last_event(headers)?
            && let Some(answer) = resume::resume(bridge, &client, event)?
        {
            return Ok(answer);
        }
        let Returning { session, version } = client;
        let stream = bridge.open(StreamKind::Listener, |stream| FromClient::Listen {
            session: session.clone(),
            version,
            stream,
        });
        let answer = answer::to_get(stream, None).await?;
        Ok(resume::keep(answer, &session))
    }

    /// DELETE on `/mcp`.
    async fn close(&self, headers: &HeaderMap) -> Result<Answer, Rejection> {
        modern::refuse_other(headers)?;
        let session = required_session(headers)?;
        let bridge = self.of(&session, headers)?;
        let close = |stream| FromClient::Close { session, stream };
        let stream = bridge.open(StreamKind::Answer, close);
        match answer::to_post(stream, false).await? {
            Answer::Accepted => Ok(Answer::Done),
            other => Ok(other),
        }
    }

    /// GET on `/sse`.
    async fn open_sse(&self, headers: &HeaderMap) -> Result<Answer, Rejection> {
        if !negotiate::accepts_events(headers) {
            return Err(Refusal::NotAcceptable.into());
        }
        let input = |session, stream| FromClient::OpenSse { session, stream };
        let owner = owner::sender(headers)?;
        let (session, mut stream) = self.fleet.open_settled(StreamKind::Sse, input).await?;
        if let Some(owner) = owner {
            stream.own(session.clone(), owner);
        }
        // Resolved against the URL of the stream by every SDK, so that no name of ours is needed.
        let uri = format!("{}?{SESSION_PARAMETER}={session}", names::PATH_MESSAGES);
        answer::to_get(stream, Some(sse::endpoint(&uri))).await
    }

    /// POST on `/messages`.
    async fn message(&self, request: Request, access: &mut Access) -> Result<Answer, Rejection> {
        let (head, body) = request.into_parts();
        if !negotiate::is_json(&head.headers) {
            return Err(Refusal::UnsupportedMediaType.into());
        }
        let session = session_parameter(head.uri.query()).ok_or(Rejection::SessionMissing)?;
        let version = value(&head.headers, &PROTOCOL_VERSION)?;
        let body: Bytes = read::body(body).await?;
        access.bytes_in = body.len();
        let (body, exchange) = access.meet(&head.headers, body);
        let bridge = self.of(&session, &head.headers)?;
        let input = |stream| FromClient::Post {
            session,
            version,
            stream,
            body,
        };
        let stream = bridge.open(StreamKind::Answer, |stream| (input(stream), exchange));
        answer::to_post(stream, false).await
    }
}

/// The only value of this header, if it is there.
pub(super) fn value(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Arc<str>>, Rejection> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => match value.to_str() {
            Ok(value) => Ok(Some(Arc::from(value))),
            Err(_not_ascii) => Err(bad(name)),
        },
        (Some(_), Some(_)) => Err(bad(name)),
    }
}

fn bad(name: &HeaderName) -> Rejection {
    let known = if *name == SESSION_ID {
        "Mcp-Session-Id"
    } else if *name == LAST_EVENT_ID {
        "Last-Event-ID"
    } else {
        "MCP-Protocol-Version"
    };
    Rejection::BadHeader(known)
}

fn required_session(headers: &HeaderMap) -> Result<SessionId, Rejection> {
    value(headers, &SESSION_ID)?.ok_or(Rejection::Rule(Refusal::SessionRequired))
}

/// Our ids need no percent-decoding; any other text is nobody's session.
fn session_parameter(query: Option<&str>) -> Option<SessionId> {
    let pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
    let mut ids = pairs.filter(|(name, _)| *name == SESSION_PARAMETER);
    ids.next().map(|(_, id)| Arc::from(id))
}

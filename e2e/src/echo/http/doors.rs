//! The endpoints of both transports.

use std::convert::Infallible;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures::{Stream, StreamExt as _, stream};
use serde_json::Value;
use tokio::sync::mpsc;

use super::{Transport, child::House};

/// Header that names the session (MCP 2025-03-26, Transports, Session Management).
const SESSION: &str = "mcp-session-id";

/// The endpoints of this transport.
pub(super) fn router(transport: Transport, house: House) -> Router {
    let doors = match transport {
        Transport::Sse => Router::new()
            .route("/sse", get(sse))
            .route("/messages", post(message)),
        Transport::StreamableHttp => {
            Router::new().route("/mcp", post(call).get(listen).delete(end))
        }
    };
    doors.with_state(house)
}

async fn sse(State(house): State<House>) -> Response {
    let said = house.listen();
    match house.renew().await {
        Ok(session) => {
            let endpoint = format!("event: endpoint\ndata: /messages?session_id={session}\n\n");
            let hello = stream::once(async move { Ok(Bytes::from(endpoint)) });
            events(hello.chain(messages(said)))
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn message(State(house): State<House>, body: Bytes) -> StatusCode {
    match house.write(&body).await {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::GONE,
    }
}

async fn call(State(house): State<House>, headers: HeaderMap, body: Bytes) -> Response {
    let Ok(message) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let session = if message["method"] == "initialize" {
        house.renew().await.unwrap_or_default()
    } else {
        let named = headers.get(SESSION).and_then(|value| value.to_str().ok());
        match named.and_then(|value| value.parse().ok()) {
            Some(session) if session == house.session() => session,
            Some(_) => return StatusCode::NOT_FOUND.into_response(),
            None => return StatusCode::BAD_REQUEST.into_response(),
        }
    };
    let asks = message.get("method").and_then(|_| message.get("id"));
    let answer = asks.map(|id| house.answer(id));
    if house.write(&body).await.is_err() {
        return StatusCode::GONE.into_response();
    }
    let mut response = match answer {
        None => StatusCode::ACCEPTED.into_response(),
        Some(answer) => events(stream::once(async move {
            Ok(answer
                .await
                .map_or_else(|_| Bytes::new(), |line| event(&line)))
        })),
    };
    if let Ok(value) = session.to_string().parse() {
        response.headers_mut().insert(SESSION, value);
    }
    response
}

async fn listen(State(house): State<House>) -> Response {
    events(messages(house.listen()))
}

async fn end() -> StatusCode {
    StatusCode::NO_CONTENT
}

fn messages(said: mpsc::Receiver<String>) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    stream::unfold(said, async |mut said| {
        let line = said.recv().await?;
        Some((Ok(event(&line)), said))
    })
}

fn event(line: &str) -> Bytes {
    format!("event: message\ndata: {line}\n\n").into()
}

fn events(events: impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/event-stream")];
    (headers, Body::from_stream(events)).into_response()
}

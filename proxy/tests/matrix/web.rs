//! The model behind both HTTP transports, strict about their headers.

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures::{Stream, StreamExt, channel::mpsc, stream};
use parking_lot::Mutex;
use serde_json::Value;

use crate::{
    model::{Model, Said},
    revision::Revision,
};

/// The session that every client of a model gets.
const SESSION: &str = "the-session";

type Stream1 = mpsc::UnboundedSender<Value>;

/// A model with the streams that are open to it.
#[derive(Clone)]
pub(crate) struct Web {
    model: Arc<Mutex<Model>>,
    /// Of requests, by their id as text.
    streams: Arc<Mutex<HashMap<String, Stream1>>>,
    /// The one stream of HTTP+SSE.
    events: Arc<Mutex<Option<Stream1>>>,
}

impl Web {
    /// A model of this revision behind `/mcp`, and behind `/sse` with `/messages`.
    pub(crate) fn router(revision: Revision) -> Router {
        let web = Self {
            model: Arc::new(Mutex::new(Model::new(revision))),
            streams: Arc::default(),
            events: Arc::default(),
        };
        Router::new()
            .route("/mcp", post(posted).get(listening).delete(ended))
            .route("/sse", get(opened))
            .route("/messages", post(message))
            .with_state(web)
    }

    fn deliver(&self, said: Vec<Said>) {
        for Said { to, message } in said {
            let last = message.get("method").is_none();
            let mut streams = self.streams.lock();
            if let Some(stream) = streams.get(&to.to_string()) {
                // The proxy may have gone.
                let _ = stream.unbounded_send(message);
            }
            if last {
                streams.remove(&to.to_string());
            }
        }
    }

    fn check(&self, headers: &HeaderMap, body: &Value) {
        let mut model = self.model.lock();
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let method = body["method"].as_str().unwrap_or_default();
        let (revision, session) = (model.revision(), header("mcp-session-id"));
        let opening = matches!(method, "initialize" | "server/discover");
        if !opening && !revision.is_modern() && session != Some(SESSION) {
            model.complain(format!("{method} in session {session:?}"));
        }
        if revision.is_modern() && session.is_some() {
            model.complain(format!("{method} in a session"));
        }
        let version = header("mcp-protocol-version");
        if !opening && revision.has_version_header() && version != Some(revision.name()) {
            model.complain(format!("{method} with version header {version:?}"));
        }
        if revision.is_modern() && method != "initialize" {
            if header("mcp-method") != Some(method) {
                model.complain(format!(
                    "{method} with Mcp-Method {:?}",
                    header("mcp-method")
                ));
            }
            let name = body["params"]["name"]
                .as_str()
                .filter(|_| method == "tools/call");
            if header("mcp-name") != name {
                model.complain(format!("{method} with Mcp-Name {:?}", header("mcp-name")));
            }
        }
    }
}

async fn posted(State(web): State<Web>, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    web.check(&headers, &body);
    let id = body["id"].clone();
    if id.is_null() || body.get("method").is_none() {
        let said = web.model.lock().hear(&body);
        web.deliver(said);
        return StatusCode::ACCEPTED.into_response();
    }
    let said = web.model.lock().hear(&body);
    if let [Said { message, .. }] = said.as_slice()
        && matches!(
            body["method"].as_str(),
            Some("initialize" | "server/discover")
        )
    {
        let unknown = message["error"]["code"] == -32601;
        let status = if unknown {
            StatusCode::NOT_FOUND
        } else {
            StatusCode::OK
        };
        let headers = [("mcp-session-id", SESSION)];
        let answer = (status, axum::Json(message.clone()));
        if message["result"]["protocolVersion"].is_string() {
            return (headers, answer).into_response();
        }
        return answer.into_response();
    }
    let (sender, messages) = mpsc::unbounded();
    web.streams.lock().insert(id.to_string(), sender);
    web.deliver(said);
    events(Watched { web, id }.follow(messages))
}

/// A client that goes before its answer has cancelled a stateless request.
struct Watched {
    web: Web,
    id: Value,
}

impl Watched {
    fn follow(self, messages: mpsc::UnboundedReceiver<Value>) -> impl Stream<Item = Value> {
        let guarded = stream::unfold((self, messages), async |(watched, mut messages)| {
            let message = messages.next().await?;
            Some((message, (watched, messages)))
        });
        Box::pin(guarded)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let unanswered = self.web.streams.lock().remove(&self.id.to_string());
        let mut model = self.web.model.lock();
        if unanswered.is_some() && model.revision().is_modern() {
            model.gone(&self.id);
        }
    }
}

async fn listening(State(web): State<Web>) -> StatusCode {
    let mut model = web.model.lock();
    if model.revision().is_modern() {
        model.complain("a stream of a session's own");
    }
    StatusCode::METHOD_NOT_ALLOWED
}

async fn ended(State(web): State<Web>) -> StatusCode {
    let mut model = web.model.lock();
    if model.revision().is_modern() {
        model.complain("the end of a session");
    }
    StatusCode::OK
}

async fn opened(State(web): State<Web>) -> Response {
    let (sender, messages) = mpsc::unbounded();
    *web.events.lock() = Some(sender);
    let first = Bytes::from_static(b"event: endpoint\ndata: /messages\n\n");
    let rest = messages.map(|message| event(&message));
    event_body(stream::iter([first]).chain(rest))
}

async fn message(State(web): State<Web>, body: Bytes) -> StatusCode {
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let said = web.model.lock().hear(&body);
    if let Some(events) = &*web.events.lock() {
        for Said { message, .. } in said {
            // The proxy may have gone.
            let _ = events.unbounded_send(message);
        }
    }
    StatusCode::ACCEPTED
}

fn events(messages: impl Stream<Item = Value> + Send + 'static) -> Response {
    event_body(messages.map(|message| event(&message)))
}

fn event(message: &Value) -> Bytes {
    format!("event: message\ndata: {message}\n\n").into()
}

fn event_body(chunks: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let body = Body::from_stream(chunks.map(Ok::<_, Infallible>));
    ([("content-type", "text/event-stream")], body).into_response()
}

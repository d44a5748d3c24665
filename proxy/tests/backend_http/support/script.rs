//! Scripted servers: how a message is answered, and in what form.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use futures::{StreamExt, channel::mpsc, stream};
use parking_lot::Mutex;
use serde_json::{Value, json};

/// The revision that the scripted servers agree on.
pub(crate) const VERSION: &str = "2025-06-18";

/// One request as the server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Seen {
    /// A header's text; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| {
            value.to_str().expect("a header of ours is text")
        })
    }

    /// What it asks for: the JSON-RPC method, or the HTTP method without one.
    pub(crate) fn what(&self) -> &str {
        self.body["method"].as_str().unwrap_or(self.method.as_str())
    }
}

/// All requests in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Seen>>>);

impl Log {
    pub(crate) fn all(&self) -> Vec<Seen> {
        self.0.lock().clone()
    }

    pub(crate) fn whats(&self) -> Vec<String> {
        self.all()
            .iter()
            .map(|seen| seen.what().to_owned())
            .collect()
    }

    /// The first request for this; none came if it panics.
    pub(crate) fn first(&self, what: &str) -> Seen {
        let all = self.all();
        let found = all.iter().find(|seen| seen.what() == what);
        assert!(found.is_some(), "no {what} in {:?}", self.whats());
        found.expect("just seen").clone()
    }

    /// Waits until so many requests for this have come.
    pub(crate) async fn wait(&self, what: &str, count: usize) {
        let wait = async {
            while self.whats().iter().filter(|seen| *seen == what).count() < count {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        let done = tokio::time::timeout(super::PATIENCE, wait).await;
        assert!(done.is_ok(), "{count} times {what}, not {:?}", self.whats());
    }
}

/// The answer of a server without peculiarities.
pub(crate) fn plain(request: &Value) -> Value {
    let id = &request["id"];
    let result = if request["method"] == "initialize" {
        json!({"protocolVersion": VERSION, "capabilities": {}, "serverInfo": {"name": "scripted", "version": "1"}})
    } else {
        json!({"method": request["method"]})
    };
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

/// A server all of whose requests at `/mcp` are answered by `act`.
pub(crate) fn streamable<F, R>(log: &Log, act: F) -> Router
where
    F: Fn(&Seen) -> R + Clone + Send + Sync + 'static,
    R: IntoResponse,
{
    let log = log.clone();
    let handler = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
        let seen = Seen {
            method,
            uri,
            headers,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        };
        let response = act(&seen).into_response();
        log.0.lock().push(seen);
        async move { response }
    };
    Router::new().route("/mcp", any(handler))
}

/// What a good Streamable HTTP server with JSON bodies and without a stream of its own does.
pub(crate) fn good(seen: &Seen) -> Response {
    let expected = seen.method == Method::POST;
    match (&seen.body["id"], expected) {
        (_, false) => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        (Value::Null, true) => StatusCode::ACCEPTED.into_response(),
        (_, true) if seen.body["method"] == "initialize" => {
            ([("mcp-session-id", "s-1")], axum::Json(plain(&seen.body))).into_response()
        }
        (_, true) => axum::Json(plain(&seen.body)).into_response(),
    }
}

/// An event stream of these chunks, which then ends.
pub(crate) fn events<C: Into<Bytes>>(chunks: impl IntoIterator<Item = C>) -> Response {
    let chunks: Vec<_> = chunks
        .into_iter()
        .map(|chunk| Ok::<_, String>(chunk.into()))
        .collect();
    event_body(Body::from_stream(stream::iter(chunks)))
}

/// An event stream of these chunks, which then stays open.
pub(crate) fn open_events<C: Into<Bytes>>(chunks: impl IntoIterator<Item = C>) -> Response {
    let chunks: Vec<_> = chunks
        .into_iter()
        .map(|chunk| Ok::<_, String>(chunk.into()))
        .collect();
    event_body(Body::from_stream(
        stream::iter(chunks).chain(stream::pending()),
    ))
}

/// An event stream of these chunks, which then breaks.
pub(crate) fn broken_events<C: Into<Bytes>>(chunks: impl IntoIterator<Item = C>) -> Response {
    let chunks: Vec<_> = chunks.into_iter().map(|chunk| Ok(chunk.into())).collect();
    let end = stream::once(async {
        // The chunks before it have to leave first.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        Err("broken on purpose".to_owned())
    });
    event_body(Body::from_stream(stream::iter(chunks).chain(end)))
}

fn event_body(body: Body) -> Response {
    ([("content-type", "text/event-stream")], body).into_response()
}

/// One message as an event.
pub(crate) fn event(message: &Value) -> String {
    format!("event: message\ndata: {message}\n\n")
}

/// A server of HTTP with SSE. What is sent to `say` goes to its one event stream.
#[derive(Clone)]
pub(crate) struct SseServer {
    pub(crate) log: Log,
    say: Arc<Mutex<Option<mpsc::UnboundedSender<Bytes>>>>,
    endpoint: &'static str,
}

impl SseServer {
    /// `endpoint` is the data of its first event.
    pub(crate) fn new(endpoint: &'static str) -> Self {
        Self {
            log: Log::default(),
            say: Arc::default(),
            endpoint,
        }
    }

    /// Writes to the event stream.
    pub(crate) fn say(&self, text: impl Into<Bytes>) {
        let say = self.say.lock();
        let say = say.as_ref().expect("the stream is open");
        say.unbounded_send(text.into()).expect("it is read");
    }

    /// Ends the event stream.
    pub(crate) fn hang_up(&self) {
        self.say.lock().take();
    }

    /// `answer` says how a POST is answered; the messages that are to come on the stream go there
    /// by [`SseServer::say`].
    pub(crate) fn router<F, R>(&self, answer: F) -> Router
    where
        F: Fn(&Self, &Seen) -> R + Clone + Send + Sync + 'static,
        R: IntoResponse,
    {
        let post = move |State(server): State<Self>, uri: Uri, headers: HeaderMap, body: Bytes| {
            let seen = Seen {
                method: Method::POST,
                uri,
                headers,
                body: serde_json::from_slice(&body).unwrap_or_default(),
            };
            let response = answer(&server, &seen).into_response();
            server.log.0.lock().push(seen);
            async move { response }
        };
        Router::new()
            .route(
                "/sse",
                get(|State(server): State<Self>| async move { server.open() }),
            )
            .fallback(post)
            .with_state(self.clone())
    }

    fn open(&self) -> Response {
        let (say, said) = mpsc::unbounded();
        let first = format!(
            ": hello\r\n\r\nevent: endpoint\r\ndata: {}\r\n\r\n",
            self.endpoint
        );
        say.unbounded_send(Bytes::from(first))
            .expect("the stream was just opened");
        *self.say.lock() = Some(say);
        event_body(Body::from_stream(said.map(Ok::<_, String>)))
    }
}

/// Takes the message and says the plain answer.
pub(crate) fn accept(server: &SseServer, seen: &Seen) -> StatusCode {
    if !seen.body["id"].is_null() {
        server.say(event(&plain(&seen.body)));
    }
    StatusCode::ACCEPTED
}

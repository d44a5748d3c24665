//! An API server in this process: enough of Kubernetes for the controller's own calls, over kube's
//! tower service, without a socket.
//!
//! ```text
//!  kube::Client ──> axum handler ──> Store (objects, resourceVersions, change log) ──> watches
//!                       └── every request is recorded, and may be made to fail
//! ```
//!
//! What it simplifies: server-side apply treats every list as atomic and knows no schema; nothing
//! is defaulted; a watch does not notice an object that leaves its selector.

#![allow(
    dead_code,
    reason = "each test program uses its own part of the support"
)]

mod apply;
pub(crate) mod controller;
pub(crate) mod helm;
pub(crate) mod pods;
mod store;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use hivewright_controller::access;
use kube::Client;
use kube::client::ClientBuilder;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::watch;

use store::{Change, Failure, Store, Target};

/// Longest body that the fake reads, bytes; the real server's limit is 3 MiB.
const MAX_BODY: usize = 3 << 20;

/// One request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    /// As RBAC sees it.
    pub(crate) access: access::Request,
    /// Name of the object, empty for lists.
    pub(crate) name: String,
    /// Who asked: the label that [`FakeApi::client`] was given.
    pub(crate) who: &'static str,
    /// HTTP status of the answer.
    pub(crate) status: u16,
}

impl Recorded {
    /// A request that changes something.
    pub(crate) fn writes(&self) -> bool {
        !matches!(
            self.access.verb,
            access::Verb::Get | access::Verb::List | access::Verb::Watch
        )
    }
}

/// The server. Clones share everything.
#[derive(Clone, Debug)]
pub(crate) struct FakeApi {
    store: Arc<Mutex<Store>>,
    requests: Arc<Mutex<Vec<Recorded>>>,
    failures: Arc<Mutex<Vec<Failure>>>,
    applies: Arc<Mutex<Vec<Apply>>>,
    moved: watch::Sender<u64>,
}

/// One server-side apply.
#[derive(Clone, Debug)]
pub(crate) struct Apply {
    /// Plural name of the resource.
    pub(crate) resource: String,
    /// Takes over fields of others.
    pub(crate) force: bool,
}

impl Default for FakeApi {
    fn default() -> Self {
        Self {
            store: Arc::default(),
            requests: Arc::default(),
            failures: Arc::default(),
            applies: Arc::default(),
            moved: watch::channel(0).0,
        }
    }
}

impl FakeApi {
    /// A client whose requests are recorded as those of `who` and counted in `metrics`.
    pub(crate) fn client(
        &self,
        who: &'static str,
        metrics: &hivewright_controller::metrics::Metrics,
    ) -> Client {
        let router = Router::new()
            .fallback(answer)
            .with_state((self.clone(), who));
        let counted = hivewright_controller::client::Counted::new(metrics);
        ClientBuilder::new(router, "hivewright")
            .with_layer(&counted)
            .build()
    }

    /// Requests so far.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().clone()
    }

    /// Requests so far that change something, Leases and Events left out.
    pub(crate) fn writes(&self) -> Vec<Recorded> {
        let noise =
            |request: &Recorded| matches!(request.access.resource.as_str(), "leases" | "events");
        self.requests()
            .into_iter()
            .filter(|request| request.writes() && !noise(request))
            .collect()
    }

    /// Server-side applies of a resource so far.
    pub(crate) fn applies(&self, resource: &str) -> Vec<Apply> {
        let of = |apply: &&Apply| apply.resource == resource;
        self.applies.lock().iter().filter(of).cloned().collect()
    }

    /// Makes the next `times` requests of this verb and resource fail with `status`.
    pub(crate) fn fail(
        &self,
        verb: access::Verb,
        resource: &'static str,
        status: StatusCode,
        times: u32,
    ) {
        self.failures.lock().push(Failure {
            verb,
            resource,
            status,
            times,
        });
    }

    /// Writes an object as somebody else would (a user, a kubelet): status included.
    pub(crate) fn put(&self, resource: &str, object: Value) {
        self.store
            .lock()
            .put(Target::of_object(resource, &object), object);
        self.announce();
    }

    /// Changes an object by JSON merge patch, as somebody else would.
    pub(crate) fn merge(&self, resource: &str, namespace: &str, name: &str, patch: &Value) {
        let target = Target::new(resource, namespace, name);
        let mut object = self
            .store
            .lock()
            .get(&target)
            .expect("the test names an object that is there");
        json_patch::merge(&mut object, patch);
        self.store.lock().put(target, object);
        self.announce();
    }

    /// Deletes an object, and in turn all that it owns.
    pub(crate) fn delete(&self, resource: &str, namespace: &str, name: &str) {
        self.store
            .lock()
            .delete(&Target::new(resource, namespace, name));
        self.announce();
    }

    /// One object as it is.
    pub(crate) fn get(&self, resource: &str, namespace: &str, name: &str) -> Option<Value> {
        self.store
            .lock()
            .get(&Target::new(resource, namespace, name))
    }

    /// All objects as `resource/name`, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        self.store.lock().names()
    }

    /// All objects of a resource.
    pub(crate) fn all(&self, resource: &str) -> Vec<Value> {
        self.store.lock().list(&Target::new(resource, "", ""), "")
    }

    fn announce(&self) {
        let version = self.store.lock().version();
        self.moved.send_replace(version);
    }

    fn failure(&self, asked: &access::Request) -> Option<StatusCode> {
        let mut failures = self.failures.lock();
        let hit = failures.iter_mut().find(|failure| failure.hits(asked))?;
        hit.times -= 1;
        Some(hit.status)
    }
}

async fn answer(State((api, who)): State<(FakeApi, &'static str)>, request: Request) -> Response {
    let Some(asked) = access::Request::of(request.method(), request.uri()) else {
        return status(StatusCode::NOT_FOUND, "no such path");
    };
    let target = Target::of_path(request.uri().path());
    let response = match api.failure(&asked) {
        Some(code) => status(code, "refused by the test"),
        None => serve(&api, &target, request).await,
    };
    api.requests.lock().push(Recorded {
        access: asked,
        name: target.name,
        who,
        status: response.status().as_u16(),
    });
    response
}

async fn serve(api: &FakeApi, target: &Target, request: Request) -> Response {
    let query = Query::<HashMap<String, String>>::try_from_uri(request.uri())
        .map(|Query(query)| query)
        .unwrap_or_default();
    let method = request.method().clone();
    if method == Method::GET {
        return read(api, target, &query);
    }
    let kind = request.headers().get(header::CONTENT_TYPE).cloned();
    let body = to_bytes(request.into_body(), MAX_BODY)
        .await
        .unwrap_or_default();
    let sent: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let written = {
        let mut store = api.store.lock();
        match method {
            Method::DELETE => {
                store.delete(target);
                Ok((
                    StatusCode::OK,
                    json!({ "kind": "Status", "status": "Success" }),
                ))
            }
            Method::POST => store.create(target, sent),
            Method::PUT => store.replace(target, sent),
            Method::PATCH if kind.is_some_and(|kind| kind == "application/apply-patch+yaml") => {
                let force = query.get("force").is_some_and(|force| force == "true");
                api.applies.lock().push(Apply {
                    resource: target.resource.clone(),
                    force,
                });
                let manager = query.get("fieldManager").map_or("", String::as_str);
                store.apply(target, &sent, manager)
            }
            Method::PATCH => store.merge(target, &sent),
            _ => Err((
                StatusCode::METHOD_NOT_ALLOWED,
                "the fake does not know this method",
            )),
        }
    };
    api.announce();
    match written {
        Ok((code, object)) => (code, axum::Json(object)).into_response(),
        Err((code, message)) => status(code, message),
    }
}

fn read(api: &FakeApi, target: &Target, query: &HashMap<String, String>) -> Response {
    let selector = query.get("labelSelector").cloned().unwrap_or_default();
    if !target.name.is_empty() {
        return match api.store.lock().get(target) {
            Some(object) => axum::Json(object).into_response(),
            None => status(StatusCode::NOT_FOUND, "no such object"),
        };
    }
    if query.contains_key("watch") {
        let after = query
            .get("resourceVersion")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        return follow(api, target.clone(), selector, after);
    }
    let store = api.store.lock();
    let items = store.list(target, &selector);
    let version = store.version().to_string();
    axum::Json(json!({
        "kind": "List", "apiVersion": "v1", "metadata": { "resourceVersion": version }, "items": items,
    }))
    .into_response()
}

/// An endless body of changes after a resourceVersion, one JSON object a line.
fn follow(api: &FakeApi, target: Target, selector: String, after: u64) -> Response {
    let store = Arc::clone(&api.store);
    let moved = api.moved.subscribe();
    let lines = stream::unfold((moved, after), move |(mut moved, after)| {
        let (store, target, selector) = (Arc::clone(&store), target.clone(), selector.clone());
        async move {
            loop {
                moved.borrow_and_update();
                let next = store.lock().next_change(&target, &selector, after);
                if let Some(Change {
                    version,
                    kind,
                    object,
                    ..
                }) = next
                {
                    let line = format!("{}\n", json!({ "type": kind, "object": object }));
                    return Some((Ok::<_, std::convert::Infallible>(line), (moved, version)));
                }
                moved.changed().await.ok()?;
            }
        }
    });
    Body::from_stream(lines).into_response()
}

fn status(code: StatusCode, message: &str) -> Response {
    let reason = match code {
        StatusCode::NOT_FOUND => "NotFound",
        StatusCode::CONFLICT => "Conflict",
        StatusCode::FORBIDDEN => "Forbidden",
        _ => "InternalError",
    };
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure",
        "message": message, "reason": reason, "code": code.as_u16(),
    });
    (code, axum::Json(body)).into_response()
}

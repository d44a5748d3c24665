//! The HTTP side of the fake API server.

use std::collections::HashMap;
use std::convert::Infallible;

use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use hivewright_controller::access;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::select::{self, Selector};
use super::store::{Change, Next, Target};
use super::{Apply, FakeApi, Recorded};

/// Longest body that the fake reads, bytes; the real server's limit is 3 MiB.
const MAX_BODY: usize = 3 << 20;

/// Answers one request of `who`, and records it.
pub(super) async fn answer(
    State((api, who)): State<(FakeApi, &'static str)>,
    request: Request,
) -> Response {
    let Some(asked) = access::Request::of(request.method(), request.uri()) else {
        return status(StatusCode::NOT_FOUND, "no such path");
    };
    let target = Target::of_path(request.uri().path());
    let response = match api.failure(&asked) {
        Some(code) => status(code, "refused by the test"),
        None if request.method() != Method::GET && api.ends(&target) => ending(),
        None if reads_content_of_secrets(&request) => status(
            StatusCode::NOT_ACCEPTABLE,
            "only the metadata of Secrets may be read",
        ),
        None if target.resource.ends_with("reviews") => review(),
        None => serve(&api, &target, request).await,
    };
    api.requests.lock().push(Recorded {
        access: asked,
        namespace: target.namespace,
        name: target.name,
        who,
        status: response.status().as_u16(),
    });
    response
}

/// Everybody is somebody, and may do everything.
fn review() -> Response {
    let user = json!({ "username": "anybody" });
    let status = json!({ "authenticated": true, "user": user, "allowed": true });
    (
        StatusCode::CREATED,
        axum::Json(json!({ "spec": {}, "status": status })),
    )
        .into_response()
}

fn metadata_only(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT);
    accept.is_some_and(|kinds| {
        let kinds = kinds.to_str().unwrap_or_default().split(',');
        kinds
            .map(str::trim)
            .all(|kind| kind.contains("as=PartialObjectMetadata"))
    })
}

/// The real server would let RBAC decide, which knows no difference; no test may rest on that.
fn reads_content_of_secrets(request: &Request) -> bool {
    Target::of_path(request.uri().path()).resource == "secrets" && !metadata_only(request)
}

async fn serve(api: &FakeApi, target: &Target, request: Request) -> Response {
    let query = Query::<HashMap<String, String>>::try_from_uri(request.uri())
        .map(|Query(query)| query)
        .unwrap_or_default();
    let method = request.method().clone();
    if method == Method::GET {
        let view: View = if metadata_only(&request) {
            select::metadata_only
        } else {
            Value::clone
        };
        return read(api, target, &query, view);
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

/// How much of an object is shown.
type View = fn(&Value) -> Value;

fn read(api: &FakeApi, target: &Target, query: &HashMap<String, String>, view: View) -> Response {
    let selector = Selector::of(query);
    if !target.name.is_empty() {
        return match api.store.lock().get(target) {
            Some(object) => axum::Json(view(&object)).into_response(),
            None => status(StatusCode::NOT_FOUND, "no such object"),
        };
    }
    if query.contains_key("watch") {
        let after = query
            .get("resourceVersion")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        return follow(api, target.clone(), (selector, view), after);
    }
    let store = api.store.lock();
    let items: Vec<Value> = store.list(target, &selector).iter().map(view).collect();
    let version = store.version().to_string();
    axum::Json(json!({
        "kind": "List", "apiVersion": "v1", "metadata": { "resourceVersion": version }, "items": items,
    }))
    .into_response()
}

/// A body of changes after a resourceVersion, one JSON object a line; it ends when changes have
/// been forgotten that it should still have told.
fn follow(
    api: &FakeApi,
    target: Target,
    (selector, view): (Selector, View),
    after: u64,
) -> Response {
    let (api, moved) = (api.clone(), api.moved.subscribe());
    let lines = stream::unfold((moved, Some(after)), move |(mut moved, after)| {
        let (api, target, selector) = (api.clone(), target.clone(), selector.clone());
        async move {
            let after = after?;
            loop {
                moved.borrow_and_update();
                let next = api.store.lock().next_change(&target, &selector, after);
                let (version, line) = match next {
                    Next::Change(change) => (Some(change.version), told(&change, view)),
                    Next::Forgotten => (None, gone()),
                    Next::Nothing => {
                        moved.changed().await.ok()?;
                        continue;
                    }
                };
                sleep(api.lag()).await;
                return Some((Ok::<_, Infallible>(format!("{line}\n")), (moved, version)));
            }
        }
    });
    Body::from_stream(lines).into_response()
}

fn told(change: &Change, view: View) -> Value {
    json!({ "type": change.kind, "object": view(&change.object) })
}

fn gone() -> Value {
    json!({ "type": "ERROR", "object": {
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 410,
        "reason": "Expired", "message": "too old resource version",
    } })
}

fn ending() -> Response {
    let causes = json!({ "causes": [{ "reason": "NamespaceTerminating" }] });
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden",
        "message": "the namespace is being terminated", "code": 403, "details": causes,
    });
    (StatusCode::FORBIDDEN, axum::Json(body)).into_response()
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

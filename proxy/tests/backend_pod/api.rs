//! The API server: the calls that the proxy's Role grants, and a record of every other.

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Path, RawQuery, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, patch},
};
use futures::stream;
use http::{StatusCode, Uri, header::CONTENT_TYPE};
use serde_json::{Value, json};

use crate::{cluster::Cluster, process, stdio, world::Fact};

const PODS: &str = "/api/v1/namespaces/tools/pods";
const POD: &str = "/api/v1/namespaces/tools/pods/{pod}";
const SCALE: &str = "/apis/apps/v1/namespaces/tools/statefulsets/echo/scale";

pub(crate) fn router(cluster: Cluster) -> Router {
    Router::new()
        .route(PODS, get(list_or_watch))
        .route(POD, delete(delete_pod))
        .route(&format!("{POD}/status"), patch(patch_status))
        .route(&format!("{POD}/attach"), get(process::attach))
        .route(&format!("{POD}/log"), get(stdio::log))
        .route(SCALE, get(get_scale).patch(patch_scale))
        .fallback(forbidden)
        .layer(middleware::from_fn_with_state(cluster.clone(), up_or_down))
        .with_state(cluster)
}

async fn up_or_down(State(cluster): State<Cluster>, request: Request, next: Next) -> Response {
    if cluster.look().down {
        cluster.with(|world| world.refusals += 1);
        return status(StatusCode::SERVICE_UNAVAILABLE, "it is starting");
    }
    next.run(request).await
}

async fn forbidden(State(cluster): State<Cluster>, request: Request) -> Response {
    let call = format!("{} {}", request.method(), request.uri());
    cluster.with(|world| world.facts.push(Fact::Forbidden(call)));
    status(StatusCode::FORBIDDEN, "not granted")
}

pub(crate) fn status(code: StatusCode, message: &str) -> Response {
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": "Test", "code": code.as_u16(),
    });
    (code, Json(body)).into_response()
}

/// Only by name: that is all that the Role grants.
async fn list_or_watch(
    State(cluster): State<Cluster>,
    RawQuery(query): RawQuery,
    uri: Uri,
) -> Response {
    let query = query.unwrap_or_default();
    let mut pairs = query.split('&');
    let selected = pairs.find_map(|pair| pair.strip_prefix("fieldSelector=metadata.name%3D"));
    let Some(name) = selected.filter(|name| name.starts_with("echo-")) else {
        cluster.with(|world| world.facts.push(Fact::Forbidden(uri.to_string())));
        return status(StatusCode::FORBIDDEN, "not granted");
    };
    if query.contains("watch=true") {
        watch(cluster, name.to_owned(), &query)
    } else {
        list(&cluster, name)
    }
}

fn list(cluster: &Cluster, name: &str) -> Response {
    let world = cluster.look();
    let items: Vec<Value> = world.pod_object(name).into_iter().collect();
    let metadata = json!({ "resourceVersion": world.version() });
    let list = json!({
        "apiVersion": "v1", "kind": "PodList", "metadata": metadata, "items": items,
    });
    Json(list).into_response()
}

fn watch(cluster: Cluster, name: String, query: &str) -> Response {
    let from = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("resourceVersion="));
    let from: u64 = from.and_then(|version| version.parse().ok()).unwrap_or(0);
    let changes = cluster.changes();
    let events = stream::unfold(
        (cluster, name, changes, from),
        |(cluster, name, mut changes, from)| async move {
            loop {
                if let Some((version, line)) = next_event(&cluster, &name, from) {
                    return Some((
                        Ok::<_, std::io::Error>(line),
                        (cluster, name, changes, version),
                    ));
                }
                changes.changed().await.ok()?;
            }
        },
    );
    (
        [(CONTENT_TYPE, "application/json")],
        Body::from_stream(events),
    )
        .into_response()
}

fn next_event(cluster: &Cluster, name: &str, from: u64) -> Option<(u64, String)> {
    let world = cluster.look();
    let version = |event: &Value| {
        let version = event["object"]["metadata"]["resourceVersion"].as_str();
        version
            .and_then(|version| version.parse().ok())
            .unwrap_or(0)
    };
    let mut of_pod = world
        .events
        .iter()
        .filter(|event| event["object"]["metadata"]["name"] == name);
    let event = of_pod.find(|event| version(event) > from)?;
    Some((version(event), format!("{event}\n")))
}

async fn get_scale(State(cluster): State<Cluster>) -> Json<Value> {
    Json(cluster.look().scale())
}

async fn patch_scale(State(cluster): State<Cluster>, Json(patch): Json<Value>) -> Json<Value> {
    let replicas = patch["spec"]["replicas"].as_i64().unwrap_or(0);
    cluster.with(|world| world.set_scale(replicas));
    get_scale(State(cluster)).await
}

/// The content type is that of a patch, which axum's Json does not take.
async fn patch_status(
    State(cluster): State<Cluster>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let patch: Value = serde_json::from_slice(&body).unwrap_or_default();
    let uid = patch["metadata"]["uid"].as_str().unwrap_or_default();
    let condition = &patch["status"]["conditions"][0];
    if cluster.with(|world| world.set_condition(&name, uid, condition)) {
        Json(cluster.look().pod_object(&name)).into_response()
    } else {
        status(StatusCode::CONFLICT, "the uid differs")
    }
}

async fn delete_pod(
    State(cluster): State<Cluster>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let options: Value = serde_json::from_slice(&body).unwrap_or_default();
    let uid = options["preconditions"]["uid"].as_str().unwrap_or_default();
    if cluster.with(|world| world.delete(&name, uid)) {
        Json(json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success" }))
            .into_response()
    } else {
        status(StatusCode::CONFLICT, "the uid differs")
    }
}

//! The API of osv.dev, version 1, with a few real advisories: ids, aliases, dates, scores, packages,
//! ranges and references are those of the public databases. (<https://google.github.io/osv.dev/api/>,
//! <https://ossf.github.io/osv-schema/>)

mod advisory;
mod query;
mod version;

use axum::{
    Json, Router,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use advisory::ADVISORIES;
use query::Query;

/// Queries of one batch (documented limit of the real API).
const BATCH: usize = 1000;

/// The API.
pub fn api() -> Router {
    Router::new()
        .route("/v1/query", post(one))
        .route("/v1/querybatch", post(batch))
        .route("/v1/vulns/{id}", get(by_id))
}

/// A list of queries.
#[derive(Debug, Deserialize)]
struct Batch {
    queries: Vec<Query>,
}

async fn one(Json(query): Json<Query>) -> Response {
    match query.answer() {
        Some(found) if found.is_empty() => Json(json!({})).into_response(),
        Some(found) => Json(json!({ "vulns": found })).into_response(),
        None => invalid(),
    }
}

async fn batch(Json(batch): Json<Batch>) -> Response {
    if batch.queries.len() > BATCH {
        return invalid();
    }
    let results: Option<Vec<Value>> = batch.queries.iter().map(brief).collect();
    results.map_or_else(invalid, |results| {
        Json(json!({ "results": results })).into_response()
    })
}

/// What a batch says of one query: ids and times alone.
fn brief(query: &Query) -> Option<Value> {
    let found = query.answer()?;
    let brief: Vec<Value> = found
        .iter()
        .map(|advisory| json!({ "id": advisory["id"], "modified": advisory["modified"] }))
        .collect();
    Some(if brief.is_empty() {
        json!({})
    } else {
        json!({ "vulns": brief })
    })
}

async fn by_id(Path(id): Path<String>) -> Response {
    let found = ADVISORIES.iter().find(|advisory| advisory["id"] == *id);
    found.map_or_else(
        || error(StatusCode::NOT_FOUND, 5, "Bug not found."),
        |advisory| Json(advisory.clone()).into_response(),
    )
}

fn invalid() -> Response {
    error(StatusCode::BAD_REQUEST, 3, "Invalid query.")
}

/// An error with its gRPC code, as the real API words it.
fn error(status: StatusCode, code: u8, message: &str) -> Response {
    let body = Json(json!({ "code": code, "message": message }));
    (status, body).into_response()
}

#[cfg(test)]
#[path = "osv/tests.rs"]
mod tests;

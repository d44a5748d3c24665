//! `GET /events`: a batch of CloudEvents, or a stream of them.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use hivewright_api::cloud_event::{BATCH_MEDIA_TYPE, CloudEvent};
use serde_json::Value;

use super::query::Events;
use super::{Reading, Refusal, answer, path, stream};
use crate::journal::{Entry, Query};

/// Media type that asks for a stream.
const STREAM: &str = "text/event-stream";

pub(super) async fn events(
    State(reading): State<Reading>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refusal> {
    let mut asked = Events::read(&uri)?;
    asked.follow |= wants_stream(&headers);
    reading.gate.admit(&headers, &asked.ask()).await?;
    if asked.follow {
        return stream::open(reading, headers, asked);
    }
    let query = asked.query.clone();
    let entries = reading
        .read(move |path| answer::events(path, &query))
        .await?;
    Ok(batch(&asked.query, entries))
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| {
        accept
            .split(',')
            .any(|kind| kind.split(';').next().unwrap_or_default().trim() == STREAM)
    })
}

/// CloudEvents JSON format, section 4. A full batch links to what follows it (RFC 8288).
fn batch(query: &Query, entries: Vec<Entry>) -> Response {
    let next = (entries.len() == query.limit && !query.newest)
        .then(|| entries.last().map(|last| next(query, last.row)))
        .flatten()
        .and_then(|link| HeaderValue::from_str(&link).ok());
    let events: Vec<CloudEvent<Value>> = entries.into_iter().map(|entry| entry.event).collect();
    let mut answer = Json(events).into_response();
    let headers = answer.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(BATCH_MEDIA_TYPE),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(next) = next {
        headers.insert(header::LINK, next);
    }
    answer
}

/// The link to the batch after this row.
fn next(query: &Query, row: u64) -> String {
    let next = Query {
        after: Some(row),
        ..query.clone()
    };
    format!("<{}>; rel=\"next\"", path::events(&next))
}

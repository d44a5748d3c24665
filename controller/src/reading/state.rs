//! `GET /state`: every server as it was at a time.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};

use super::query::At;
use super::{Reading, Refusal, answer};

pub(super) async fn state(
    Shared(reading): Shared<Reading>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refusal> {
    let asked = At::read(&uri)?;
    reading.gate.admit(&headers, &asked.ask()).await?;
    let states = reading
        .read(move |path| answer::states(path, &asked.about, asked.at))
        .await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(states)).into_response())
}

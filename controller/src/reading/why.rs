//! `GET /why`: one server, what is wrong with it, since when, what to do.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::{Reading, Refusal, answer, query};

pub(super) async fn why(
    State(reading): State<Reading>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refusal> {
    let (server, ask) = query::server(&uri)?;
    reading.gate.admit(&headers, &ask).await?;
    let asked = server.clone();
    let why = reading
        .read(move |path| answer::why(path, &asked, Timestamp::now()))
        .await?
        .ok_or(Refusal::NotFound(server))?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(why)).into_response())
}

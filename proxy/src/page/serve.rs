//! The routes.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use hivewright_page::assets;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};

use super::Page;
use crate::http::Foreign;

/// The page at `/`, and its files. Beside the routes of the admin port.
pub fn router(page: Page) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/assets/{name}", get(asset))
        .with_state(page)
}

async fn show(State(page): State<Page>, uri: Uri, headers: HeaderMap) -> Response {
    let warnings = uri
        .query()
        .is_some_and(|query| query.contains("only=warnings"));
    let (status, html) = match page.guard.check(&uri, &headers) {
        Ok(()) => (
            StatusCode::OK,
            hivewright_page::server(&page.shown(warnings)),
        ),
        Err(foreign) => (StatusCode::FORBIDDEN, Page::refused(sentence(foreign))),
    };
    let mut answer = (status, html).into_response();
    for (name, value) in assets::HEADERS {
        let (name, value) = (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
        answer.headers_mut().insert(name, value);
    }
    answer
}

const fn sentence(foreign: Foreign) -> &'static str {
    match foreign {
        Foreign::Host => {
            "The address has a name that is not known here; use localhost, an IP address, or a name \
             that --allowed-host gives."
        }
        Foreign::Origin => {
            "The page that asks is not known here; open this address itself, or name the page's origin \
             with --allowed-origin."
        }
    }
}

async fn asset(Path(name): Path<String>) -> Response {
    let Some(asset) = assets::find(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, assets::KEEP),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, asset.body).into_response()
}

//! Serves what a test puts on the stage, as the real servers do.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hivewright_page::assets;
use parking_lot::Mutex;
use tokio::net::TcpListener;

type Pages = Arc<Mutex<HashMap<String, (StatusCode, String)>>>;

/// A running site; it ends with the test.
#[derive(Debug)]
pub(crate) struct Stage {
    at: SocketAddr,
    pages: Pages,
    task: tokio::task::JoinHandle<()>,
}

impl Stage {
    pub(crate) async fn open() -> Self {
        let pages = Pages::default();
        let router = Router::new()
            .route("/assets/{name}", get(asset))
            .fallback(page)
            .with_state(Arc::clone(&pages));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let at = listener.local_addr().expect("it is bound");
        let serve = async move { axum::serve(listener, router).await.expect("it serves") };
        let task = tokio::spawn(serve);
        Self { at, pages, task }
    }

    /// From now on this is at `path`.
    pub(crate) fn put(&self, path: &str, html: String) {
        self.answer(path, StatusCode::OK, html);
    }

    /// The same with another status.
    pub(crate) fn answer(&self, path: &str, status: StatusCode, html: String) {
        self.pages.lock().insert(path.to_owned(), (status, html));
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    /// Nothing answers any more.
    pub(crate) fn close(&self) {
        self.task.abort();
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.close();
    }
}

async fn page(State(pages): State<Pages>, uri: Uri) -> Response {
    let found = pages.lock().get(uri.path()).cloned();
    let Some((status, html)) = found else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut answer = (status, html).into_response();
    for (name, value) in assets::HEADERS {
        let name = HeaderName::from_static(name);
        answer
            .headers_mut()
            .insert(name, value.parse().expect("it is a header"));
    }
    answer
        .headers_mut()
        .insert(header::CONNECTION, "close".parse().expect("it is a header"));
    answer
}

async fn asset(Path(name): Path<String>) -> Response {
    match assets::find(&name) {
        Some(asset) => ([(header::CONTENT_TYPE, asset.kind)], asset.body).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

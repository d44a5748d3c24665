//! What is known of the session, and the requests that carry it.

use std::{sync::OnceLock, time::Duration};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, header, request, uri::PathAndQuery};
use hyper::body::Incoming;
use hyper_util::client::legacy::Error;
use tokio::{sync::Notify, time::timeout};

use super::modern::Tools;
use crate::backend::http::client::{Http, with};

const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
pub(super) const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Longest that taking leave may take; a courtesy, for servers that hold much for a session.
const FAREWELL_LIMIT: Duration = Duration::from_secs(1);

/// One session of a server. Everything but the endpoint is learned on the way.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) http: Http,
    /// Where the server redirected `initialize` to.
    moved: OnceLock<PathAndQuery>,
    /// `Mcp-Session-Id` of the answer to `initialize`; a server may have none.
    id: OnceLock<HeaderValue>,
    /// The revision that `initialize` agreed on.
    pub(super) version: OnceLock<HeaderValue>,
    /// What the tools of a server of 2026-07-28 want mirrored.
    pub(super) tools: Tools,
    /// Told once `notifications/initialized` has been taken.
    pub(super) opened: Notify,
}

impl Session {
    pub(super) fn new(http: Http) -> Self {
        Self {
            http,
            moved: OnceLock::new(),
            id: OnceLock::new(),
            version: OnceLock::new(),
            tools: Tools::default(),
            opened: Notify::new(),
        }
    }

    /// Where the server is spoken to.
    pub(super) fn path(&self) -> &PathAndQuery {
        self.moved.get().unwrap_or(&self.http.endpoint.path)
    }

    /// From now on the server is spoken to here.
    pub(super) fn settle_at(&self, path: PathAndQuery) {
        // Set once, when `initialize` has found its way.
        let _ = self.moved.set(path);
    }

    /// Keeps the session's id, if the response to `initialize` gives one.
    pub(super) fn learn(&self, response: &Response<Incoming>) {
        if let Some(id) = response.headers().get(&SESSION_ID) {
            // There is only one `initialize`.
            let _ = self.id.set(id.clone());
        }
    }

    /// Whether the server gave the session an id, so that 404 means that it is over.
    pub(super) fn has_id(&self) -> bool {
        self.id.get().is_some()
    }

    /// Posts one message.
    pub(super) async fn post(
        &self,
        path: &PathAndQuery,
        body: Bytes,
    ) -> Result<Response<Incoming>, Error> {
        let request = self.dressed(self.http.post(path));
        self.http.send(with(request, body)).await
    }

    /// Posts one request of 2026-07-28.
    pub(super) async fn post_modern(
        &self,
        path: &PathAndQuery,
        body: Bytes,
    ) -> Result<Response<Incoming>, Error> {
        let request = self.tools.dress(self.http.post(path), &body);
        self.http.send(with(request, body)).await
    }

    /// Asks for the stream of what belongs to no call, or for the rest of a broken one.
    pub(super) async fn get(&self, after: Option<&str>) -> Result<Response<Incoming>, Error> {
        let mut request = self.dressed(self.http.listen(self.path()));
        if let Some(id) = after.and_then(|id| HeaderValue::from_bytes(id.as_bytes()).ok()) {
            request = request.header(LAST_EVENT_ID, id);
        }
        self.http.send(with(request, Bytes::new())).await
    }

    /// Ends the session at the server. Its answer changes nothing: it may not allow that (405).
    pub(super) async fn close(&self) {
        if self.has_id() {
            let request = self.dressed(self.http.request(Method::DELETE, self.path()));
            let request = request.header(header::ACCEPT, HeaderValue::from_static("*/*"));
            let _ = timeout(FAREWELL_LIMIT, self.http.send(with(request, Bytes::new()))).await;
        }
    }

    fn dressed(&self, mut request: request::Builder) -> request::Builder {
        if let Some(id) = self.id.get() {
            request = request.header(SESSION_ID, id.clone());
        }
        if let Some(version) = self.version.get() {
            request = request.header(PROTOCOL_VERSION, version.clone());
        }
        request
    }
}

//! The HTTP client: plain HTTP/1.1 to one address.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Response, StatusCode, header, request, uri::PathAndQuery,
};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

use super::endpoint::Endpoint;

/// Longest wait for a TCP connection. The pod is in the same cluster; one retransmitted packet is
/// within it.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// How long an idle connection is used again. Below the five seconds after which the usual servers
/// (uvicorn, Node) close one: a call written to a connection that is just being closed would fail.
const REUSE_LIMIT: Duration = Duration::from_secs(3);
/// Idle connections that are kept: as many calls as a busy server answers at once.
const MAX_IDLE: usize = 64;
/// A connection on which nothing came for this long is probed, so that a node that went away without
/// a word is noticed.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(15);
/// Between two probes.
const KEEPALIVE_EVERY: Duration = Duration::from_secs(5);
/// Probes without an answer before the connection is dead: half a minute in all.
const KEEPALIVE_PROBES: u32 = 3;
/// Longest that sent bytes may stay unacknowledged; as long as the probes take.
#[cfg(target_os = "linux")]
const UNACKED_LIMIT: Duration = Duration::from_secs(30);
/// Most bytes of a response's head, and of what is read at once.
const MAX_HEAD: usize = 64 * 1024;

/// A client of one endpoint.
#[derive(Debug)]
pub(super) struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
    pub(super) endpoint: Endpoint,
    /// The `Host` header names this machine instead of the pod.
    as_localhost: AtomicBool,
}

impl Http {
    pub(super) fn new(endpoint: Endpoint) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(REUSE_LIMIT)
            .pool_max_idle_per_host(MAX_IDLE)
            .http1_max_buf_size(MAX_HEAD)
            .build(connector());
        Self {
            client,
            endpoint,
            as_localhost: AtomicBool::new(false),
        }
    }

    /// Sends a request. It is sent once: hyper tries another connection only if not a byte of it
    /// has left.
    pub(super) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Error> {
        self.client.request(request).await
    }

    /// A GET for an event stream.
    pub(super) fn listen(&self, path: &PathAndQuery) -> request::Builder {
        self.request(Method::GET, path)
            .header(
                header::ACCEPT,
                HeaderValue::from_static("text/event-stream"),
            )
            .header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
    }

    /// A POST of one message.
    pub(super) fn post(&self, path: &PathAndQuery) -> request::Builder {
        let accept = HeaderValue::from_static("application/json, text/event-stream");
        self.request(Method::POST, path)
            .header(header::ACCEPT, accept)
            .header(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            )
    }

    /// Whether the request may be tried again under another name, which is used from then on.
    ///
    /// Servers that guard against DNS rebinding (MCP 2025-11-25, Transports, Security Warning) may
    /// know themselves as `localhost` only, as SDKs have it by default. The guard is there for
    /// browsers, which come to our doors, where `Host` and `Origin` are checked.
    pub(super) fn rename(&self, refused: StatusCode) -> bool {
        let guards = [StatusCode::FORBIDDEN, StatusCode::MISDIRECTED_REQUEST];
        guards.contains(&refused) && !self.as_localhost.swap(true, Ordering::Relaxed)
    }

    fn host(&self) -> HeaderValue {
        if self.as_localhost.load(Ordering::Relaxed) {
            let host = format!("localhost:{}", self.endpoint.port());
            HeaderValue::try_from(host).expect("a name and a port are visible ASCII")
        } else {
            self.endpoint.host.clone()
        }
    }

    /// Any request to this endpoint.
    pub(super) fn request(&self, method: Method, path: &PathAndQuery) -> request::Builder {
        Request::builder()
            .method(method)
            .uri(self.endpoint.uri(path))
            .header(header::HOST, self.host())
            .header(
                header::USER_AGENT,
                HeaderValue::from_static(concat!("hivewright-proxy/", env!("CARGO_PKG_VERSION"))),
            )
    }
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT_LIMIT));
    connector.set_nodelay(true);
    connector.set_keepalive(Some(KEEPALIVE_AFTER));
    connector.set_keepalive_interval(Some(KEEPALIVE_EVERY));
    connector.set_keepalive_retries(Some(KEEPALIVE_PROBES));
    #[cfg(target_os = "linux")]
    connector.set_tcp_user_timeout(Some(UNACKED_LIMIT));
    connector
}

/// The request with this body.
pub(super) fn with(request: request::Builder, body: Bytes) -> Request<Full<Bytes>> {
    request
        .body(Full::new(body))
        .expect("every header was a valid one before")
}

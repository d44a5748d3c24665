//! The admin listener: `/metrics`, `/live`, `/ready`, open to everybody who reaches it; and beside them
//! what is read behind the gate of [`crate::auth`].
//!
//! Every replica serves it, leader or not: a standby with synced caches is ready.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::get;
use hivewright_telemetry::Format;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::metrics::{Metrics, count};

/// Why the admin listener does not serve.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}; choose another --admin-address")]
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Accepting connections failed.
    #[error("the admin listener stopped")]
    Serve(#[source] std::io::Error),
}

/// What the handlers read.
#[derive(Clone, Debug)]
pub struct Admin {
    metrics: Metrics,
    synced: watch::Receiver<bool>,
    beside: Router,
}

impl Admin {
    /// Serves `metrics`; ready once `synced` says true.
    pub fn new(metrics: Metrics, synced: watch::Receiver<bool>) -> Self {
        Self {
            metrics,
            synced,
            beside: Router::new(),
        }
    }

    /// Serves these endpoints too, and counts their answers; who may read them is their own affair.
    #[must_use]
    pub fn beside(self, more: Router) -> Self {
        let counted = middleware::from_fn_with_state(self.metrics.clone(), count);
        Self {
            beside: self.beside.merge(more.route_layer(counted)),
            ..self
        }
    }

    /// The endpoints.
    pub fn router(mut self) -> Router {
        let beside = std::mem::take(&mut self.beside);
        Router::new()
            .route("/metrics", get(metrics))
            .route("/live", get(|| async { "alive\n" }))
            .route("/ready", get(ready))
            .with_state(self)
            .merge(beside)
    }

    /// Listens until `shutdown`.
    ///
    /// # Errors
    /// When the address cannot be bound or the listener breaks.
    pub async fn serve(
        self,
        address: SocketAddr,
        shutdown: CancellationToken,
    ) -> Result<(), Error> {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| Error::Bind { address, source })?;
        axum::serve(listener, self.router())
            .with_graceful_shutdown(shutdown.cancelled_owned())
            .await
            .map_err(Error::Serve)
    }
}

async fn metrics(State(admin): State<Admin>, headers: HeaderMap) -> impl IntoResponse {
    let accept = headers.get(header::ACCEPT);
    let format = Format::negotiate(accept.and_then(|accept| accept.to_str().ok()));
    match admin.metrics.encode_as(format) {
        Ok(text) => {
            let kind = [(header::CONTENT_TYPE, format.content_type())];
            (StatusCode::OK, kind, text).into_response()
        }
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "Metrics could not be written"
            );
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn ready(State(admin): State<Admin>) -> (StatusCode, &'static str) {
    if *admin.synced.borrow() {
        (StatusCode::OK, "ready\n")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the caches are not filled yet\n",
        )
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use tower::Service as _;

    use super::*;

    async fn status(router: &mut Router, path: &str) -> StatusCode {
        let request = Request::get(path).body(Body::empty()).unwrap();
        router.call(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn ready_waits_for_the_caches_and_live_does_not() {
        let (synced, receiver) = watch::channel(false);
        let mut router = Admin::new(Metrics::new(), receiver).router();
        assert_eq!(status(&mut router, "/live").await, StatusCode::OK);
        assert_eq!(
            status(&mut router, "/ready").await,
            StatusCode::SERVICE_UNAVAILABLE
        );
        synced.send_replace(true);
        assert_eq!(status(&mut router, "/ready").await, StatusCode::OK);
    }

    #[tokio::test]
    async fn metrics_are_served_in_the_format_that_the_scraper_asks_for() {
        let (_synced, receiver) = watch::channel(true);
        let mut router = Admin::new(Metrics::new(), receiver).router();
        for (accept, kind) in [
            ("*/*", Format::Text.content_type()),
            (
                "application/openmetrics-text",
                Format::OpenMetrics.content_type(),
            ),
        ] {
            let request = Request::get("/metrics").header(header::ACCEPT, accept);
            let answer = router.call(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.unwrap().headers()[header::CONTENT_TYPE], kind);
        }
    }

    #[tokio::test]
    async fn an_address_that_is_taken_is_named() {
        let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = holder.local_addr().unwrap();
        let (_synced, receiver) = watch::channel(true);
        let admin = Admin::new(Metrics::new(), receiver);
        let refusal = admin
            .serve(address, CancellationToken::new())
            .await
            .unwrap_err();
        assert!(
            refusal.to_string().contains(&address.to_string()),
            "{refusal}"
        );
    }
}

//! What is counted of readers.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use prometheus::{IntCounterVec, IntGauge, Registry};

use super::Metrics;
use super::families::{add, counter, opts};
use crate::reading::{PATH_EVENTS, PATH_STATE, PATH_WHY};

/// Handles of the readers' families; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct ReaderMetrics {
    requests: IntCounterVec,
    streams: IntGauge,
}

impl ReaderMetrics {
    pub(super) fn register(registry: &Registry) -> Self {
        let requests = counter(
            registry,
            "reader_requests_total",
            "Requests of readers for events, states and pages, by route and HTTP status",
            &["route", "code"],
        );
        // Series that are looked at for being 0 must be there before anything is counted.
        for route in [PATH_EVENTS, PATH_STATE, PATH_WHY] {
            for code in ["200", "401", "403", "503"] {
                requests.with_label_values(&[route, code]);
            }
        }
        let opts = opts("reader_streams", "Streams of events that are open");
        let streams = IntGauge::with_opts(opts).expect("names are constants and valid");
        add(registry, streams.clone());
        Self { requests, streams }
    }
}

/// One open stream; it is counted until this is dropped.
#[derive(Debug)]
pub(crate) struct OpenStream(IntGauge);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// A stream was opened.
    pub(crate) fn open_stream(&self) -> OpenStream {
        self.readers.streams.inc();
        OpenStream(self.readers.streams.clone())
    }
}

/// Counts the answers of endpoints for readers. The endpoint is the path as it was registered, so
/// names of servers are no labels.
pub(crate) async fn count(
    State(metrics): State<Metrics>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let answer = next.run(request).await;
    if let Some(path) = path {
        let code = answer.status();
        let labels = [path.as_str(), code.as_str()];
        metrics.readers.requests.with_label_values(&labels).inc();
    }
    answer
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::Request;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn an_endpoint_is_counted_under_the_path_that_it_was_registered_with() {
        let metrics = Metrics::new();
        let router = Router::new()
            .route("/servers/{namespace}/{name}", get(async || "a page"))
            .route_layer(axum::middleware::from_fn_with_state(metrics.clone(), count));
        for name in ["a", "b"] {
            let path = format!("/servers/team/{name}");
            let request = Request::get(path).body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap();
        }
        let labels = ["/servers/{namespace}/{name}", "200"];
        let counted = metrics.readers.requests.with_label_values(&labels).get();
        assert_eq!(counted, 2);
    }

    #[test]
    fn a_stream_is_counted_while_it_is_open() {
        let metrics = Metrics::new();
        let open = metrics.open_stream();
        assert_eq!(metrics.readers.streams.get(), 1);
        drop(open);
        assert_eq!(metrics.readers.streams.get(), 0);
    }
}

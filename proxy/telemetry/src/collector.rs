//! A stand-in for an OTLP collector: takes OTLP/HTTP with protobuf, keeps what it got, and can be
//! made to fail. For tests of this workspace; no part of controller or proxy.

mod got;

use std::{io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
    routing::post,
};
use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
    trace::v1::ExportTraceServiceRequest,
};
use parking_lot::Mutex;
use prost::Message;
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};

use got::extend;
pub use got::{Got, MAX_KEPT, Sender, Senders, attribute, text};

/// The messages of OTLP, for who looks at what came.
pub use opentelemetry_proto::tonic as otlp;

/// Most bytes of one request that are read: what the OpenTelemetry collector takes is 20 MiB.
const MAX_REQUEST: usize = 20 * 1024 * 1024;

/// How requests are answered.
#[derive(Clone, Debug)]
pub enum Mood {
    /// They are taken.
    Takes,
    /// They are answered with this status and nothing is kept.
    Fails(StatusCode),
    /// They are taken but for this many items, in each.
    Rejects(i64),
    /// They are never answered.
    Hangs,
}

#[derive(Debug)]
struct Inner {
    got: Mutex<Got>,
    mood: Mutex<Mood>,
    came: Notify,
}

/// A collector. All clones are the same one.
#[derive(Clone, Debug)]
pub struct Collector(Arc<Inner>);

impl Default for Collector {
    fn default() -> Self {
        Self(Arc::new(Inner {
            got: Mutex::default(),
            mood: Mutex::new(Mood::Takes),
            came: Notify::new(),
        }))
    }
}

impl Collector {
    /// Its endpoints.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/v1/traces", post(traces))
            .route("/v1/logs", post(logs))
            .route("/v1/metrics", post(metrics))
            .with_state(self.clone())
    }

    /// Serves at a free port of the loopback address until the handle is aborted.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn open(&self) -> io::Result<(SocketAddr, JoinHandle<()>)> {
        self.open_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// As [`open`](Self::open), at this address.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn open_at(&self, at: SocketAddr) -> io::Result<(SocketAddr, JoinHandle<()>)> {
        let listener = TcpListener::bind(at).await?;
        let at = listener.local_addr()?;
        let router = self.router();
        let served = tokio::spawn(async move {
            // Its end is the test's.
            let _ = axum::serve(listener, router).await;
        });
        Ok((at, served))
    }

    /// Answers so from now on.
    pub fn becomes(&self, mood: Mood) {
        *self.0.mood.lock() = mood;
    }

    /// All that came.
    pub fn got(&self) -> Got {
        self.0.got.lock().clone()
    }

    /// Waits until what came is enough, and returns it. Bound it from outside.
    pub async fn until(&self, enough: impl Fn(&Got) -> bool) -> Got {
        loop {
            let came = self.0.came.notified();
            let got = self.got();
            if enough(&got) {
                return got;
            }
            came.await;
        }
    }

    async fn take(
        &self,
        request: Request,
        keep: fn(&mut Got, Bytes) -> Result<(), prost::DecodeError>,
        rejects: fn(i64) -> Vec<u8>,
    ) -> Response {
        let headers = request.headers().clone();
        let body = axum::body::to_bytes(request.into_body(), MAX_REQUEST).await;
        let mood = self.0.mood.lock().clone();
        let answer = self.keep(headers, body, keep, &mood);
        self.0.came.notify_waiters();
        if let Err(status) = answer {
            return status.into_response();
        }
        match mood {
            Mood::Hangs => std::future::pending().await,
            Mood::Rejects(items) => protobuf(rejects(items)),
            Mood::Takes | Mood::Fails(_) => protobuf(Vec::new()),
        }
    }

    fn keep(
        &self,
        headers: HeaderMap,
        body: Result<Bytes, axum::Error>,
        keep: fn(&mut Got, Bytes) -> Result<(), prost::DecodeError>,
        mood: &Mood,
    ) -> Result<(), StatusCode> {
        let mut got = self.0.got.lock();
        got.requests += 1;
        if headers
            .get(CONTENT_TYPE)
            .is_none_or(|kind| kind != "application/x-protobuf")
        {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        got.headers = headers;
        match mood {
            Mood::Fails(status) => Err(*status),
            Mood::Hangs => Ok(()),
            Mood::Takes | Mood::Rejects(_) => {
                let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
                keep(&mut got, body).map_err(|_| StatusCode::BAD_REQUEST)
            }
        }
    }
}

fn protobuf(body: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "application/x-protobuf")], body).into_response()
}

async fn traces(State(collector): State<Collector>, request: Request) -> Response {
    use otlp::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};
    let keep = |got: &mut Got, body| {
        for from in ExportTraceServiceRequest::decode(body)?.resource_spans {
            let sender = got.from(from.resource);
            let spans = from.scope_spans.into_iter().flat_map(|scope| scope.spans);
            extend((&mut got.spans, &mut got.senders.spans), spans, &sender);
        }
        Ok(())
    };
    let rejects = |rejected_spans| {
        let partly = ExportTracePartialSuccess {
            rejected_spans,
            ..Default::default()
        };
        ExportTraceServiceResponse {
            partial_success: Some(partly),
        }
        .encode_to_vec()
    };
    collector.take(request, keep, rejects).await
}

async fn logs(State(collector): State<Collector>, request: Request) -> Response {
    use otlp::collector::logs::v1::{ExportLogsPartialSuccess, ExportLogsServiceResponse};
    let keep = |got: &mut Got, body| {
        for from in ExportLogsServiceRequest::decode(body)?.resource_logs {
            let sender = got.from(from.resource);
            let records = from
                .scope_logs
                .into_iter()
                .flat_map(|scope| scope.log_records);
            extend(
                (&mut got.records, &mut got.senders.records),
                records,
                &sender,
            );
        }
        Ok(())
    };
    let rejects = |rejected_log_records| {
        let partly = ExportLogsPartialSuccess {
            rejected_log_records,
            ..Default::default()
        };
        ExportLogsServiceResponse {
            partial_success: Some(partly),
        }
        .encode_to_vec()
    };
    collector.take(request, keep, rejects).await
}

async fn metrics(State(collector): State<Collector>, request: Request) -> Response {
    use otlp::collector::metrics::v1::{ExportMetricsPartialSuccess, ExportMetricsServiceResponse};
    let keep = |got: &mut Got, body| {
        for from in ExportMetricsServiceRequest::decode(body)?.resource_metrics {
            let sender = got.from(from.resource);
            let metrics = from
                .scope_metrics
                .into_iter()
                .flat_map(|scope| scope.metrics);
            extend(
                (&mut got.metrics, &mut got.senders.metrics),
                metrics,
                &sender,
            );
        }
        Ok(())
    };
    let rejects = |rejected_data_points| {
        let partly = ExportMetricsPartialSuccess {
            rejected_data_points,
            ..Default::default()
        };
        ExportMetricsServiceResponse {
            partial_success: Some(partly),
        }
        .encode_to_vec()
    };
    collector.take(request, keep, rejects).await
}

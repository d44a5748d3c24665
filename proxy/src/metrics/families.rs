//! Every metric family: its name, its help, its labels, its buckets.
//!
//! Label values are enums or, for tools, the first [`super::MAX_TOOLS`] names that the server
//! itself answered well. Families of MCP operations have the names of the OpenTelemetry semantic
//! conventions for MCP, written as Prometheus writes them.

use prometheus::{
    Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry,
};

use super::maker::{CALL_BUCKETS, Maker, SESSION_BUCKETS, timed};

/// Time from a client's request to its answer.
pub(super) const OPERATION: &str = "mcp_server_operation_duration_seconds";

/// Handles of every family.
#[derive(Debug)]
pub(super) struct Families {
    pub(super) mcp: McpFamilies,
    pub(super) server: ServerFamilies,
    pub(super) http: HttpFamilies,
    pub(super) now: GaugeFamilies,
}

impl Families {
    pub(super) fn register(registry: &Registry) -> Self {
        let maker = Maker(registry);
        Self {
            mcp: McpFamilies::register(&maker),
            server: ServerFamilies::register(&maker),
            http: HttpFamilies::register(&maker),
            now: GaugeFamilies::register(&maker),
        }
    }
}

/// Sessions and messages.
#[derive(Debug)]
pub(super) struct McpFamilies {
    pub(super) operation: HistogramVec,
    pub(super) requests: IntCounterVec,
    pub(super) session: HistogramVec,
    pub(super) sessions_opened: IntCounterVec,
    pub(super) ask: HistogramVec,
    pub(super) notifications: IntCounterVec,
    pub(super) dropped: IntCounterVec,
    pub(super) refusals: IntCounterVec,
    pub(super) resumptions: IntCounterVec,
    pub(super) overflow: IntCounterVec,
}

impl McpFamilies {
    fn register(make: &Maker<'_>) -> Self {
        let operation = timed(
            OPERATION,
            "Time from a client's request to its answer.",
            CALL_BUCKETS,
        );
        let session = timed(
            "mcp_server_session_duration_seconds",
            "Life of client sessions that are over.",
            SESSION_BUCKETS,
        );
        let ask = timed(
            "hivewright_proxy_ask_duration_seconds",
            "Time from a server's request to a client's answer.",
            CALL_BUCKETS,
        );
        let counters = |name, help, labels: &[&str]| make.counters(name, help, labels);
        Self {
            operation: make.histograms(
                operation,
                &["mcp_method_name", "gen_ai_tool_name", "error_type"],
            ),
            requests: counters(
                "hivewright_proxy_requests_total",
                "Requests of clients that are over, by how they ended.",
                &["outcome"],
            ),
            session: make.histograms(session, &["door", "reason"]),
            ask: make.histograms(ask, &["mcp_method_name", "outcome"]),
            sessions_opened: counters(
                "hivewright_proxy_sessions_opened_total",
                "Sessions opened.",
                &["door", "revision"],
            ),
            notifications: counters(
                "hivewright_proxy_notifications_total",
                "Notifications passed on.",
                &["from", "mcp_method_name"],
            ),
            dropped: counters(
                "hivewright_proxy_dropped_messages_total",
                "Messages that had nowhere to go.",
                &["from", "reason"],
            ),
            refusals: counters(
                "hivewright_proxy_refusals_total",
                "Requests refused to clients.",
                &["reason"],
            ),
            resumptions: counters(
                "hivewright_proxy_resumptions_total",
                "Clients that came back to a stream, by what became of it; lost: a listener began anew.",
                &["outcome"],
            ),
            overflow: counters(
                "hivewright_proxy_overflow_total",
                "Times that a bound was reached.",
                &["queue"],
            ),
        }
    }
}

/// The server process.
#[derive(Debug)]
pub(super) struct ServerFamilies {
    pub(super) restarts: IntCounterVec,
    pub(super) lost_calls: IntCounter,
    pub(super) handshake: Histogram,
    pub(super) garbage: IntCounter,
    pub(super) stderr: IntCounter,
    pub(super) started: IntGauge,
}

impl ServerFamilies {
    fn register(make: &Maker<'_>) -> Self {
        let handshake = timed(
            "hivewright_proxy_handshake_seconds",
            "Time from initialize to the server's answer.",
            CALL_BUCKETS,
        );
        Self {
            restarts: make.counters(
                "hivewright_proxy_server_restarts_total",
                "Server processes lost, each to be replaced; renewed: given up after the session that had it to itself, which is no fault.",
                &["reason"],
            ),
            lost_calls: make.counter(
                "hivewright_proxy_lost_calls_total",
                "Calls that failed because their server process was lost.",
            ),
            handshake: make.histogram(handshake),
            garbage: make.counter(
                "hivewright_proxy_stdout_garbage_lines_total",
                "Lines of the server's stdout that were no message.",
            ),
            stderr: make.counter(
                "hivewright_proxy_stderr_lines_total",
                "Lines of the server's stderr.",
            ),
            started: make.gauge(
                "hivewright_proxy_start_time_seconds",
                "When the proxy's process started, in seconds since 1970.",
            ),
        }
    }
}

/// The doors.
#[derive(Debug)]
pub(super) struct HttpFamilies {
    pub(super) requests: IntCounterVec,
    pub(super) bytes_in: IntCounterVec,
    pub(super) bytes_out: IntCounterVec,
}

impl HttpFamilies {
    fn register(make: &Maker<'_>) -> Self {
        Self {
            requests: make.counters(
                "hivewright_proxy_http_requests_total",
                "HTTP exchanges that are over, by status class; gone: the client left first.",
                &["door", "status"],
            ),
            bytes_in: make.counters(
                "hivewright_proxy_http_request_bytes_total",
                "Bytes of request bodies.",
                &["door"],
            ),
            bytes_out: make.counters(
                "hivewright_proxy_http_response_bytes_total",
                "Bytes of response bodies.",
                &["door"],
            ),
        }
    }
}

/// What is measured at the scrape.
#[derive(Debug)]
pub(super) struct GaugeFamilies {
    pub(super) server_up: IntGauge,
    pub(super) pods: IntGauge,
    pub(super) pod_up: IntGaugeVec,
    pub(super) pod_sessions: IntGaugeVec,
    pub(super) sessions: IntGauge,
    pub(super) pending: IntGauge,
    pub(super) held: IntGauge,
    pub(super) held_bytes: IntGauge,
    pub(super) asks: IntGauge,
    pub(super) subscriptions: IntGauge,
    pub(super) visits: IntGauge,
    pub(super) parked: IntGauge,
    pub(super) listens: IntGauge,
    pub(super) streams: IntGaugeVec,
    pub(super) stream_bytes: IntGauge,
    pub(super) stdin_lines: IntGauge,
    pub(super) stdin_bytes: IntGauge,
}

impl GaugeFamilies {
    fn register(make: &Maker<'_>) -> Self {
        let gauge = |name, help| make.gauge(name, help);
        Self {
            server_up: gauge(
                "hivewright_proxy_server_up",
                "Pods whose server is initialized; with one pod 1 or 0.",
            ),
            pods: gauge("hivewright_proxy_pods", "Pods that are served."),
            pod_up: make.gauges(
                "hivewright_proxy_pod_up",
                "1 while the pod's server is initialized, by the pod's ordinal.",
                &["ordinal"],
            ),
            pod_sessions: make.gauges(
                "hivewright_proxy_pod_sessions",
                "Sessions that belong to the pod, by its ordinal.",
                &["ordinal"],
            ),
            sessions: gauge("hivewright_proxy_sessions", "Sessions open."),
            pending: gauge("hivewright_proxy_pending_requests", "Calls at the server."),
            held: gauge(
                "hivewright_proxy_held_requests",
                "Calls held until a server is up.",
            ),
            held_bytes: gauge("hivewright_proxy_held_bytes", "Bytes of held calls."),
            asks: gauge(
                "hivewright_proxy_pending_asks",
                "Requests of the server at clients.",
            ),
            subscriptions: gauge("hivewright_proxy_subscriptions", "Resources subscribed to."),
            visits: gauge(
                "hivewright_proxy_visits",
                "Requests without a session that are open, parked ones and listens included.",
            ),
            parked: gauge(
                "hivewright_proxy_parked_calls",
                "Calls at the server that wait for their clients to come back.",
            ),
            listens: gauge(
                "hivewright_proxy_listens",
                "Open subscriptions/listen requests.",
            ),
            streams: make.gauges(
                "hivewright_proxy_streams",
                "Streams to clients, open or kept for clients that are away.",
                &["kind"],
            ),
            stream_bytes: gauge(
                "hivewright_proxy_stream_queue_bytes",
                "Bytes that wait on, or are kept for, streams to clients.",
            ),
            stdin_lines: gauge(
                "hivewright_proxy_stdin_queue_lines",
                "Lines that wait for the server to read them.",
            ),
            stdin_bytes: gauge(
                "hivewright_proxy_stdin_queue_bytes",
                "Bytes that wait for the server to read them.",
            ),
        }
    }
}

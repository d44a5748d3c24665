//! Every metric family: its name, its help, its labels, its buckets.
//!
//! Label values are enums or, for tools, the first [`super::MAX_TOOLS`] names that the server
//! itself answered well. Families of MCP operations have the names of the OpenTelemetry semantic
//! conventions for MCP, written as Prometheus writes them.

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, core::Collector,
};

/// Seconds. From half a millisecond, which a call through the proxy alone takes, to the five
/// minutes of a research tool.
const CALL_BUCKETS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    60.0, 120.0, 300.0,
];
/// Seconds. From a probe to a day.
const SESSION_BUCKETS: &[f64] =
    &[0.1, 1.0, 10.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 43_200.0, 86_400.0];

/// Handles of every family.
#[derive(Debug)]
pub(super) struct Families {
    pub(super) operation: HistogramVec,
    pub(super) session: HistogramVec,
    pub(super) sessions_opened: IntCounterVec,
    pub(super) ask: HistogramVec,
    pub(super) notifications: IntCounterVec,
    pub(super) dropped: IntCounterVec,
    pub(super) refusals: IntCounterVec,
    pub(super) overflow: IntCounterVec,
    pub(super) garbage: IntCounter,
    pub(super) stderr: IntCounter,
    pub(super) handshake: Histogram,
    pub(super) server_up: IntGauge,
    pub(super) server_losses: IntCounterVec,
    pub(super) lost_calls: IntCounter,
    pub(super) http: IntCounterVec,
    pub(super) http_in: IntCounterVec,
    pub(super) http_out: IntCounterVec,
    pub(super) sessions: IntGauge,
    pub(super) pending: IntGauge,
    pub(super) held: IntGauge,
    pub(super) held_bytes: IntGauge,
    pub(super) asks: IntGauge,
    pub(super) subscriptions: IntGauge,
    pub(super) streams: IntGaugeVec,
    pub(super) stdin_lines: IntGauge,
    pub(super) stdin_bytes: IntGauge,
}

impl Families {
    /// Makes and registers all of them.
    pub(super) fn register(registry: &Registry) -> Self {
        let r = Maker(registry);
        Self {
            operation: r.histograms(
                ("mcp_server_operation_duration_seconds", "Time from a client's request to its answer."),
                &["mcp_method_name", "gen_ai_tool_name", "error_type"],
                CALL_BUCKETS,
            ),
            session: r.histograms(
                ("mcp_server_session_duration_seconds", "Life of client sessions."),
                &["door", "reason"],
                SESSION_BUCKETS,
            ),
            sessions_opened: r.counters(
                ("hivewright_proxy_sessions_opened_total", "Sessions opened."),
                &["door", "revision"],
            ),
            ask: r.histograms(
                ("hivewright_proxy_ask_duration_seconds", "Time from a server's request to its answer."),
                &["mcp_method_name", "outcome"],
                CALL_BUCKETS,
            ),
            notifications: r.counters(
                ("hivewright_proxy_notifications_total", "Notifications passed on."),
                &["from", "mcp_method_name"],
            ),
            dropped: r.counters(
                ("hivewright_proxy_dropped_messages_total", "Messages that had nowhere to go."),
                &["from", "reason"],
            ),
            refusals: r.counters(
                ("hivewright_proxy_refusals_total", "Requests refused to clients."),
                &["reason"],
            ),
            overflow: r.counters(
                ("hivewright_proxy_overflow_total", "Times that a bound was reached."),
                &["queue"],
            ),
            garbage: r.counter(
                "hivewright_proxy_stdout_garbage_lines_total",
                "Lines of the server's stdout that were no message.",
            ),
            stderr: r.counter(
                "hivewright_proxy_stderr_lines_total",
                "Lines of the server's stderr.",
            ),
            handshake: r.histogram(
                "hivewright_proxy_handshake_seconds",
                "Time from initialize to the server's answer.",
            ),
            server_up: r.gauge("hivewright_proxy_server_up", "1 while the server is initialized."),
            server_losses: r.counters(
                ("hivewright_proxy_server_restarts_total", "Server processes lost, each to be replaced."),
                &["reason"],
            ),
            lost_calls: r.counter(
                "hivewright_proxy_lost_calls_total",
                "Calls that failed because their server process was lost.",
            ),
            http: r.counters(
                ("hivewright_proxy_http_requests_total", "HTTP exchanges that are over."),
                &["door", "status"],
            ),
            http_in: r.counters(
                ("hivewright_proxy_http_request_bytes_total", "Bytes of request bodies."),
                &["door"],
            ),
            http_out: r.counters(
                ("hivewright_proxy_http_response_bytes_total", "Bytes of response bodies."),
                &["door"],
            ),
            sessions: r.gauge("hivewright_proxy_sessions", "Sessions open."),
            pending: r.gauge("hivewright_proxy_pending_requests", "Calls at the server."),
            held: r.gauge("hivewright_proxy_held_requests", "Calls held until a server is up."),
            held_bytes: r.gauge("hivewright_proxy_held_bytes", "Bytes of held calls."),
            asks: r.gauge("hivewright_proxy_pending_asks", "Server requests at clients."),
            subscriptions: r.gauge("hivewright_proxy_subscriptions", "Resources subscribed to."),
            streams: r.gauges(
                ("hivewright_proxy_streams", "Open streams to clients."),
                &["kind"],
            ),
            stdin_lines: r.gauge(
                "hivewright_proxy_stdin_queue_lines",
                "Lines that wait for the server to read them.",
            ),
            stdin_bytes: r.gauge(
                "hivewright_proxy_stdin_queue_bytes",
                "Bytes that wait for the server to read them.",
            ),
        }
    }
}

/// Makes families in one registry. Names and labels are constants, so that none can be refused.
struct Maker<'a>(&'a Registry);

const VALID: &str = "names and labels of metrics are valid constants, each used once";

impl Maker<'_> {
    fn register<C: Collector + Clone + 'static>(&self, made: prometheus::Result<C>) -> C {
        let family = made.expect(VALID);
        self.0.register(Box::new(family.clone())).expect(VALID);
        family
    }

    fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.register(IntCounter::new(name, help))
    }

    fn counters(&self, (name, help): (&str, &str), labels: &[&str]) -> IntCounterVec {
        self.register(IntCounterVec::new(Opts::new(name, help), labels))
    }

    fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.register(IntGauge::new(name, help))
    }

    fn gauges(&self, (name, help): (&str, &str), labels: &[&str]) -> IntGaugeVec {
        self.register(IntGaugeVec::new(Opts::new(name, help), labels))
    }

    fn histogram(&self, name: &str, help: &str) -> Histogram {
        let opts = HistogramOpts::new(name, help).buckets(CALL_BUCKETS.to_vec());
        self.register(Histogram::with_opts(opts))
    }

    fn histograms(
        &self,
        (name, help): (&str, &str),
        labels: &[&str],
        buckets: &[f64],
    ) -> HistogramVec {
        let opts = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        self.register(HistogramVec::new(opts, labels))
    }
}

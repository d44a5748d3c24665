//! The proxy of one server: its sessions, its doors, its waits and its bounds.

use super::ask::{CALLS, DURATION, mean, quantile, rate, rise, total};
use super::board::{Board, Row, row};
use super::panel::{heat, series, stat};
use super::server::CHOSEN;
use super::unit::Unit;
use super::variable::{NAMESPACE, SERVER, Variable};

pub(super) fn board() -> Board {
    Board {
        name: "proxy",
        title: "Proxy sessions and latencies",
        description: "The proxy of one MCP server: its sessions, its doors, its waits and its bounds.",
        from: "now-1h",
        variables: &[Variable::Source, NAMESPACE, SERVER],
        chosen: CHOSEN,
        rows: vec![
            now(),
            sessions(),
            latencies(),
            doors(),
            messages(),
            bounds(),
            own(),
        ],
    }
}

fn now() -> Row {
    row(
        "Now",
        [
            stat("Sessions", Unit::Count, "Open sessions of clients.").ask(total("hivewright_proxy_sessions", ""), "sessions"),
            stat("Requests without a session", Unit::Count, "Open requests of the stateless revision, those that wait for their clients included.")
                .ask(total("hivewright_proxy_visits", ""), "visits"),
            stat("Calls at the server", Unit::Count, "Calls that the server has and has not answered.")
                .ask(total("hivewright_proxy_pending_requests", ""), "calls"),
            stat("Calls held", Unit::Count, "Calls that wait until a server is up.")
                .ask(total("hivewright_proxy_held_requests", ""), "held"),
            stat("Questions at clients", Unit::Count, "Requests of the server that clients have and have not answered.")
                .ask(total("hivewright_proxy_pending_asks", ""), "questions"),
            stat("Slow calls", Unit::Seconds, "99 of 100 calls are answered within this time.")
                .ask(quantile("0.99", DURATION, "", ""), "p99")
                .steps(super::panel::A_PERSON_WAITS),
        ],
    )
}

fn sessions() -> Row {
    row(
        "Sessions",
        [
            series("Sessions by pod", Unit::Count, "Open sessions, by the ordinal of the pod that has them.")
                .ask(total("hivewright_proxy_pod_sessions", "ordinal"), "pod {{ordinal}}")
                .stacked(),
            series("Sessions opened", Unit::Rate, "Sessions that clients opened, by door and revision of MCP.")
                .ask(rate("hivewright_proxy_sessions_opened_total", "door, revision", ""), "{{door}} {{revision}}")
                .stacked(),
            series("Sessions ended", Unit::Rate, "Sessions that are over, by door and why.")
                .ask(rate("mcp_server_session_duration_seconds_count", "door, reason", ""), "{{door}} {{reason}}")
                .stacked(),
            heat("Life of sessions", "How many sessions lasted how long, counted when they end.")
                .ask(super::ask::heat("mcp_server_session_duration_seconds"), "{{le}}"),
            series("Streams", Unit::Count, "Streams to clients, open or kept for clients that are away, by kind.")
                .ask(total("hivewright_proxy_streams", "kind"), "{{kind}}")
                .stacked(),
            series("Clients that came back", Unit::Count, "Clients that went on with a stream, by what became of it.")
                .ask(rise("hivewright_proxy_resumptions_total", "outcome", ""), "{{outcome}}")
                .events(),
            series("Subscriptions and listeners", Unit::Count, "Resources that are subscribed to, open subscriptions/listen requests, calls that wait for clients to come back.")
                .ask(total("hivewright_proxy_subscriptions", ""), "resources")
                .ask(total("hivewright_proxy_listens", ""), "listeners")
                .ask(total("hivewright_proxy_parked_calls", ""), "parked calls"),
            series("Questions to clients", Unit::Rate, "Requests of the server that clients answered or not, by method and outcome.")
                .ask(rate("hivewright_proxy_ask_duration_seconds_count", "mcp_method_name, outcome", ""), "{{mcp_method_name}} {{outcome}}")
                .stacked(),
            series("Time of a question", Unit::Seconds, "Time from a server's request to a client's answer, by method.")
                .ask(quantile("0.99", "hivewright_proxy_ask_duration_seconds", "mcp_method_name", ""), "{{mcp_method_name}} p99"),
        ],
    )
}

fn latencies() -> Row {
    row(
        "Latencies",
        [
            series(
                "Time of a call",
                Unit::Seconds,
                "Time from a client's request to its answer.",
            )
            .spread(DURATION)
            .size(12, 8),
            heat("Calls by time", "How many calls took how long.")
                .ask(super::ask::heat(DURATION), "{{le}}")
                .size(12, 8),
            series(
                "Slow calls by method",
                Unit::Seconds,
                "99 of 100 calls are answered within this time, by MCP method.",
            )
            .ask(
                quantile("0.99", DURATION, "mcp_method_name", ""),
                "{{mcp_method_name}}",
            ),
            series(
                "Slow calls by tool",
                Unit::Seconds,
                "99 of 100 calls of a tool are answered within this time.",
            )
            .ask(
                quantile(
                    "0.99",
                    DURATION,
                    "gen_ai_tool_name",
                    "gen_ai_tool_name!=\"\"",
                ),
                "{{gen_ai_tool_name}}",
            ),
            series(
                "Mean time by outcome",
                Unit::Seconds,
                "Mean time of calls by the kind of their error; without a kind: answered well.",
            )
            .ask(mean(DURATION, "error_type"), "{{error_type}}"),
        ],
    )
}

/// What the proxy itself needs and sends.
fn own() -> Row {
    let api = "hivewright_backend_api_requests_total";
    row(
        "The proxy itself",
        [
            series("Age of the process", Unit::Seconds, "Time since the proxy's process began; it falls to 0 when the proxy is replaced.")
                .ask("time() - max by (pod) (hivewright_proxy_start_time_seconds{@})", "{{pod}}"),
            series("Requests to the API server", Unit::Count, "Requests of the proxy to the API server, by code; tls: no trust, error: no answer came.")
                .ask(rise(api, "code", ""), "{{code}}")
                .events(),
            series("Telemetry sent", Unit::Rate, "Spans, log records and data points that the OTLP collector took, by signal.")
                .ask(rate("hivewright_telemetry_exported_total", "signal", ""), "{{signal}}")
                .stacked(),
            series("Telemetry lost", Unit::Count, "Spans, log records and data points that no OTLP collector got, by signal and why.")
                .ask(rise("hivewright_telemetry_dropped_total", "signal, reason", ""), "{{signal}} {{reason}}")
                .events(),
        ],
    )
}

fn doors() -> Row {
    row(
        "Doors",
        [
            series("HTTP requests", Unit::Calls, "HTTP exchanges that are over, by door and status; gone: the client left before it had an answer.")
                .ask(rate("hivewright_proxy_http_requests_total", "door, status", ""), "{{door}} {{status}}")
                .stacked(),
            series("Bytes from clients", Unit::Throughput, "Bytes of request bodies, by door.")
                .ask(rate("hivewright_proxy_http_request_bytes_total", "door", ""), "{{door}}")
                .stacked(),
            series("Bytes to clients", Unit::Throughput, "Bytes of response bodies, by door.")
                .ask(rate("hivewright_proxy_http_response_bytes_total", "door", ""), "{{door}}")
                .stacked(),
        ],
    )
}

fn messages() -> Row {
    row(
        "Messages",
        [
            series("Requests by outcome", Unit::Calls, "Requests of clients that are over, by how they ended; lost, unavailable and timed_out count against availability.")
                .ask(rate("hivewright_proxy_requests_total", "outcome", ""), "{{outcome}}")
                .stacked(),
            series(
                "Calls by method",
                Unit::Calls,
                "Calls of clients, by MCP method.",
            )
            .ask(rate(CALLS, "mcp_method_name", ""), "{{mcp_method_name}}")
            .stacked(),
            series(
                "Notifications",
                Unit::Rate,
                "Notifications passed on, by who sent them and method.",
            )
            .ask(
                rate(
                    "hivewright_proxy_notifications_total",
                    "from, mcp_method_name",
                    "",
                ),
                "{{from}} {{mcp_method_name}}",
            )
            .stacked(),
            series(
                "Messages dropped",
                Unit::Count,
                "Messages that had nowhere to go, by who sent them and why.",
            )
            .ask(
                rise(
                    "hivewright_proxy_dropped_messages_total",
                    "from, reason",
                    "",
                ),
                "{{from}} {{reason}}",
            )
            .events(),
        ],
    )
}

fn bounds() -> Row {
    row(
        "Queues and bounds",
        [
            series(
                "Calls that wait",
                Unit::Count,
                "Calls at the server, and calls held until a server is up.",
            )
            .ask(
                total("hivewright_proxy_pending_requests", ""),
                "at the server",
            )
            .ask(total("hivewright_proxy_held_requests", ""), "held"),
            series(
                "Lines that wait for the server",
                Unit::Count,
                "Lines that the server has not read yet.",
            )
            .ask(total("hivewright_proxy_stdin_queue_lines", ""), "lines"),
            series(
                "Bytes that wait",
                Unit::Bytes,
                "Bytes that wait for the server, on streams to clients, or with held calls.",
            )
            .ask(
                total("hivewright_proxy_stdin_queue_bytes", ""),
                "to the server",
            )
            .ask(
                total("hivewright_proxy_stream_queue_bytes", ""),
                "to clients",
            )
            .ask(total("hivewright_proxy_held_bytes", ""), "held"),
            series(
                "Bounds reached",
                Unit::Count,
                "Times that a queue or a number of something was at its bound, by which.",
            )
            .ask(
                rise("hivewright_proxy_overflow_total", "queue", ""),
                "{{queue}}",
            )
            .events()
            .size(12, 8),
            series(
                "Requests refused",
                Unit::Calls,
                "Requests of clients that the proxy refused, by reason.",
            )
            .ask(
                rate("hivewright_proxy_refusals_total", "reason", ""),
                "{{reason}}",
            )
            .stacked()
            .size(12, 8),
        ],
    )
}

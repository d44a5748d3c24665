//! What waits, what is refused, and what the proxy itself needs.

use crate::dashboards::ask::{CALLS, rate, rise, total};
use crate::dashboards::board::{Row, row};
use crate::dashboards::panel::series;
use crate::dashboards::shared::telemetry;
use crate::dashboards::unit::Unit;

pub(super) fn messages() -> Row {
    row(
        "Messages",
        [
            series(
                "Requests by outcome",
                Unit::Calls,
                "Requests of clients that are over, by how they ended; lost, \
                 unavailable and timed_out count against availability.",
            )
            .ask(
                rate("hivewright_proxy_requests_total", "outcome", ""),
                "{{outcome}}",
            )
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
        ]
        .map(|panel| panel.size(6, 8)),
    )
}

pub(super) fn bounds() -> Row {
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
                "Bytes that wait for the server, on streams to clients, or with held \
                 calls.",
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
                "Times that a queue or a number of something was at its bound, by \
                 which.",
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

/// What the proxy itself needs and sends.
pub(super) fn own() -> Row {
    let [telemetry_sent, telemetry_lost] = telemetry();
    let api = "hivewright_backend_api_requests_total";
    row(
        "The proxy itself",
        [
            series(
                "Age of the process",
                Unit::Seconds,
                "Time since the proxy's process began; it falls to 0 when the proxy \
                 is replaced.",
            )
            .ask(
                "time() - max by (pod) (hivewright_proxy_start_time_seconds{@})",
                "{{pod}}",
            ),
            series(
                "Requests to the API server",
                Unit::Count,
                "Requests of the proxy to the API server, by code; tls: no trust, \
                 error: no answer came.",
            )
            .ask(rise(api, "code", ""), "{{code}}")
            .events(),
            telemetry_sent,
            telemetry_lost,
        ]
        .map(|panel| panel.size(6, 8)),
    )
}

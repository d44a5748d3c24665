//! Sessions of clients, their streams, and what they are asked.

use crate::dashboards::ask::{quantile, rate, rise, total};
use crate::dashboards::board::{Row, row};
use crate::dashboards::panel::{Panel, heat, series};
use crate::dashboards::unit::Unit;

pub(super) fn sessions() -> Row {
    row("Sessions", [begun(), inside()].concat())
}

/// Sessions that begin and end.
fn begun() -> Vec<Panel> {
    vec![
        series(
            "Sessions by pod",
            Unit::Count,
            "Open sessions, by the ordinal of the pod that has them.",
        )
        .ask(
            total("hivewright_proxy_pod_sessions", "ordinal"),
            "pod {{ordinal}}",
        )
        .stacked(),
        series(
            "Sessions opened",
            Unit::Rate,
            "Sessions that clients opened, by door and revision of MCP.",
        )
        .ask(
            rate(
                "hivewright_proxy_sessions_opened_total",
                "door, revision",
                "",
            ),
            "{{door}} {{revision}}",
        )
        .stacked(),
        series(
            "Sessions ended",
            Unit::Rate,
            "Sessions that are over, by door and why.",
        )
        .ask(
            rate(
                "mcp_server_session_duration_seconds_count",
                "door, reason",
                "",
            ),
            "{{door}} {{reason}}",
        )
        .stacked(),
        heat(
            "Life of sessions",
            "How many sessions lasted how long, counted when they end.",
        )
        .ask(
            crate::dashboards::ask::heat("mcp_server_session_duration_seconds"),
            "{{le}}",
        ),
    ]
}

/// What goes on inside of sessions.
fn inside() -> Vec<Panel> {
    vec![
        series(
            "Streams",
            Unit::Count,
            "Streams to clients, open or kept for clients that are away, by kind.",
        )
        .ask(total("hivewright_proxy_streams", "kind"), "{{kind}}")
        .stacked(),
        series(
            "Clients that came back",
            Unit::Count,
            "Clients that went on with a stream, by what became of it.",
        )
        .ask(
            rise("hivewright_proxy_resumptions_total", "outcome", ""),
            "{{outcome}}",
        )
        .events(),
        series(
            "Subscriptions and listeners",
            Unit::Count,
            "Resources that are subscribed to, open subscriptions/listen \
                 requests, calls that wait for clients to come back.",
        )
        .ask(total("hivewright_proxy_subscriptions", ""), "resources")
        .ask(total("hivewright_proxy_listens", ""), "listeners")
        .ask(total("hivewright_proxy_parked_calls", ""), "parked calls"),
        series(
            "Questions to clients",
            Unit::Rate,
            "Requests of the server that clients answered or not, by method and \
                 outcome.",
        )
        .ask(
            rate(
                "hivewright_proxy_ask_duration_seconds_count",
                "mcp_method_name, outcome",
                "",
            ),
            "{{mcp_method_name}} {{outcome}}",
        )
        .stacked(),
        series(
            "Time of a question",
            Unit::Seconds,
            "Time from a server's request to a client's answer, by method.",
        )
        .ask(
            quantile(
                "0.99",
                "hivewright_proxy_ask_duration_seconds",
                "mcp_method_name",
                "",
            ),
            "{{mcp_method_name}} p99",
        ),
    ]
}

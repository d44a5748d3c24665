//! The processes of a server, the way to them, and their way out.

use super::RESTARTS;
use crate::dashboards::ask::{quantile, rate, rise, total};
use crate::dashboards::board::{Row, row};
use crate::dashboards::panel::{Panel, series};
use crate::dashboards::unit::Unit;

pub(super) fn processes() -> Row {
    row("Processes", [alive(), speaking()].concat())
}

/// Processes that come and go.
fn alive() -> Vec<Panel> {
    vec![
        series(
            "Pods",
            Unit::Count,
            "Pods that the proxy serves, and those of them whose server is \
                 initialized.",
        )
        .ask(total("hivewright_proxy_pods", ""), "served")
        .ask(total("hivewright_proxy_server_up", ""), "answer"),
        series(
            "Processes begun",
            Unit::Count,
            "Server processes that the proxy began to speak with.",
        )
        .ask(rise("hivewright_backend_starts_total", "", ""), "begun")
        .events(),
        series(
            "Processes lost",
            Unit::Count,
            "Server processes that ended or could not be reached any more, by \
                 reason; renewed: on purpose.",
        )
        .ask(rise(RESTARTS, "reason", ""), "{{reason}}")
        .events(),
    ]
}

/// What processes say.
fn speaking() -> Vec<Panel> {
    vec![
        series(
            "Time of a handshake",
            Unit::Seconds,
            "Time from initialize to the server's answer.",
        )
        .ask(
            quantile("0.5", "hivewright_proxy_handshake_seconds", "", ""),
            "p50",
        )
        .ask(
            quantile("0.99", "hivewright_proxy_handshake_seconds", "", ""),
            "p99",
        ),
        series(
            "Calls lost with a process",
            Unit::Count,
            "Calls that failed because their server's process was lost.",
        )
        .ask(rise("hivewright_proxy_lost_calls_total", "", ""), "lost")
        .events(),
        series(
            "Lines that are no message",
            Unit::Rate,
            "Lines of the server's stdout that were dropped, and lines of its \
                 stderr.",
        )
        .ask(
            rate("hivewright_proxy_stdout_garbage_lines_total", "", ""),
            "stdout, dropped",
        )
        .ask(
            rate("hivewright_proxy_stderr_lines_total", "", ""),
            "stderr",
        ),
    ]
}

pub(super) fn attach() -> Row {
    row(
        "The way to the process",
        [
            series(
                "Connections that broke",
                Unit::Count,
                "Attach connections that broke, by what became of them; recovered: \
                 nothing was lost.",
            )
            .ask(
                rise("hivewright_backend_attach_recoveries_total", "outcome", ""),
                "{{outcome}}",
            )
            .events(),
            series(
                "Attempts that failed",
                Unit::Count,
                "Attempts to attach to the server's container that failed, and pods \
                 deleted to get a fresh process, by reason.",
            )
            .ask(
                rise("hivewright_backend_attach_failures_total", "", ""),
                "not attached",
            )
            .ask(
                rise("hivewright_backend_replacements_total", "reason", ""),
                "pod deleted: {{reason}}",
            )
            .events(),
            series(
                "Time without the process",
                Unit::Seconds,
                "Time from a break of the connection until the server was spoken with \
                 again.",
            )
            .ask(
                quantile("0.5", "hivewright_backend_attach_break_seconds", "", ""),
                "p50",
            )
            .ask(
                quantile("0.99", "hivewright_backend_attach_break_seconds", "", ""),
                "p99",
            ),
        ],
    )
}

pub(super) fn egress() -> Row {
    row(
        "Egress gateway",
        [
            series(
                "Egress requests",
                Unit::Calls,
                "Requests of the server to the egress gateway, by how they ended.",
            )
            .ask(
                rate("hivewright_egress_requests_total", "outcome", ""),
                "{{outcome}}",
            )
            .stacked(),
            series(
                "Egress bytes",
                Unit::Throughput,
                "Bytes between the server and the world outside.",
            )
            .ask(
                rate("hivewright_egress_bytes_total", "direction", ""),
                "{{direction}}",
            ),
            series(
                "Egress tunnels",
                Unit::Count,
                "Open connections through the gateway.",
            )
            .ask(total("hivewright_egress_tunnels", ""), "tunnels"),
        ],
    )
}

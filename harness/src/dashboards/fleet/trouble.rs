//! What goes wrong, over all servers.

use super::{OF_SERVER, SERVER, UNMET};
use crate::dashboards::ask::{rate, rise};
use crate::dashboards::board::{Row, row};
use crate::dashboards::panel::{Link, Panel, bars, series};
use crate::dashboards::unit::Unit;

pub(super) fn trouble() -> Row {
    row("Trouble", [of_servers(), of_calls(), of_bounds()].concat())
}

/// As the controller sees it.
fn of_servers() -> Vec<Panel> {
    vec![
        bars(
            "Conditions that are not met",
            Unit::Count,
            "MCPServers of which a condition is not met now, by condition and \
                 reason.",
        )
        .ask(UNMET, "{{condition}}: {{reason}}")
        .size(24, 7),
        series(
            "Ceased to answer",
            Unit::Count,
            "MCPServers that ceased to be ready, by reason; all namespaces.",
        )
        .ask(
            "sum by (reason) \
                 (increase(hivewright_controller_servers_lost_readiness_total[$__rate_interval]))",
            "{{reason}}",
        )
        .events(),
        series(
            "Pods that cannot run",
            Unit::Count,
            "Server pods that could not start, or were ended, by reason; all \
                 namespaces.",
        )
        .ask(warnings(CANNOT_RUN), "{{reason}}")
        .events(),
        series(
            "Handshakes that failed",
            Unit::Count,
            "Servers that run and yet do not speak MCP as the MCPServer says, by \
                 reason; all namespaces.",
        )
        .ask(warnings(HANDSHAKES), "{{reason}}")
        .events(),
        series(
            "Specs refused",
            Unit::Count,
            "MCPServers that cannot be run as they are written, by reason; all \
                 namespaces.",
        )
        .ask(
            warnings("NotSupportedYet|ProfileNotFound|Invalid.+"),
            "{{reason}}",
        )
        .events(),
    ]
}

/// As the proxies see it.
fn of_calls() -> Vec<Panel> {
    vec![
        series(
            "Server processes lost",
            Unit::Count,
            "Processes that ended or could not be reached any more, by reason; \
                 sessions that had one to themselves are not counted.",
        )
        .ask(
            rise(
                "hivewright_proxy_server_restarts_total",
                "reason",
                "reason!=\"renewed\"",
            ),
            "{{reason}}",
        )
        .events(),
        series(
            "Calls lost with a process",
            Unit::Count,
            "Calls that failed because their server's process was lost, by \
                 server.",
        )
        .ask(
            rise("hivewright_proxy_lost_calls_total", OF_SERVER, ""),
            SERVER,
        )
        .events()
        .link(Link::Series),
    ]
}

/// What proxies do not let through.
fn of_bounds() -> Vec<Panel> {
    vec![
        series(
            "Requests refused",
            Unit::Calls,
            "Requests of clients that a proxy refused, by reason.",
        )
        .ask(
            rate("hivewright_proxy_refusals_total", "reason", ""),
            "{{reason}}",
        )
        .stacked(),
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
        .events(),
        series(
            "Egress denied",
            Unit::Count,
            "Requests of servers that their profile does not allow, by server and \
                 outcome.",
        )
        .ask(
            rise(
                "hivewright_egress_requests_total",
                "namespace, hivewright_dev_mcpserver, outcome",
                "outcome=~\".+_denied\"",
            ),
            "{{namespace}}/{{hivewright_dev_mcpserver}} {{outcome}}",
        )
        .events()
        .link(Link::Series),
    ]
}

/// A choice of reasons of the controller's warnings.
fn warnings(reasons: &str) -> String {
    format!(
        "sum by (reason) (increase(hivewright_controller_events_total{{type=\"Warning\",reason=~\"{reasons}\"}}[$__rate_interval]))"
    )
}

/// Why a server's pod does not run.
pub(super) const CANNOT_RUN: &str = "SecretNotFound|SecretKeyNotFound|PodRefused|Unschedulable|Evicted|NodeLost|\
     ImagePullFailed|ContainerConfigError|ProcessExited|CrashLoopBackOff|OutOfMemory";

/// Why a server that runs is not spoken with.
pub(super) const HANDSHAKES: &str = "HandshakeTimeout|NotMcp|NotReading|AttachLost|NotListening|WrongPort|\
     WrongTransport|ConnectionLost";

//! All servers at a glance: which answer, what they are asked, what goes wrong.

use super::ask::{CALLS, DURATION, failed_share, quantile, rate, rise, rise_in_all, total};
use super::board::{Board, Row, row};
use super::panel::{
    A_PERSON_WAITS, FEW_FAILURES, Link, NONE_IS_GOOD, SOME_IS_GOOD, bars, heat, series, stat,
    states, table,
};
use super::unit::Unit;
use super::variable::{NAMESPACES, Variable};

/// The labels of one server at its proxy.
const OF_SERVER: &str = "namespace, hivewright_dev_mcpserver";
/// How a series of one server is called.
const SERVER: &str = "{{namespace}}/{{hivewright_dev_mcpserver}}";
/// How many alerts fire.
const ALERTS: &str = "count(ALERTS{alertstate=\"firing\",alertname=~\"(MCPServer|Hivewright).+\",\
     namespace=~\"$namespace\"}) or vector(0)";
/// Conditions that are not met; two controllers say the same of one.
const UNMET: &str = "count by (condition, reason) (max by (condition, reason, mcpserver_namespace, mcpserver) \
     (hivewright_mcpserver_condition{status=\"False\",mcpserver_namespace=~\"$namespace\"}))";
/// Whether each server answers, as the controller says: two controllers say the same.
const READY: &str = "max by (mcpserver_namespace, mcpserver) \
     (hivewright_mcpserver_ready{mcpserver_namespace=~\"$namespace\"})";

pub(super) fn board() -> Board {
    Board {
        name: "fleet",
        title: "Fleet",
        description: "All MCP servers: which answer, what they are asked, what goes wrong.",
        from: "now-3h",
        variables: &[Variable::Source, NAMESPACES],
        chosen: "namespace=~\"$namespace\"",
        rows: vec![now(), servers(), calls(), trouble(), clients()],
    }
}

fn now() -> Row {
    row(
        "Now",
        [
            stat(
                "MCPServers",
                Unit::Count,
                "MCPServers in the chosen namespaces.",
            )
            .ask(format!("count({READY})"), "MCPServers"),
            stat(
                "Not answering",
                Unit::Count,
                "MCPServers of which an MCP client would get no answer now.",
            )
            .ask(format!("sum(1 - {READY})"), "not answering")
            .steps(NONE_IS_GOOD),
            stat(
                "Calls per second",
                Unit::Calls,
                "Calls of clients, all MCP methods.",
            )
            .ask(rate(CALLS, "", ""), "calls"),
            stat(
                "Failed calls",
                Unit::Share,
                "Share of calls that ended in an error, tool errors included.",
            )
            .ask(failed_share(""), "failed")
            .steps(FEW_FAILURES)
            .up_to(1.0),
            stat(
                "Slow calls",
                Unit::Seconds,
                "99 of 100 calls are answered within this time.",
            )
            .ask(quantile("0.99", DURATION, "", ""), "p99")
            .steps(A_PERSON_WAITS),
            stat("Open sessions", Unit::Count, "Open sessions of clients.")
                .ask(total("hivewright_proxy_sessions", ""), "sessions"),
            stat(
                "Alerts that fire",
                Unit::Count,
                "Alerts of Hivewright that fire in the chosen namespaces.",
            )
            .ask(ALERTS, "alerts")
            .steps(NONE_IS_GOOD),
            stat(
                "Controllers that lead",
                Unit::Count,
                "One controller of each installation reconciles; with none, nothing changes.",
            )
            .ask("sum(hivewright_controller_leader)", "leaders")
            .steps(SOME_IS_GOOD),
        ]
        .map(|panel| panel.size(3, 4)),
    )
}

fn servers() -> Row {
    row(
        "Servers",
        [
            states(
                "Answering",
                "Whether an MCP client of each server would be answered.",
            )
            .ask(READY, "{{mcpserver_namespace}}/{{mcpserver}}")
            .link(Link::State)
            .size(16, 10),
            series(
                "MCPServers by phase",
                Unit::Count,
                "All MCPServers of the cluster, by phase; Ready ones answer.",
            )
            .ask("max by (phase) (hivewright_mcpservers)", "{{phase}}")
            .stacked()
            .size(8, 10),
            each().link(Link::Row).size(24, 10),
        ],
    )
}

/// A row for each server whose proxy is scraped.
fn each() -> super::panel::Panel {
    let slow = quantile("0.99", DURATION, OF_SERVER, "");
    let keys = &[
        ("namespace", "Namespace"),
        ("hivewright_dev_mcpserver", "MCPServer"),
    ];
    let description = "Every server whose proxy is scraped; click a row to see that server.";
    table("Servers, one by one", keys, description)
        .column(
            "Pods that answer",
            Unit::Count,
            total("hivewright_proxy_server_up", OF_SERVER),
            SOME_IS_GOOD,
        )
        .column(
            "Sessions",
            Unit::Count,
            total("hivewright_proxy_sessions", OF_SERVER),
            &[],
        )
        .column("Calls", Unit::Calls, rate(CALLS, OF_SERVER, ""), &[])
        .column("Failed", Unit::Share, failed_share(OF_SERVER), FEW_FAILURES)
        .column("p99", Unit::Seconds, slow, A_PERSON_WAITS)
        .column("Lost processes", Unit::Count, lost(), NONE_IS_GOOD)
}

/// Processes lost in the time shown, of servers that are still there.
fn lost() -> String {
    let restarts = "hivewright_proxy_server_restarts_total";
    let lost = rise_in_all(restarts, OF_SERVER, "reason!=\"renewed\"");
    format!("{lost} and on ({OF_SERVER}) hivewright_proxy_server_up{{@}}")
}

fn calls() -> Row {
    let errors = "error_type!=\"\"";
    row(
        "Calls",
        [
            series(
                "Calls by namespace",
                Unit::Calls,
                "Calls of clients, by the namespace of the server.",
            )
            .ask(rate(CALLS, "namespace", ""), "{{namespace}}")
            .stacked(),
            series(
                "Failed calls by kind",
                Unit::Calls,
                "Calls that ended in an error, by its kind; tool_error: the tool itself said so.",
            )
            .ask(rate(CALLS, "error_type", errors), "{{error_type}}")
            .stacked(),
            series(
                "Time of a call",
                Unit::Seconds,
                "Time from a client's request to its answer, over all servers.",
            )
            .spread(DURATION),
            heat(
                "Calls by time",
                "How many calls took how long, over all servers.",
            )
            .ask(super::ask::heat(DURATION), "{{le}}"),
            bars(
                "Busiest servers",
                Unit::Calls,
                "The ten servers that are asked most, over the time shown.",
            )
            .ask(busiest(), SERVER)
            .link(Link::Series),
            bars(
                "Slowest tools",
                Unit::Seconds,
                "The ten tools with the highest 99th percentile, over the time shown.",
            )
            .ask(
                slowest(),
                "{{namespace}}/{{hivewright_dev_mcpserver}} {{gen_ai_tool_name}}",
            )
            .steps(A_PERSON_WAITS)
            .link(Link::Series),
        ],
    )
}

fn busiest() -> String {
    format!("topk(10, sum by ({OF_SERVER}) (rate({CALLS}{{@}}[$__range])))")
}

fn slowest() -> String {
    let buckets = format!("{DURATION}_bucket{{@,gen_ai_tool_name!=\"\"}}");
    let spread = format!("sum by (le, {OF_SERVER}, gen_ai_tool_name) (rate({buckets}[$__range]))");
    format!("topk(10, histogram_quantile(0.99, {spread}) >= 0)")
}

/// A choice of reasons of the controller's warnings.
fn warnings(reasons: &str) -> String {
    format!(
        "sum by (reason) (increase(hivewright_controller_events_total{{type=\"Warning\",reason=~\"{reasons}\"}}[$__rate_interval]))"
    )
}

fn trouble() -> Row {
    row(
        "Trouble",
        [
            bars("Conditions that are not met", Unit::Count, "MCPServers of which a condition is not met now, by condition and reason.")
                .ask(UNMET, "{{condition}}: {{reason}}")
                .size(24, 7),
            series("Ceased to answer", Unit::Count, "MCPServers that ceased to be ready, by reason; all namespaces.")
                .ask("sum by (reason) (increase(hivewright_controller_servers_lost_readiness_total[$__rate_interval]))", "{{reason}}")
                .events(),
            series("Pods that cannot run", Unit::Count, "Server pods that could not start, or were ended, by reason; all namespaces.")
                .ask(warnings(CANNOT_RUN), "{{reason}}")
                .events(),
            series("Handshakes that failed", Unit::Count, "Servers that run and yet do not speak MCP as the MCPServer says, by reason; all namespaces.")
                .ask(warnings(HANDSHAKES), "{{reason}}")
                .events(),
            series("Specs refused", Unit::Count, "MCPServers that cannot be run as they are written, by reason; all namespaces.")
                .ask(warnings("NotSupportedYet|ProfileNotFound|Invalid.+"), "{{reason}}")
                .events(),
            series("Server processes lost", Unit::Count, "Processes that ended or could not be reached any more, by reason; sessions that had one to themselves are not counted.")
                .ask(rise("hivewright_proxy_server_restarts_total", "reason", "reason!=\"renewed\""), "{{reason}}")
                .events(),
            series("Calls lost with a process", Unit::Count, "Calls that failed because their server's process was lost, by server.")
                .ask(rise("hivewright_proxy_lost_calls_total", OF_SERVER, ""), SERVER)
                .events()
                .link(Link::Series),
            series("Requests refused", Unit::Calls, "Requests of clients that a proxy refused, by reason.")
                .ask(rate("hivewright_proxy_refusals_total", "reason", ""), "{{reason}}")
                .stacked(),
            series("Bounds reached", Unit::Count, "Times that a queue or a number of something was at its bound, by which.")
                .ask(rise("hivewright_proxy_overflow_total", "queue", ""), "{{queue}}")
                .events(),
            series("Egress denied", Unit::Count, "Requests of servers that their profile does not allow, by server and outcome.")
                .ask(rise("hivewright_egress_requests_total", "namespace, hivewright_dev_mcpserver, outcome", "outcome=~\".+_denied\""),
                    "{{namespace}}/{{hivewright_dev_mcpserver}} {{outcome}}")
                .events()
                .link(Link::Series),
        ],
    )
}

/// Why a server's pod does not run.
pub(super) const CANNOT_RUN: &str = "SecretNotFound|SecretKeyNotFound|PodRefused|Unschedulable|Evicted|NodeLost|\
     ImagePullFailed|ContainerConfigError|ProcessExited|CrashLoopBackOff|OutOfMemory";
/// Why a server that runs is not spoken with.
pub(super) const HANDSHAKES: &str = "HandshakeTimeout|NotMcp|NotReading|AttachLost|NotListening|WrongPort|\
     WrongTransport|ConnectionLost";

fn clients() -> Row {
    row(
        "Clients",
        [
            series("Sessions", Unit::Count, "Open sessions, by server.")
                .ask(total("hivewright_proxy_sessions", OF_SERVER), SERVER)
                .stacked()
                .link(Link::Series),
            series(
                "Sessions opened, by revision",
                Unit::Rate,
                "Revisions of MCP that clients agreed on when they opened a session.",
            )
            .ask(
                rate("hivewright_proxy_sessions_opened_total", "revision", ""),
                "{{revision}}",
            )
            .stacked(),
            series(
                "HTTP requests by status",
                Unit::Calls,
                "HTTP exchanges of all doors; gone: the client left before it had an answer.",
            )
            .ask(
                rate("hivewright_proxy_http_requests_total", "status", ""),
                "{{status}}",
            )
            .stacked(),
        ],
    )
}

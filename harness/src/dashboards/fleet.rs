//! All servers at a glance: which answer, what they are asked, what goes wrong.

mod servers;
mod trouble;

use super::ask::{CALLS, DURATION, FAILED, REQUESTS, quantile, rate, total};
use super::board::{Board, Row, row};
use super::panel::{A_PERSON_WAITS, Link, NONE_IS_GOOD, SOME_IS_GOOD, bars, heat, series, stat};
use super::shared::load;
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
        rows: vec![
            now(),
            servers::servers(),
            calls(),
            trouble::trouble(),
            clients(),
        ],
    }
}

fn now() -> Row {
    let [calls, failed] = load();
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
            calls,
            failed,
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
                "One controller of each installation reconciles; with none, nothing \
                 changes.",
            )
            .ask("sum(hivewright_controller_leader)", "leaders")
            .steps(SOME_IS_GOOD),
        ]
        .map(|panel| panel.size(3, 4)),
    )
}

fn calls() -> Row {
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
                "Requests that failed, by how; tool_error: the tool itself said so, \
                 refused: by the proxy.",
            )
            .ask(rate(REQUESTS, "outcome", FAILED), "{{outcome}}")
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
                "HTTP exchanges of all doors; gone: the client left before it had an \
                 answer.",
            )
            .ask(
                rate("hivewright_proxy_http_requests_total", "status", ""),
                "{{status}}",
            )
            .stacked(),
        ],
    )
}

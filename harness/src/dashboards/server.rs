//! One server: does it answer, what is it asked, what do its processes do.

use super::ask::{
    CALLS, DURATION, failed_share, highest, mean, quantile, rate, rise, rise_in_all, total,
};
use super::board::{Board, Row, row};
use super::panel::{
    A_PERSON_WAITS, FEW_FAILURES, NONE_IS_GOOD, SOME_IS_GOOD, Word, bars, heat, series, stat,
    states,
};
use super::unit::Unit;
use super::variable::{NAMESPACE, SERVER, Variable};

/// What stands for `@` where one server is chosen: the labels that scraping adds to its proxy.
pub(super) const CHOSEN: &str =
    "namespace=~\"$namespace\",hivewright_dev_mcpserver=~\"$mcpserver\"";
/// The same server at the controller.
pub(super) const AT_CONTROLLER: &str =
    "mcpserver_namespace=~\"$namespace\",mcpserver=~\"$mcpserver\"";

pub(super) fn board() -> Board {
    Board {
        name: "server",
        title: "One server",
        description: "One MCP server: does it answer, what is it asked, what do its processes do.",
        from: "now-3h",
        variables: &[Variable::Source, NAMESPACE, SERVER],
        chosen: CHOSEN,
        rows: vec![now(), calls(), tools(), processes(), attach(), egress()],
    }
}

fn now() -> Row {
    let lost = rise_in_all(RESTARTS, "", FAULTS);
    row(
        "Now",
        [
            stat("Answers", Unit::Word, "Whether an MCP client of this server would be answered, as the controller says.")
                .ask(format!("max(hivewright_mcpserver_ready{{{AT_CONTROLLER}}})"), "answers")
                .words(super::panel::UP_OR_DOWN)
                .steps(SOME_IS_GOOD),
            stat("Pods that answer", Unit::Count, "Pods whose server is initialized.")
                .ask(total("hivewright_proxy_server_up", ""), "pods")
                .steps(SOME_IS_GOOD),
            stat("Sessions", Unit::Count, "Open sessions of clients.")
                .ask(total("hivewright_proxy_sessions", ""), "sessions"),
            stat("Calls per second", Unit::Calls, "Calls of clients, all MCP methods.").ask(rate(CALLS, "", ""), "calls"),
            stat("Failed calls", Unit::Share, "Share of calls that ended in an error, tool errors included.")
                .ask(failed_share(""), "failed")
                .steps(FEW_FAILURES)
                .up_to(1.0),
            stat("Processes lost lately", Unit::Count, "Server processes that were lost in the time shown.")
                .ask(lost, "lost")
                .steps(NONE_IS_GOOD),
            states("Answering", "Whether an MCP client would be answered, as the controller says; and each pod, as the proxy says.")
                .ask(format!("max by (mcpserver) (hivewright_mcpserver_ready{{{AT_CONTROLLER}}})"), "{{mcpserver}}")
                .ask(highest("hivewright_proxy_pod_up", "ordinal"), "pod {{ordinal}}")
                .size(24, 6),
            states("Conditions", "How each condition of the MCPServer stands, as the controller says; `kubectl describe` has the sentence.")
                .ask(conditions(), "{{condition}}")
                .words(CONDITION)
                .size(24, 7),
        ],
    )
}

/// A number for how a condition stands.
const CONDITION: &[Word] = &[
    Word {
        value: 0,
        text: "False",
        color: "red",
    },
    Word {
        value: 1,
        text: "True",
        color: "green",
    },
    Word {
        value: 2,
        text: "Unknown",
        color: "gray",
    },
];

fn conditions() -> String {
    let standing = |value: &str, status: &str| {
        format!(
            "{value} * max by (condition) (hivewright_mcpserver_condition{{{AT_CONTROLLER},status=\"{status}\"}})"
        )
    };
    [("0", "False"), ("1", "True"), ("2", "Unknown")]
        .map(|(value, status)| standing(value, status))
        .join(" or ")
}

/// Processes lost, and those that were given up on purpose left out.
const RESTARTS: &str = "hivewright_proxy_server_restarts_total";
const FAULTS: &str = "reason!=\"renewed\"";

fn calls() -> Row {
    row(
        "Calls",
        [
            series(
                "Calls by method",
                Unit::Calls,
                "Calls of clients, by MCP method.",
            )
            .ask(rate(CALLS, "mcp_method_name", ""), "{{mcp_method_name}}")
            .stacked(),
            series(
                "Failed calls by kind",
                Unit::Calls,
                "Calls that ended in an error, by its kind; tool_error: the tool itself said so.",
            )
            .ask(
                rate(CALLS, "error_type", "error_type!=\"\""),
                "{{error_type}}",
            )
            .stacked(),
            series(
                "Failed share",
                Unit::Share,
                "Share of calls that ended in an error, tool errors included.",
            )
            .ask(failed_share(""), "failed")
            .up_to(1.0)
            .steps(FEW_FAILURES),
            series(
                "Time of a call",
                Unit::Seconds,
                "Time from a client's request to its answer.",
            )
            .spread(DURATION),
            heat("Calls by time", "How many calls took how long.")
                .ask(super::ask::heat(DURATION), "{{le}}"),
            series(
                "Time of a call, by method",
                Unit::Seconds,
                "Mean time from a client's request to its answer, by MCP method.",
            )
            .ask(mean(DURATION, "mcp_method_name"), "{{mcp_method_name}}"),
        ],
    )
}

fn tools() -> Row {
    let tool = "gen_ai_tool_name!=\"\"";
    row(
        "Tools",
        [
            series(
                "Calls by tool",
                Unit::Calls,
                "Calls of tools; other: names that this server has not answered well yet.",
            )
            .ask(
                rate(CALLS, "gen_ai_tool_name", tool),
                "{{gen_ai_tool_name}}",
            )
            .stacked(),
            series(
                "Failed calls by tool",
                Unit::Calls,
                "Calls of tools that ended in an error, by kind.",
            )
            .ask(
                rate(
                    CALLS,
                    "gen_ai_tool_name, error_type",
                    "gen_ai_tool_name!=\"\",error_type!=\"\"",
                ),
                "{{gen_ai_tool_name}} {{error_type}}",
            )
            .stacked(),
            bars(
                "Slow calls by tool",
                Unit::Seconds,
                "99 of 100 calls of each tool are answered within this time, over the time shown.",
            )
            .ask(slow_tools(), "{{gen_ai_tool_name}}")
            .steps(A_PERSON_WAITS),
        ],
    )
}

fn slow_tools() -> String {
    let buckets = format!("{DURATION}_bucket{{@,gen_ai_tool_name!=\"\"}}");
    format!(
        "topk(15, histogram_quantile(0.99, sum by (le, gen_ai_tool_name) (rate({buckets}[$__range]))) >= 0)"
    )
}

fn processes() -> Row {
    row(
        "Processes",
        [
            series("Pods", Unit::Count, "Pods that the proxy serves, and those of them whose server is initialized.")
                .ask(total("hivewright_proxy_pods", ""), "served")
                .ask(total("hivewright_proxy_server_up", ""), "answer"),
            series("Processes begun", Unit::Count, "Server processes that the proxy began to speak with.")
                .ask(rise("hivewright_backend_starts_total", "", ""), "begun")
                .events(),
            series("Processes lost", Unit::Count, "Server processes that ended or could not be reached any more, by reason; renewed: on purpose.")
                .ask(rise(RESTARTS, "reason", ""), "{{reason}}")
                .events(),
            series("Time of a handshake", Unit::Seconds, "Time from initialize to the server's answer.")
                .ask(quantile("0.5", "hivewright_proxy_handshake_seconds", "", ""), "p50")
                .ask(quantile("0.99", "hivewright_proxy_handshake_seconds", "", ""), "p99"),
            series("Calls lost with a process", Unit::Count, "Calls that failed because their server's process was lost.")
                .ask(rise("hivewright_proxy_lost_calls_total", "", ""), "lost")
                .events(),
            series("Lines that are no message", Unit::Rate, "Lines of the server's stdout that were dropped, and lines of its stderr.")
                .ask(rate("hivewright_proxy_stdout_garbage_lines_total", "", ""), "stdout, dropped")
                .ask(rate("hivewright_proxy_stderr_lines_total", "", ""), "stderr"),
        ],
    )
}

fn attach() -> Row {
    row(
        "The way to the process",
        [
            series("Connections that broke", Unit::Count, "Attach connections that broke, by what became of them; recovered: nothing was lost.")
                .ask(rise("hivewright_backend_attach_recoveries_total", "outcome", ""), "{{outcome}}")
                .events(),
            series("Attempts that failed", Unit::Count, "Attempts to attach to the server's container that failed, and pods deleted to get a fresh process, by reason.")
                .ask(rise("hivewright_backend_attach_failures_total", "", ""), "not attached")
                .ask(rise("hivewright_backend_replacements_total", "reason", ""), "pod deleted: {{reason}}")
                .events(),
            series("Time without the process", Unit::Seconds, "Time from a break of the connection until the server was spoken with again.")
                .ask(quantile("0.5", "hivewright_backend_attach_break_seconds", "", ""), "p50")
                .ask(quantile("0.99", "hivewright_backend_attach_break_seconds", "", ""), "p99"),
        ],
    )
}

fn egress() -> Row {
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

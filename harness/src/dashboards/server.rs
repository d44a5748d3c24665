//! One server: does it answer, what is it asked, what do its processes do.

mod process;

use super::ask::{
    CALLS, DURATION, FAILED, REQUESTS, failed_share, highest, mean, rate, rise_in_all, total,
};
use super::board::{Board, Row, row};
use super::panel::{
    A_PERSON_WAITS, FEW_FAILURES, NONE_IS_GOOD, Panel, SOME_IS_GOOD, UP_OR_DOWN, Word, bars, heat,
    series, stat, states,
};
use super::shared::load;
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
        description: "One MCP server: does it answer, what is it asked, what do its \
                 processes do.",
        from: "now-3h",
        variables: &[Variable::Source, NAMESPACE, SERVER],
        chosen: CHOSEN,
        rows: vec![
            now(),
            calls(),
            tools(),
            process::processes(),
            process::attach(),
            process::egress(),
        ],
    }
}

fn now() -> Row {
    row("Now", [numbers(), standing()].concat())
}

/// How it is, in numbers.
fn numbers() -> Vec<Panel> {
    let [calls, failed] = load();
    vec![
        stat(
            "Answers",
            Unit::Word,
            "Whether an MCP client of this server would be answered, as the \
                 controller says.",
        )
        .ask(
            format!("max(hivewright_mcpserver_ready{{{AT_CONTROLLER}}})"),
            "answers",
        )
        .words(UP_OR_DOWN)
        .steps(SOME_IS_GOOD),
        stat(
            "Pods that answer",
            Unit::Count,
            "Pods whose server is initialized.",
        )
        .ask(total("hivewright_proxy_server_up", ""), "pods")
        .steps(SOME_IS_GOOD),
        stat("Sessions", Unit::Count, "Open sessions of clients.")
            .ask(total("hivewright_proxy_sessions", ""), "sessions"),
        calls,
        failed,
        stat(
            "Processes lost lately",
            Unit::Count,
            "Server processes that were lost in the time shown.",
        )
        .ask(rise_in_all(RESTARTS, "", FAULTS), "lost")
        .steps(NONE_IS_GOOD),
    ]
}

/// How it was.
fn standing() -> Vec<Panel> {
    vec![
        states(
            "Answering",
            "Whether an MCP client would be answered, as the controller says; and \
                 each pod, as the proxy says.",
        )
        .ask(
            format!("max by (mcpserver) (hivewright_mcpserver_ready{{{AT_CONTROLLER}}})"),
            "{{mcpserver}}",
        )
        .ask(
            highest("hivewright_proxy_pod_up", "ordinal"),
            "pod {{ordinal}}",
        )
        .size(24, 6),
        states(
            "Conditions",
            "How each condition of the MCPServer stands, as the controller says; \
                 `kubectl describe` has the sentence.",
        )
        .ask(conditions(), "{{condition}}")
        .words(CONDITION)
        .size(24, 7),
    ]
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
                "Requests that failed, by how; tool_error: the tool itself said so, \
                 refused: by the proxy.",
            )
            .ask(rate(REQUESTS, "outcome", FAILED), "{{outcome}}")
            .stacked(),
            series(
                "Failed share",
                Unit::Share,
                "Share of requests that failed, tool errors included; those that \
                 clients took back are none.",
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
                "Calls of tools; other: names that this server has not answered well \
                 yet.",
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
                "99 of 100 calls of each tool are answered within this time, over the \
                 time shown.",
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

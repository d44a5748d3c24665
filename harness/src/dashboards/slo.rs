//! What is promised of each server, how fast the budget for breaking it burns, and what alerts fire.

use super::board::{Board, Row, row};
use super::panel::{Link, NONE_IS_GOOD, Panel, Step, Word, at, series, stat, states, table};
use super::unit::Unit;
use super::variable::{NAMESPACES, SERVERS, Variable};

/// Alerts of ours.
const OURS: &str = "alertname=~\"(MCPServer|Hivewright).+\"";
/// From these burn rates on an alert fires, after a while: a month's budget lasts 30 days, or 2.
const BURNS: &[Step] = &[at(0.0, "green"), at(1.0, "orange"), at(14.4, "red")];
/// What is left of a budget.
const LEFT: &[Step] = &[at(-1.0, "red"), at(0.0, "orange"), at(0.25, "green")];
/// An alert's state.
const ALERT: &[Word] = &[
    Word {
        value: 1,
        text: "pending",
        color: "orange",
    },
    Word {
        value: 2,
        text: "fires",
        color: "red",
    },
];
/// How a series of one server is called; rules give both labels.
const SERVER: &str = "{{namespace}}/{{mcpserver}}";
/// The windows of burn rates.
const WINDOWS: [&str; 7] = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];

pub(super) fn board() -> Board {
    Board {
        name: "slo",
        title: "Objectives and alerts",
        description: "What is promised of each server, how fast its error budget burns, \
                 and what alerts fire.",
        from: "now-6h",
        variables: &[Variable::Source, NAMESPACES, SERVERS],
        chosen: "namespace=~\"$namespace\",mcpserver=~\"$mcpserver\"",
        rows: vec![
            now(),
            alerts(),
            burn(&Objective {
                title: "Availability: requests that are answered",
                name: "availability",
                all: "mcpserver:requests:rate5m",
                bad: "mcpserver:requests_failed:rate5m",
                what: "requests that no server answered",
            }),
            burn(&Objective {
                title: "Latency: tool calls that are answered in time",
                name: "latency",
                all: "mcpserver:tool_calls:rate5m",
                bad: "mcpserver:tool_calls_slow:rate5m",
                what: "tool calls that took longer than promised",
            }),
        ],
    }
}

fn now() -> Row {
    let worst = |name: &str| format!("min(mcpserver:slo_{name}:budget_left30d{{@}})");
    let fastest = |name: &str| format!("max(mcpserver:slo_{name}:burn_rate1h{{@}})");
    row(
        "Now",
        [
            stat(
                "Alerts that fire",
                Unit::Count,
                "Alerts of Hivewright that fire for the chosen servers, and for the \
                 controller.",
            )
            .ask(
                format!("count(ALERTS{{alertstate=\"firing\",{OURS},@}}) or vector(0)"),
                "alerts",
            )
            .steps(NONE_IS_GOOD),
            stat(
                "Requests per second",
                Unit::Calls,
                "Requests that count for availability: not those that clients took \
                 back or that were refused.",
            )
            .ask("sum(mcpserver:requests:rate5m{@})", "requests"),
            stat(
                "Least availability budget",
                Unit::Share,
                "Of the server that has least left of its 30 days' budget; below 0 \
                 the objective is missed.",
            )
            .ask(worst("availability"), "left")
            .steps(LEFT),
            stat(
                "Fastest availability burn",
                Unit::Times,
                "Of the server that burns it fastest, in the last hour; at 1 the \
                 budget lasts for 30 days.",
            )
            .ask(fastest("availability"), "burn rate")
            .steps(BURNS),
            stat(
                "Least latency budget",
                Unit::Share,
                "Of the server that has least left of its 30 days' budget; below 0 \
                 the objective is missed.",
            )
            .ask(worst("latency"), "left")
            .steps(LEFT),
            stat(
                "Fastest latency burn",
                Unit::Times,
                "Of the server that burns it fastest, in the last hour; at 1 the \
                 budget lasts for 30 days.",
            )
            .ask(fastest("latency"), "burn rate")
            .steps(BURNS),
        ],
    )
}

fn alerts() -> Row {
    let state = |state: &str, value: &str| {
        format!(
            "{value} * max by (alertname, namespace, mcpserver) (ALERTS{{alertstate=\"{state}\",{OURS},@}})"
        )
    };
    row(
        "Alerts",
        [states(
            "Alerts",
            "Alerts that fire, or will if nothing changes; each has its runbook \
                 in docs/runbooks.",
        )
        .ask(
            format!("{} or {}", state("firing", "2"), state("pending", "1")),
            "{{alertname}} {{namespace}}/{{mcpserver}}",
        )
        .words(ALERT)
        .size(24, 10)],
    )
}

/// One objective, by the names of what rules record of it.
struct Objective {
    title: &'static str,
    name: &'static str,
    all: &'static str,
    bad: &'static str,
    what: &'static str,
}

impl Objective {
    fn recorded(&self, what: &str) -> String {
        format!(
            "max by (namespace, mcpserver) (mcpserver:slo_{}:{what}{{@}})",
            self.name
        )
    }
}

fn burn(of: &Objective) -> Row {
    let Objective {
        title,
        name,
        all,
        bad,
        what,
    } = of;
    let by_server = |title: String, unit, description: String, expr: String| {
        series(title, unit, description)
            .ask(expr, SERVER)
            .link(Link::Recorded)
    };
    let burns = by_server(
        format!("Burn of {name}, last hour"),
        Unit::Times,
        format!(
            "How fast each server uses up its budget of {what}, over one hour; at 1 it lasts for 30 days."
        ),
        of.recorded("burn_rate1h"),
    );
    let left = by_server(
        format!("Budget left, {name}"),
        Unit::Share,
        format!(
            "What is left of each server's 30 days' budget of {what}; below 0 the objective is missed."
        ),
        of.recorded("budget_left30d"),
    );
    let counted = series(
        format!("Counted for {name}"),
        Unit::Calls,
        format!("All that counts for the objective, and of these the {what}."),
    );
    row(
        title,
        [
            each(of),
            burns.steps(BURNS),
            by_window(of),
            left.steps(LEFT).up_to(1.0).below_zero(),
            counted
                .ask(format!("sum({all}{{@}})"), "all")
                .ask(format!("sum({bad}{{@}})"), what)
                .size(24, 8),
        ],
    )
}

fn by_window(of: &Objective) -> Panel {
    let title = format!("Burn of {}, by window", of.name);
    let description = "The fastest burn of the chosen servers, by the time over which it is taken; alerts compare a \
         long window with a short one.";
    let panel = series(title, Unit::Times, description).steps(BURNS);
    WINDOWS.into_iter().fold(panel, |panel, window| {
        let burn = of.recorded(&format!("burn_rate{window}"));
        panel.ask(format!("max({burn})"), window)
    })
}

fn each(of: &Objective) -> Panel {
    let keys = &[("namespace", "Namespace"), ("mcpserver", "MCPServer")];
    let title = format!("Objective of {}, by server", of.name);
    table(
        title,
        keys,
        "What is promised of each server, and how it stands; click a row to \
                 see that server.",
    )
    .column("Objective", Unit::Share, of.recorded("objective"), &[])
    .column(
        "Budget left",
        Unit::Share,
        of.recorded("budget_left30d"),
        LEFT,
    )
    .column("Burn 1 h", Unit::Times, of.recorded("burn_rate1h"), BURNS)
    .column("Burn 6 h", Unit::Times, of.recorded("burn_rate6h"), BURNS)
    .column("Burn 3 d", Unit::Times, of.recorded("burn_rate3d"), BURNS)
    .link(Link::Row)
    .size(24, 8)
}

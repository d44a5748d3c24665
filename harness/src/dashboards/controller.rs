//! The controller: what it does, what it says, what it asks of the API server.

mod journal;

use super::ask::{highest, quantile, rate, rise, rise_in_all, total};
use super::board::{Board, Row, row};
use super::panel::{
    A_PERSON_WAITS, NONE_IS_GOOD, Panel, SOME_IS_GOOD, bars, heat, series, stat, states,
};
use super::shared::telemetry;
use super::unit::Unit;
use super::variable::{CONTROLLERS, Variable};

pub(super) fn board() -> Board {
    Board {
        name: "controller",
        title: "Controller",
        description: "The controller: its passes, the events it tells, its journal, what \
                 it asks of the API server.",
        from: "now-3h",
        variables: &[Variable::Source, CONTROLLERS],
        chosen: "namespace=~\"$controller\"",
        rows: vec![now(), events(), journal::journal(), passes(), api(), own()],
    }
}

const PASS: &str = "hivewright_controller_reconcile_duration_seconds";
const REQUESTS: &str = "hivewright_controller_api_requests_total";
const EVENTS: &str = "hivewright_controller_events_total";

fn now() -> Row {
    row(
        "Now",
        [
            stat(
                "Controllers that lead",
                Unit::Count,
                "One controller of each installation reconciles; with none, nothing \
                 changes.",
            )
            .ask(total("hivewright_controller_leader", ""), "leaders")
            .steps(SOME_IS_GOOD),
            stat(
                "Passes per second",
                Unit::Operations,
                "Passes over one MCPServer each.",
            )
            .ask(
                rate("hivewright_controller_reconciles_total", "", ""),
                "passes",
            ),
            stat(
                "Slow passes",
                Unit::Seconds,
                "99 of 100 passes, with their writes, take no longer.",
            )
            .ask(quantile("0.99", PASS, "", ""), "p99")
            .steps(A_PERSON_WAITS),
            stat(
                "Events",
                Unit::Count,
                "Facts that became true, in the time shown.",
            )
            .ask(rise_in_all(EVENTS, "", ""), "events"),
            stat(
                "Restarts of servers",
                Unit::Count,
                "Containers of MCP servers that began again, in the time shown.",
            )
            .ask(
                rise_in_all("hivewright_controller_server_restarts_total", "", ""),
                "restarts",
            )
            .steps(NONE_IS_GOOD),
            stat("Versions", Unit::Count, "Controllers by version.").ask(
                total("hivewright_controller_build_info", "version"),
                "{{version}}",
            ),
            states("Leads", "Which controller reconciles; the others stand by.")
                .ask(
                    highest("hivewright_controller_leader", "namespace, pod"),
                    "{{namespace}}/{{pod}}",
                )
                .size(24, 5),
        ],
    )
}

fn events() -> Row {
    row("Events", [told(), found()].concat())
}

/// What is told, by reason.
fn told() -> Vec<Panel> {
    vec![
        series(
            "Events that are as they should be",
            Unit::Count,
            "Facts that became true, by reason.",
        )
        .ask(by_reason("Normal"), "{{reason}}")
        .events()
        .size(12, 10),
        series(
            "Warnings",
            Unit::Count,
            "Facts that somebody should look at, by reason.",
        )
        .ask(format!("{} > 0", by_reason("Warning")), "{{reason}}")
        .events()
        .size(12, 10),
    ]
}

fn by_reason(kind: &str) -> String {
    rise(EVENTS, "reason", &format!("type=\"{kind}\""))
}

/// What it found out of servers.
fn found() -> Vec<Panel> {
    vec![
        series(
            "Servers that began to answer",
            Unit::Count,
            "MCPServers that became ready.",
        )
        .ask(
            rise("hivewright_controller_servers_became_ready_total", "", ""),
            "became ready",
        )
        .events(),
        series(
            "Servers that ceased to answer",
            Unit::Count,
            "MCPServers that ceased to be ready, by reason.",
        )
        .ask(
            rise(
                "hivewright_controller_servers_lost_readiness_total",
                "reason",
                "",
            ),
            "{{reason}}",
        )
        .events(),
        series(
            "Enforcement probes",
            Unit::Count,
            "Knocks at proxies that show whether NetworkPolicies are acted on, by \
                 what they showed.",
        )
        .ask(
            rise(
                "hivewright_controller_enforcement_probes_total",
                "verdict",
                "",
            ),
            "{{verdict}}",
        )
        .events(),
    ]
}

/// What the controller itself needs and sends.
fn own() -> Row {
    let [telemetry_sent, telemetry_lost] = telemetry();
    row(
        "The controller itself",
        [
            series(
                "Age of the process",
                Unit::Seconds,
                "Time since each controller's process began.",
            )
            .ask(
                "time() - max by (namespace, pod) (hivewright_controller_start_time_seconds{@})",
                "{{namespace}}/{{pod}}",
            ),
            telemetry_sent,
            telemetry_lost,
        ],
    )
}

fn passes() -> Row {
    row(
        "Passes and writes",
        [
            series(
                "Passes",
                Unit::Operations,
                "Passes over one MCPServer, by outcome; unchanged ones write nothing.",
            )
            .ask(
                rate("hivewright_controller_reconciles_total", "outcome", ""),
                "{{outcome}}",
            )
            .stacked(),
            series(
                "Time of a pass",
                Unit::Seconds,
                "Time of one pass, with its writes.",
            )
            .spread(PASS),
            heat("Passes by time", "How many passes took how long.")
                .ask(super::ask::heat(PASS), "{{le}}"),
            series(
                "Writes",
                Unit::Operations,
                "Objects written, by part of the server.",
            )
            .ask(
                rate(
                    "hivewright_controller_writes_total",
                    "part",
                    "outcome!=\"failed\"",
                ),
                "{{part}}",
            )
            .stacked()
            .size(12, 8),
            series(
                "Writes that failed",
                Unit::Count,
                "Writes that the API server refused, by part; one that repeats itself \
                 is counted once.",
            )
            .ask(
                rise(
                    "hivewright_controller_writes_total",
                    "part",
                    "outcome=\"failed\"",
                ),
                "{{part}}",
            )
            .events()
            .size(12, 8),
        ],
    )
}

fn api() -> Row {
    row(
        "API server",
        [
            series(
                "Requests",
                Unit::Calls,
                "Requests to the API server, by verb.",
            )
            .ask(rate(REQUESTS, "verb", ""), "{{verb}}")
            .stacked(),
            series(
                "Requests refused or lost",
                Unit::Count,
                "Requests that ended with an error, by resource and code; error: no \
                 answer came; tls: no trust.",
            )
            .ask(
                rise(REQUESTS, "resource, code", "code=~\"4..|5..|error|tls\""),
                "{{resource}} {{code}}",
            )
            .events(),
            series(
                "Broken watches",
                Unit::Count,
                "Watches that broke and were begun again, by resource.",
            )
            .ask(
                rise("hivewright_controller_watch_errors_total", "resource", ""),
                "{{resource}}",
            )
            .events(),
            bars(
                "Requests by resource",
                Unit::Count,
                "Requests in the time shown, by verb and resource.",
            )
            .ask(
                format!("topk(15, {})", rise_in_all(REQUESTS, "verb, resource", "")),
                "{{verb}} {{resource}}",
            )
            .size(24, 10),
        ],
    )
}

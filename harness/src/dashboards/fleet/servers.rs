//! Each server, in one line.

use super::{OF_SERVER, READY};
use crate::dashboards::ask::{
    DURATION, REQUESTS, failed_share, quantile, rate, rise_in_all, total,
};
use crate::dashboards::board::{Row, row};
use crate::dashboards::panel::{
    A_PERSON_WAITS, FEW_FAILURES, Link, NONE_IS_GOOD, Panel, SOME_IS_GOOD, series, states, table,
};
use crate::dashboards::unit::Unit;

pub(super) fn servers() -> Row {
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
fn each() -> Panel {
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
        .column("Calls", Unit::Calls, rate(REQUESTS, OF_SERVER, ""), &[])
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

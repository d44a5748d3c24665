//! The journal and its readers.

use crate::dashboards::ask::{highest, rate, rise, total};
use crate::dashboards::board::{Row, row};
use crate::dashboards::panel::{Panel, series, states};
use crate::dashboards::unit::Unit;

pub(super) fn journal() -> Row {
    row("Journal", [writing(), keeping()].concat())
}

/// How it is written.
fn writing() -> Vec<Panel> {
    vec![
        states(
            "Journal",
            "Whether events can be written to the journal; reconciling goes on \
                 without.",
        )
        .ask(
            highest(&of_journal("up"), "namespace, pod"),
            "{{namespace}}/{{pod}}",
        )
        .size(24, 5),
        series(
            "Events written",
            Unit::Rate,
            "Events that should be in the journal, by whether they are.",
        )
        .ask(
            rate(&of_journal("events_total"), "outcome", ""),
            "{{outcome}}",
        )
        .stacked(),
        series(
            "Time of an append",
            Unit::Seconds,
            "Time to write the events of one pass.",
        )
        .spread(&of_journal("append_seconds")),
        series(
            "Size of the journal",
            Unit::Bytes,
            "Bytes that the journal's file holds.",
        )
        .ask(
            highest(&of_journal("bytes"), "namespace, pod"),
            "{{namespace}}/{{pod}}",
        ),
    ]
}

/// How it is kept and read.
fn keeping() -> Vec<Panel> {
    vec![
        series(
            "Events removed",
            Unit::Count,
            "Events that were removed to keep the journal within its bounds, by \
                 the bound.",
        )
        .ask(
            rise(&of_journal("removed_events_total"), "bound", ""),
            "{{bound}}",
        )
        .events(),
        series(
            "Faults of the journal",
            Unit::Count,
            "Times that the journal ceased to be available, by reason; and files \
                 that were unusable and moved aside.",
        )
        .ask(
            rise(&of_journal("faults_total"), "reason", ""),
            "{{reason}}",
        )
        .ask(rise(&of_journal("replaced_total"), "", ""), "moved aside")
        .events(),
        series(
            "Readers",
            Unit::Count,
            "Requests of readers for events, states and pages, by route and \
                 status; and streams that are open.",
        )
        .ask(
            rise(
                "hivewright_controller_reader_requests_total",
                "route, code",
                "",
            ),
            "{{route}} {{code}}",
        )
        .ask(total("hivewright_controller_reader_streams", ""), "streams"),
    ]
}

/// A metric of the journal.
fn of_journal(name: &str) -> String {
    format!("hivewright_controller_journal_{name}")
}

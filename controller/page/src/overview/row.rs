//! One server in the list. On a narrow screen the cells become a card, so each number carries the
//! label of its column.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::cells::number;
use crate::mark;
use crate::model::{Figures, Health, Row};
use crate::words;

/// The columns.
pub(super) const COLUMNS: [&str; 7] = [
    "Server",
    "Status",
    "Sessions",
    "Calls",
    "Errors",
    "Restarts",
    "Last event",
];

pub(super) fn row(server: &Row, now: Timestamp) -> Markup {
    let id = format!("{}/{}", server.namespace, server.name);
    html! {
        tr role="row" id={ "s-" (id) } {
            th.name scope="row" role="rowheader" {
                a id={ "a-" (id) } href={ "servers/" (id) } { (server.name) }
                span.namespace { (server.namespace) }
            }
            td.status role="cell" {
                (mark::health(server.health))
                @if let Some(pods) = &server.pods { span.pods { (pods) " pods" } }
                @if server.health != Health::Ready { p.sentence { (server.sentence) } }
            }
            (numbers(server))
            td.last role="cell" {
                @match &server.last {
                    Some(entry) => {
                        (mark::tone(entry.tone))
                        span.reason { (entry.reason) }
                        span.when { (words::when(entry.time, now)) }
                    }
                    None => { span.unknown { "none kept" } }
                }
            }
        }
    }
}

fn numbers(server: &Row) -> Markup {
    let [_, _, sessions, calls, errors, restarts, _] = COLUMNS;
    html! {
        @match &server.figures {
            Figures::Known(load) => {
                @let total = load.total();
                (number(sessions, &words::short(load.sessions)))
                (number(calls, &words::short(total.count)))
                (number(errors, &failed(total.failed(), total.count)))
            }
            Figures::NoProxy => {
                @for label in [sessions, calls, errors] { (number(label, &dash("there is no proxy to ask"))) }
            }
            Figures::Unanswered(why) => {
                @for label in [sessions, calls, errors] { (number(label, &dash(why))) }
            }
        }
        (number(restarts, &words::short(server.restarts)))
    }
}

/// A number that is not known, and why.
pub(crate) fn dash(why: &str) -> Markup {
    html! { span.unknown title=(why) { span aria-hidden="true" { "–" } span.unseen { "unknown: " (why) } } }
}

/// How many failed, and which share of all.
pub(crate) fn failed(failed: u64, all: u64) -> Markup {
    html! {
        (words::short(failed))
        @if let Some(share) = words::share(failed, all) { span.share { (share) } }
    }
}

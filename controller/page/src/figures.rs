//! What the proxy has counted: large numbers, then calls by method and tool.

use maud::{Markup, html};

use crate::cells;
use crate::load::{Calls, Kind, Load};
use crate::model::{Figures, Server};
use crate::words;

/// The share of calls whose time is called usual, and the one whose time is called slow.
const USUAL: f64 = 0.5;
const SLOW: f64 = 0.95;

/// The columns of the table.
const COLUMNS: [&str; 6] = [
    "Method or tool",
    "Calls",
    "Errors",
    "Usual",
    "95 %",
    "Why they failed",
];

pub(crate) fn figures(server: &Server) -> Markup {
    html! {
        section aria-labelledby="figures" {
            h2 #figures { "Calls" }
            @match &server.figures {
                Figures::Known(load) => { (tiles(load)) (kinds(load)) }
                Figures::NoProxy => {
                    p.empty { "There is no proxy to ask: the server does not run." }
                }
                Figures::Unanswered(why) => { p.empty { (why) } }
            }
        }
    }
}

fn tiles(load: &Load) -> Markup {
    let total = load.total();
    let failed = total.failed();
    html! {
        dl.tiles {
            (tile("Sessions open", &words::count(load.sessions), None))
            (tile("Calls running", &words::count(load.running), None))
            (tile("Calls", &words::count(total.count), None))
            (tile("Errors", &words::count(failed), words::share(failed, total.count)))
            (tile("Usual time", &time(&total, USUAL), None))
            (tile("95 % within", &time(&total, SLOW), None))
        }
        p.fine { "Counted by the proxy since it started." }
    }
}

fn tile(label: &str, value: &str, beside: Option<String>) -> Markup {
    html! {
        div {
            dt { (label) }
            dd { (value) @if let Some(beside) = beside { " " span.share { (beside) } } }
        }
    }
}

/// Calls by what they asked for, the most frequent first.
fn kinds(load: &Load) -> Markup {
    let mut kinds: Vec<(&Kind, &Calls)> = load.kinds.iter().collect();
    kinds.sort_by_key(|(_, calls)| std::cmp::Reverse(calls.count));
    html! {
        @if !kinds.is_empty() {
            table.counts.stack role="table" {
                caption.unseen { "Calls by method and tool" }
                (cells::head(&COLUMNS, &(1..5)))
                tbody role="rowgroup" {
                    @for (kind, calls) in kinds { (line(kind, calls)) }
                }
            }
        }
    }
}

fn line(kind: &Kind, calls: &Calls) -> Markup {
    let [_, all, errors, usual, slow, why] = COLUMNS;
    html! {
        tr role="row" {
            th scope="row" role="rowheader" {
                @if kind.tool.is_empty() { code { (kind.method) } }
                @else { code { (kind.tool) } " " span.namespace { "tool" } }
            }
            (cells::number(all, &words::short(calls.count)))
            (cells::number(errors, &words::short(calls.failed())))
            (cells::number(usual, &html! { (time(calls, USUAL)) }))
            (cells::number(slow, &html! { (time(calls, SLOW)) }))
            @if calls.errors.is_empty() { td.text.none role="cell" {} }
            @else { (cells::text(why, &html! { (reasons(calls)) })) }
        }
    }
}

fn reasons(calls: &Calls) -> String {
    let word = |(error, count): (&String, &u64)| {
        format!("{} ({})", error.replace('_', " "), words::count(*count))
    };
    let all: Vec<String> = calls.errors.iter().map(word).collect();
    all.join(", ")
}

fn time(calls: &Calls, share: f64) -> String {
    calls
        .within(share)
        .map_or_else(|| "–".to_owned(), words::seconds)
}

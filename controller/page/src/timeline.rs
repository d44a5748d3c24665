//! What happened, the newest first, day by day.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::mark;
use crate::model::{Entry, Timeline, Tone};
use crate::words;

pub(crate) fn timeline(timeline: &Timeline, now: Timestamp) -> Markup {
    html! {
        section aria-labelledby="timeline" {
            div.head {
                h2 #timeline { "Timeline" }
                (choice(timeline))
            }
            @if let Some(note) = &timeline.note { (crate::shell::notes(std::slice::from_ref(note))) }
            @if timeline.entries.is_empty() && timeline.note.is_none() {
                p.empty {
                    @if timeline.warnings { "No warning is kept." } @else { "Nothing has happened yet." }
                }
            }
            @for day in days(&timeline.entries) { (one_day(day, now)) }
            (pages(timeline))
        }
    }
}

/// All, or what somebody should look at.
fn choice(timeline: &Timeline) -> Markup {
    let current = |on: bool| on.then_some("true");
    html! {
        nav.choice aria-label="Events to show" {
            a #events-all href="?#timeline" aria-current=[current(!timeline.warnings)] { "All" }
            a #events-warnings href="?only=warnings#timeline" aria-current=[current(timeline.warnings)] { "Warnings" }
        }
    }
}

/// Entries by their day, which is that of UTC.
fn days(entries: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    entries.chunk_by(|one, other| words::day(one.time) == words::day(other.time))
}

fn one_day(entries: &[Entry], now: Timestamp) -> Markup {
    let Some(first) = entries.first() else {
        return html! {};
    };
    let day = words::day(first.time);
    html! {
        h3.day { (day) }
        ol.events aria-label=(day) {
            @for entry in entries { (event(entry, now)) }
        }
    }
}

fn event(entry: &Entry, now: Timestamp) -> Markup {
    let tone = match entry.tone {
        Tone::Good => "good",
        Tone::Plain => "plain",
        Tone::Warning => "bad",
    };
    html! {
        li.(tone) id={ "e-" (entry.sequence) } {
            time datetime=(words::second(entry.time)) title=(words::full(entry.time)) {
                span.clock { (words::clock(entry.time)) }
                span.ago { (words::ago(entry.time, now)) }
            }
            (mark::tone(entry.tone))
            p { strong { (entry.reason) } " " (entry.text) }
        }
    }
}

fn pages(timeline: &Timeline) -> Markup {
    let only = if timeline.warnings {
        "only=warnings&"
    } else {
        ""
    };
    let all = if timeline.warnings {
        "?only=warnings#timeline"
    } else {
        "?#timeline"
    };
    html! {
        @if timeline.newer || timeline.older.is_some() {
            nav.pages aria-label="Older and newer events" {
                @if timeline.newer { a #newest href=(all) { "Newest" } }
                @if let Some(below) = timeline.older {
                    a #older rel="next" href={ "?" (only) "before=" (below) "#timeline" } { "Older" }
                }
            }
        }
    }
}

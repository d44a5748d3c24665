//! One server: how it is and what to do, what its proxy has counted, what happened.

use maud::{Markup, html};

use crate::cells;
use crate::mark;
use crate::model::{Condition, Fact, Server, Session, Sessions, Value};
use crate::timeline::timeline;
use crate::{figures, shell, words};

/// The server as a document.
pub fn server(page: &Server) -> String {
    let main = html! {
        (place(page))
        div.title.(mark::class(page.health)) {
            h1 { (page.name) }
            p.health role="status" #health { (mark::health(page.health)) }
            p.sentence { (page.sentence) }
            @if let Some(advice) = &page.advice { p.advice { (advice) } }
        }
        div.columns {
            div.main-column {
                (figures::figures(page))
                @if let Some(sessions) = &page.sessions { (clients(sessions)) }
                (timeline(&page.timeline, page.site.now))
            }
            aside aria-label="About this server" {
                (facts(page))
                (conditions(page))
            }
        }
    };
    let title = format!("{} {}", page.health.word(), page.name);
    shell::document(&page.site, &title, &main)
}

/// Where one is, for a server that is one of many.
fn place(page: &Server) -> Markup {
    html! {
        @if let Some(namespace) = &page.namespace {
            nav.place aria-label="You are here" {
                a #to-list href=(page.site.root) { "MCP servers" }
                span aria-hidden="true" { "/" }
                a #to-namespace href={ (page.site.root) "?namespace=" (crate::filter::escape(namespace)) } { (namespace) }
            }
        }
    }
}

fn facts(page: &Server) -> Markup {
    html! {
        section aria-labelledby="about" {
            h2 #about { "About" }
            dl.facts {
                @for Fact { label, value } in &page.facts {
                    div {
                        dt { (label) }
                        dd {
                            @match value {
                                Value::Text(text) => (text),
                                Value::Code(code) => { code { (code) } }
                                Value::Ago(time) => { (words::when(*time, page.site.now)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn conditions(page: &Server) -> Markup {
    html! {
        @if !page.conditions.is_empty() {
            section aria-labelledby="conditions" {
                h2 #conditions { "Conditions" }
                ul.conditions {
                    @for Condition { kind, holds, reason, message, since } in &page.conditions {
                        li {
                            p { strong { (kind) } " " (mark::holds(*holds)) }
                            @if *holds != Some(true) { p.sentence { (message) } }
                            p.fine { (reason) ", " (words::when(*since, page.site.now)) }
                        }
                    }
                }
            }
        }
    }
}

/// The columns of the sessions.
const SESSION: [&str; 5] = ["Session", "Through", "Open for", "Silent for", "Running"];

fn clients(sessions: &Sessions) -> Markup {
    html! {
        section aria-labelledby="sessions" {
            h2 #sessions { "Sessions" }
            @if sessions.shown.is_empty() {
                p.empty { "No client has a session." }
            } @else {
                table.counts.stack role="table" {
                    caption.unseen { "Sessions of clients" }
                    (cells::head(&SESSION, &(2..5)))
                    tbody role="rowgroup" { @for session in &sessions.shown { (client(session)) } }
                }
                @if sessions.more > 0 { p.fine { "And " (sessions.more) " more." } }
            }
        }
    }
}

fn client(session: &Session) -> Markup {
    let span =
        |time: std::time::Duration| words::span(i64::try_from(time.as_secs()).unwrap_or(i64::MAX));
    let [_, through, age, idle, running] = SESSION;
    html! {
        tr role="row" {
            th scope="row" role="rowheader" { code { (session.id) } }
            (cells::text(through, &html! { (session.how) }))
            (cells::number(age, &html! { (span(session.age)) }))
            (cells::number(idle, &html! { (span(session.idle)) }))
            (cells::number(running, &html! { (session.running) }))
        }
    }
}

//! The list of servers.

mod row;

use maud::{Markup, html};

use crate::cells;
use crate::filter::{Filter, PAGE_SIZE};
use crate::mark;
use crate::model::{Health, Overview};
use crate::{shell, words};

/// The list as a document.
pub fn overview(page: &Overview) -> String {
    let main = html! {
        h1 { "MCP servers" }
        p.unseen role="status" #sum { (sum(page)) }
        (shell::notes(&page.notes))
        (tally(page))
        (search(page))
        @if page.rows.is_empty() { (nothing(page)) } @else { (table(page)) (pages(page)) }
    };
    shell::document(&page.site, &title(page), &main)
}

/// The worst first, in the tab too.
fn title(page: &Overview) -> String {
    match page
        .tally
        .iter()
        .find(|(health, _)| *health == Health::Failed)
    {
        Some((_, failed @ 1..)) => format!("{failed} failed"),
        Some((_, 0)) | None => "MCP servers".to_owned(),
    }
}

/// For those who do not see the marks; read out when it changes.
fn sum(page: &Overview) -> String {
    let parts: Vec<String> = page
        .tally
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(health, count)| format!("{count} {}", health.word().to_lowercase()))
        .collect();
    match parts.len() {
        0 => "No servers.".to_owned(),
        _ => format!("Servers: {}.", parts.join(", ")),
    }
}

/// One mark a health, each a link to the servers of that health.
fn tally(page: &Overview) -> Markup {
    let all: usize = page.tally.iter().map(|(_, count)| count).sum();
    html! {
        nav.tally aria-label="Servers by health" {
            ul {
                li {
                    a #h-all href=(page.filter.of(None).link()) aria-current=[current(page, None)] {
                        strong { (all) } " all"
                    }
                }
                @for (health, count) in &page.tally {
                    li {
                        a id={ "h-" (health.word()) } href=(page.filter.of(Some(*health)).link())
                            aria-current=[current(page, Some(*health))]
                            class=[(*count == 0).then_some("none")] {
                            span.mark.(mark::class(*health)) { (mark::shape(*health)) }
                            strong { (count) } " " (health.word().to_lowercase())
                        }
                    }
                }
            }
        }
    }
}

fn current(page: &Overview, health: Option<Health>) -> Option<&'static str> {
    (page.filter.health == health).then_some("true")
}

fn search(page: &Overview) -> Markup {
    let filter = &page.filter;
    html! {
        form.search #search role="search" method="get" action="./" data-still="" {
            label for="q" { "Name" }
            input #q type="search" name="q" value=(filter.search) autocomplete="off" spellcheck="false";
            label for="namespace" { "Namespace" }
            select #namespace name="namespace" {
                option value="" { "All" }
                @for namespace in &page.namespaces {
                    option selected[filter.namespace.as_ref() == Some(namespace)] { (namespace) }
                }
            }
            @if let Some(health) = filter.health {
                input type="hidden" name="health" value=(health.word().to_lowercase());
            }
            button type="submit" { "Show" }
            @if filter.is_narrow() { a href="./" { "Show all" } }
        }
    }
}

fn nothing(page: &Overview) -> Markup {
    html! {
        @if page.filter.is_narrow() {
            p.empty { "No server is like that. " a href="./" { "Show all" } }
        } @else {
            p.empty {
                "There is no MCPServer yet. Apply one with " code { "kubectl apply" }
                ", and it shows here within a second."
            }
        }
    }
}

fn table(page: &Overview) -> Markup {
    html! {
        table.servers.stack role="table" {
            caption.unseen { (words::some(as_count(page.matching), "server")) }
            (cells::head(&row::COLUMNS, &(2..6)))
            tbody role="rowgroup" {
                @for server in &page.rows { (row::row(server, page.site.now)) }
            }
        }
    }
}

fn pages(page: &Overview) -> Markup {
    let (at, last) = (page.filter.page, page.pages);
    let filter: &Filter = &page.filter;
    html! {
        @if last > 1 {
            nav.pages aria-label="Pages" {
                @if at > 1 { a #previous rel="prev" href=(filter.at(at - 1).link()) { "Previous" } }
                span {
                    "Page " (at) " of " (last) ", "
                    (words::some(as_count(page.matching), "server")) ", " (PAGE_SIZE) " a page"
                }
                @if at < last { a #next rel="next" href=(filter.at(at + 1).link()) { "Next" } }
            }
        }
    }
}

fn as_count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

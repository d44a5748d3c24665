//! A dashboard and its data as one page: HTML and SVG, nothing from elsewhere.
//!
//! ```text
//!  Board, [Answered] ──grid──> panel ──by kind──> series | heat | states   (SVG, with axes)
//!                                                 stat | bars | table      (HTML)
//! ```
//!
//! It stands in for Grafana where there is none: same places, units, thresholds and words.

mod axis;
mod color;
mod heat;
mod moment;
mod names;
mod series;
mod states;
mod style;
mod table;

use maud::{DOCTYPE, Markup, html};

use super::answers::Answered;
use super::fill::Chosen;
use super::panel::Kind;
use super::shape::{Board, Item, Place};
use crate::prometheus::Window;

/// Width of the page, CSS pixels.
pub const WIDTH: u32 = 1600;
/// Space around the grid, CSS pixels.
const MARGIN: u32 = 16;
/// Width of one of the 24 columns, CSS pixels.
const COLUMN: f64 = (WIDTH - 2 * MARGIN) as f64 / 24.0;
/// Height of a line of the grid, CSS pixels; Grafana's is 30 with 8 between.
const LINE: u32 = 38;

/// The room that a panel has for its numbers, CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Room {
    width: f64,
    height: f64,
}

impl Room {
    /// Of a panel at its place: without its frame, its title and the line that says what it shows.
    fn of(place: Place) -> Self {
        Self {
            width: f64::from(place.w) * COLUMN - 28.0,
            height: f64::from(place.h * LINE) - 60.0,
        }
    }
}

/// The page.
pub fn page(board: &Board, answered: &[Answered<'_>], chosen: &Chosen, window: Window) -> String {
    let mut answers = answered.iter();
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (board.title) }
                style { (maud::PreEscaped(style::SHEET)) }
            }
            body {
                header {
                    h1 { (board.title) }
                    p { (board.description) }
                    p.chosen { (choice(chosen)) " · " (axis::clock(window.start)) " to " (axis::clock(window.end)) " UTC" }
                }
                main {
                    @for item in &board.panels {
                        @match item {
                            Item::Headline { title, place } => h2 style=(at(*place)) { (title) },
                            Item::Panel(_) => @if let Some(answered) = answers.next() {
                                (panel(answered, window))
                            },
                        }
                    }
                }
            }
        }
    };
    markup.into_string()
}

/// A number of things, as a length.
fn float(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn choice(chosen: &Chosen) -> String {
    let all = chosen.iter().map(|(name, value)| match value {
        ".*" => format!("{name}: all"),
        one => format!("{name}: {one}"),
    });
    all.collect::<Vec<_>>().join(" · ")
}

fn at(place: Place) -> String {
    let Place { x, y, w, h } = place;
    format!("grid-area: {} / {} / span {h} / span {w}", y + 1, x + 1)
}

fn panel(answered: &Answered<'_>, window: Window) -> Markup {
    let panel = answered.panel;
    let room = Room::of(panel.place);
    let small = panel.kind == Kind::Stat;
    let empty = !answered
        .answers
        .iter()
        .any(super::answers::Answer::has_data);
    html! {
        section.panel.small[small] style=(at(panel.place)) {
            h3 { (panel.title) }
            @if !small { p.said { (panel.description) } }
            @if empty {
                p.none { "No data" }
            } @else {
                @match panel.kind {
                    Kind::Series => (series::draw(answered, room, window)),
                    Kind::Heat => (heat::draw(answered, room, window)),
                    Kind::States => (states::draw(answered, room, window)),
                    Kind::Stat => (moment::stat(answered, room, window)),
                    Kind::Bars => (moment::bars(answered)),
                    Kind::Table => (table::draw(answered, room)),
                }
            }
        }
    }
}

//! Numbers of one moment: large, or as bars.

use maud::{Markup, html};

use super::super::answers::Answered;
use super::super::shape::Panel;
use super::axis::{px, top};
use super::names::{Named, named};
use super::{Room, color};
use crate::prometheus::Window;

/// Height of the line under a number, pixels.
const LINE: f64 = 34.0;

/// The last value, and the way to it.
pub(super) fn stat(answered: &Answered<'_>, room: Room, window: Window) -> Markup {
    let all = named(answered);
    let panel = answered.panel;
    html! {
        div.numbers.many[all.len() > 1] {
            @for one in &all {
                div {
                    div.number style={ "color:" (color::of(one.last(), &panel.steps)) } { (said(panel, one.last())) }
                    @if all.len() > 1 { div.name { (one.name) } }
                }
            }
        }
        @if let [one] = all.as_slice() { (way(one, panel, room, window)) }
    }
}

fn said(panel: &Panel, value: f64) -> String {
    let mut words = panel.words.iter();
    let word = words.find(|word| (word.value - value).abs() < f64::EPSILON);
    word.map_or_else(|| panel.unit.say(value), |word| word.text.clone())
}

fn way(one: &Named<'_>, panel: &Panel, room: Room, window: Window) -> Markup {
    let top = top(one.highest(), panel.unit, None);
    // Without marks the line begins at the left side.
    let x = |time: f64| room.width * (time - window.start) / (window.end - window.start);
    let y = |value: f64| 2.0 + (LINE - 3.0) * (1.0 - value.max(0.0) / top);
    let points = one.series.points.iter();
    let points = points.filter(|point| point.1.is_finite());
    let path: Vec<String> = points
        .map(|point| format!("{},{}", px(x(point.0)), px(y(point.1))))
        .collect();
    let color = color::of(one.last(), &panel.steps);
    html! {
        svg width=(px(room.width)) height=(px(LINE)) {
            polyline points=(path.join(" ")) fill="none" stroke=(color) stroke-opacity="0.6" {}
        }
    }
}

/// A bar for each series, the longest first.
pub(super) fn bars(answered: &Answered<'_>) -> Markup {
    let all = named(answered);
    let panel = answered.panel;
    let most = all.iter().map(Named::highest).fold(0.0, f64::max);
    let share = |value: f64| {
        if most > 0.0 {
            100.0 * value / most
        } else {
            0.0
        }
    };
    let color = |one: &Named<'_>| {
        if panel.steps.len() > 1 {
            color::of(one.last(), &panel.steps)
        } else {
            color::series(0)
        }
    };
    html! {
        @for one in &all {
            div.bar {
                span { (one.name) }
                div { i style={ "background:" (color(one)) ";width:" (px(share(one.last()))) "%" } {} }
                b { (panel.unit.say(one.last())) }
            }
        }
    }
}

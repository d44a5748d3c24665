//! Lines over time, areas one on the other, or columns.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::super::answers::Answered;
use super::super::panel::Kind;
use super::axis::{BOTTOM, Frame, TOP, px, top};
use super::names::{Named, legend, lines, named};
use super::{Room, color, float};
use crate::prometheus::Window;

/// Height of a line of the legend, pixels.
const LEGEND_LINE: f64 = 15.0;

/// Values of one series at each point of the window; none where there is none.
type Values = Vec<Option<f64>>;

pub(super) fn draw(answered: &Answered<'_>, room: Room, window: Window) -> Markup {
    let all = named(answered);
    let panel = answered.panel;
    let taken = LEGEND_LINE * float(lines(all.len()));
    let room = Room {
        height: (room.height - taken).max(BOTTOM + TOP + 40.0),
        ..room
    };
    let values: Vec<Values> = all.iter().map(|one| aligned(one, window)).collect();
    let bands = bands(&values, panel.style.stacked);
    let ends = || bands.iter().flatten().flatten();
    let highest = ends().map(|band| band.1).fold(0.0, f64::max);
    let low = ends().map(|band| band.1).fold(0.0, f64::min);
    let frame = Frame {
        room,
        window,
        low,
        top: top(highest, panel.unit, panel.top),
    };
    html! {
        svg width=(px(room.width)) height=(px(room.height)) {
            (frame.values(panel.unit))
            (frame.times())
            @for (one, bands) in all.iter().zip(&bands) {
                @if panel.style.columns {
                    path d=(columns(bands, &frame)) fill=(one.color) {}
                } @else {
                    path d=(area(bands, &frame)) fill=(one.color) fill-opacity=(fill(panel.style.stacked, all.len())) {}
                    path d=(line(bands, &frame)) fill="none" stroke=(one.color) stroke-width="1.4" stroke-linecap="round" {}
                }
            }
            (limits(answered, &frame))
        }
        (legend(&all, panel.unit))
    }
}

/// How much of the ground under a line is painted: many on each other would hide it.
const fn fill(stacked: bool, series: usize) -> &'static str {
    match (stacked, series) {
        (true, _) => "0.45",
        (false, 0..=3) => "0.08",
        (false, _) => "0",
    }
}

/// Thresholds that lie within the picture, as dashed lines.
fn limits(answered: &Answered<'_>, frame: &Frame) -> Markup {
    let steps = match answered.panel.kind {
        Kind::Series => answered.panel.steps.iter(),
        Kind::Stat | Kind::Bars | Kind::Table | Kind::Heat | Kind::States => [].iter(),
    };
    let within = steps.filter_map(|step| Some((step.value?, step.color.as_str())));
    html! {
        @for (value, word) in within.filter(|(value, _)| (frame.low..=frame.top).contains(value)) {
            line x1=(px(frame.x(frame.window.start))) x2=(px(frame.room.width)) y1=(px(frame.y(value)))
                y2=(px(frame.y(value))) stroke=(color::named(word)) stroke-dasharray="6 4" {}
        }
    }
}

/// The values at the points of the window.
fn aligned(one: &Named<'_>, window: Window) -> Values {
    let index = |time: f64| ((time - window.start) / window.step).round();
    let mut values = vec![None; whole(index(window.end)) + 1];
    for point in &one.series.points {
        if let Some(value) = values.get_mut(whole(index(point.0))) {
            *value = point.1.is_finite().then_some(point.1);
        }
    }
    values
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index of a bounded window, not negative"
)]
fn whole(index: f64) -> usize {
    index.max(0.0) as usize
}

/// From where to where each series goes at each point.
fn bands(all: &[Values], stacked: bool) -> Vec<Vec<Option<(f64, f64)>>> {
    let mut ground = vec![0.0; all.first().map_or(0, Vec::len)];
    let mut bands = Vec::new();
    for values in all {
        let own = values.iter().zip(&mut ground).map(|(value, ground)| {
            let value = (*value)?;
            let from = if stacked { *ground } else { 0.0 };
            if stacked {
                *ground += value;
            }
            Some((from, from + value))
        });
        bands.push(own.collect());
    }
    bands
}

/// Points of the window that follow each other without a gap.
fn runs(bands: &[Option<(f64, f64)>]) -> Vec<Vec<(usize, f64, f64)>> {
    let mut runs: Vec<Vec<(usize, f64, f64)>> = vec![Vec::new()];
    for (index, band) in bands.iter().enumerate() {
        match (band, runs.last_mut()) {
            (Some((low, high)), Some(run)) => run.push((index, *low, *high)),
            (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            (None | Some(_), _) => {}
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

fn time(index: usize, frame: &Frame) -> f64 {
    frame.window.start + float(index) * frame.window.step
}

/// A path through points: to the first of them without drawing.
fn path(points: impl Iterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (number, (x, y)) in points.enumerate() {
        let word = if number == 0 { 'M' } else { 'L' };
        // Writing to a String does not fail.
        let _ = write!(path, "{word}{x:.1} {y:.1}");
    }
    path
}

fn line(bands: &[Option<(f64, f64)>], frame: &Frame) -> String {
    let run = |run: Vec<(usize, f64, f64)>| {
        let points = run
            .iter()
            .map(|(index, _, high)| (frame.x(time(*index, frame)), frame.y(*high)));
        // A value between two gaps is a dot: its path has no length, and round ends.
        let dot = if run.len() == 1 { "h0.1" } else { "" };
        path(points) + dot
    };
    runs(bands).into_iter().map(run).collect()
}

fn area(bands: &[Option<(f64, f64)>], frame: &Frame) -> String {
    let run = |run: Vec<(usize, f64, f64)>| {
        let high = run.iter().map(|(index, _, high)| (*index, *high));
        let low = run.iter().rev().map(|(index, low, _)| (*index, *low));
        path(
            high.chain(low)
                .map(|(index, value)| (frame.x(time(index, frame)), frame.y(value))),
        ) + "Z"
    };
    runs(bands).into_iter().map(run).collect()
}

fn columns(bands: &[Option<(f64, f64)>], frame: &Frame) -> String {
    let width = (frame.step() - 1.0).max(1.0);
    let mut path = String::new();
    for (index, low, high) in runs(bands)
        .into_iter()
        .flatten()
        .filter(|(_, low, high)| high > low)
    {
        let (x, y, height) = (
            frame.x(time(index, frame)) - width / 2.0,
            frame.y(high),
            frame.y(low) - frame.y(high),
        );
        let _ = write!(path, "M{x:.1} {y:.1}h{width:.1}v{height:.1}h-{width:.1}Z");
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacked_series_begin_where_the_one_below_ends() {
        let below = vec![Some(1.0), None, Some(3.0)];
        let above = vec![Some(1.0), Some(2.0), None];
        let stacked = bands(&[below.clone(), above.clone()], true);
        assert_eq!(stacked[1], [Some((1.0, 2.0)), Some((0.0, 2.0)), None]);
        let free = bands(&[below, above], false);
        assert_eq!(free[1], [Some((0.0, 1.0)), Some((0.0, 2.0)), None]);
    }

    #[test]
    fn a_gap_ends_a_line() {
        let band = Some((0.0, 1.0));
        let runs = runs(&[None, band, band, None, None, band]);
        let at: Vec<Vec<usize>> = runs
            .iter()
            .map(|run| run.iter().map(|one| one.0).collect())
            .collect();
        assert_eq!(at, [vec![1, 2], vec![5]]);
    }
}

//! Axes: where values and times come to lie, and the marks along them.

use maud::{Markup, html};

use super::super::unit::Unit;
use super::Room;
use crate::prometheus::Window;

/// Room for the words of the value axis, pixels.
pub(super) const LEFT: f64 = 68.0;
/// Room for the words of the time axis, pixels.
pub(super) const BOTTOM: f64 = 16.0;
/// Room above, so that the highest word is not cut, pixels.
pub(super) const TOP: f64 = 6.0;

/// Seconds between marks of time, of which the first that gives few enough is taken.
const TIMES: [f64; 11] = [
    10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 10_800.0, 86_400.0,
];
/// Pixels that a mark of time needs.
const A_CLOCK: f64 = 60.0;

/// Maps values and times to pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) room: Room,
    pub(super) window: Window,
    /// The value at the lower end: 0, or below.
    pub(super) low: f64,
    /// The value at the upper end.
    pub(super) top: f64,
}

impl Frame {
    pub(super) fn x(&self, time: f64) -> f64 {
        let share = (time - self.window.start) / (self.window.end - self.window.start);
        LEFT + share * (self.room.width - LEFT)
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        let height = self.room.height - BOTTOM - TOP;
        TOP + height * (self.top - value) / (self.top - self.low)
    }

    /// Pixels between two points of time.
    pub(super) fn step(&self) -> f64 {
        self.x(self.window.start + self.window.step) - LEFT
    }

    /// Marks along the left side, with lines across.
    pub(super) fn values(&self, unit: Unit) -> Markup {
        let distance = distance(self.top - self.low, unit);
        html! {
            @for mark in marks(distance, self.low, self.top) {
                line x1=(LEFT) x2=(self.room.width) y1=(px(self.y(mark))) y2=(px(self.y(mark))) stroke="#e6e9ef" {}
                text x=(LEFT - 6.0) y=(px(self.y(mark) + 3.5)) text-anchor="end" { (unit.say(mark)) }
            }
        }
    }

    /// Marks along the lower side.
    pub(super) fn times(&self) -> Markup {
        let span = self.window.end - self.window.start;
        let most = ((self.room.width - LEFT) / A_CLOCK).max(1.0);
        let every = TIMES
            .iter()
            .find(|every| span / **every <= most)
            .unwrap_or(&TIMES[10]);
        let first = (self.window.start / every).ceil() * every;
        let marks = std::iter::successors(Some(first), |mark| Some(mark + every));
        // A word whose middle is the end of the picture would be cut.
        let fits = |mark: &f64| self.x(*mark) + A_CLOCK / 2.0 <= self.room.width;
        html! {
            @for mark in marks.take_while(fits) {
                text x=(px(self.x(mark))) y=(px(self.room.height - 3.0)) text-anchor="middle" {
                    (clock(mark)) @if *every < 60.0 { (format!(":{:02.0}", mark % 60.0)) }
                }
            }
        }
    }
}

/// A tidy upper end for values up to `highest`.
pub(super) fn top(highest: f64, unit: Unit, most: Option<f64>) -> f64 {
    if highest <= 0.0 || !highest.is_finite() {
        return most.unwrap_or(1.0);
    }
    let distance = distance(highest, unit);
    let top = (highest / distance * 1.000_001).ceil() * distance;
    most.map_or(top, |most| top.min(most))
}

/// The distance of about four marks: 1, 2 or 5 of a power of ten, a power of two for bytes, for long
/// times what clocks have.
fn distance(top: f64, unit: Unit) -> f64 {
    let wanted = top / 4.0;
    let tidy = match unit {
        Unit::Bytes | Unit::Throughput => return wanted.log2().ceil().exp2(),
        Unit::Seconds if wanted > 15.0 => {
            let clock = TIMES.into_iter().find(|step| *step >= wanted);
            return clock.unwrap_or_else(|| (wanted / 86_400.0).ceil() * 86_400.0);
        }
        Unit::Count
        | Unit::Calls
        | Unit::Operations
        | Unit::Rate
        | Unit::Seconds
        | Unit::Share
        | Unit::Times
        | Unit::Word => 10_f64.powf(wanted.log10().floor()),
    };
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * tidy);
    steps
        .into_iter()
        .find(|step| *step >= wanted)
        .unwrap_or(wanted)
}

fn marks(distance: f64, low: f64, top: f64) -> impl Iterator<Item = f64> {
    let first = (low / distance).ceil() * distance;
    let marks = std::iter::successors(Some(first), move |mark| Some(mark + distance));
    marks.take_while(move |mark| *mark <= top + distance * 1e-6)
}

/// Hours and minutes, UTC.
pub(super) fn clock(time: f64) -> String {
    let day = time.rem_euclid(86_400.0);
    format!(
        "{:02.0}:{:02.0}",
        (day / 3600.0).floor(),
        (day % 3600.0 / 60.0).floor()
    )
}

/// Tenths of a pixel are enough.
pub(super) fn px(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upper_end_is_a_tidy_number_not_far_above() {
        let top = |highest, unit, most| (top(highest, unit, most) * 1e6).round() / 1e6;
        assert!((top(0.93, Unit::Count, None) - 1.0).abs() < 1e-9);
        assert!((top(37.0, Unit::Calls, None) - 40.0).abs() < 1e-9);
        assert!((top(0.93, Unit::Share, Some(1.0)) - 1.0).abs() < 1e-9);
        assert!((top(3000.0, Unit::Bytes, None) - 3072.0).abs() < 1e-9);
        assert!((top(0.0, Unit::Count, None) - 1.0).abs() < 1e-9);
        assert!((top(500.0, Unit::Seconds, None) - 600.0).abs() < 1e-9);
    }

    #[test]
    fn a_clock_counts_from_midnight() {
        assert_eq!(clock(86_400.0 * 20_000.0 + 3_660.0), "01:01");
    }
}

//! A histogram over time: how many observations fell into each bucket, by how dark it is.

use maud::{Markup, html};

use super::super::answers::Answered;
use super::axis::{BOTTOM, Frame, LEFT, TOP, px};
use super::{Room, float};
use crate::prometheus::{Series, Window};

/// Columns of the picture: more could not be told apart.
const COLUMNS: usize = 90;

/// A bucket's upper end, and how many observations fell into it in each column.
type Bucket = (f64, Vec<f64>);

pub(super) fn draw(answered: &Answered<'_>, room: Room, window: Window) -> Markup {
    let series = answered.answers.iter().flat_map(|answer| &answer.series);
    let buckets = used(buckets(series, window));
    let most = buckets
        .iter()
        .flat_map(|bucket| &bucket.1)
        .copied()
        .fold(0.0, f64::max);
    let frame = Frame {
        room,
        window,
        low: 0.0,
        top: 1.0,
    };
    let height = (room.height - BOTTOM - TOP) / float(buckets.len().max(1));
    let width = (room.width - LEFT) / float(COLUMNS);
    let top = |row: usize| TOP + height * float(buckets.len() - 1 - row);
    html! {
        svg width=(px(room.width)) height=(px(room.height)) {
            (frame.times())
            @for (row, (end, counts)) in buckets.iter().enumerate() {
                @if height >= 9.0 || row % 2 == 0 {
                    text x=(LEFT - 6.0) y=(px(top(row) + height / 2.0 + 3.5)) text-anchor="end" { (said(*end, answered)) }
                }
                @for (column, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
                    rect x=(px(LEFT + width * float(column))) y=(px(top(row))) width=(px(width - 0.5)) height=(px(height - 1.0))
                        fill="#8a1c3b" fill-opacity=(px2(dark(*count, most))) {}
                }
            }
        }
    }
}

fn said(end: f64, answered: &Answered<'_>) -> String {
    if end.is_finite() {
        format!("≤ {}", answered.panel.unit.say(end))
    } else {
        "more".to_owned()
    }
}

/// From 0 to 1; by the root, so that few beside many are still seen.
fn dark(count: f64, most: f64) -> f64 {
    0.12 + 0.88 * (count / most).sqrt()
}

fn px2(value: f64) -> String {
    format!("{value:.2}")
}

/// The buckets with what is in them alone: Prometheus counts into each what is in the lower ones too.
fn buckets<'a>(series: impl Iterator<Item = &'a Series>, window: Window) -> Vec<Bucket> {
    let mut all: Vec<Bucket> = series.filter_map(|one| bucket(one, window)).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut below = vec![0.0; COLUMNS];
    for (_, counts) in &mut all {
        for (count, below) in counts.iter_mut().zip(&mut below) {
            let whole = *count;
            *count = (whole - *below).max(0.0);
            *below = whole.max(*below);
        }
    }
    all
}

fn bucket(series: &Series, window: Window) -> Option<Bucket> {
    let end = series.metric.get("le")?.parse().ok()?;
    let mut counts = vec![0.0; COLUMNS];
    for point in series.points.iter().filter(|point| point.1.is_finite()) {
        let share = (point.0 - window.start) / (window.end - window.start);
        let column = (1..COLUMNS)
            .take_while(|column| share * float(COLUMNS) >= float(*column))
            .count();
        counts[column] += point.1;
    }
    Some((end, counts))
}

/// Without the empty ones at both ends, but for one neighbour.
fn used(buckets: Vec<Bucket>) -> Vec<Bucket> {
    let full = |bucket: &Bucket| bucket.1.iter().any(|count| *count > 0.0);
    let first = buckets.iter().position(full).unwrap_or(0).saturating_sub(1);
    let last = buckets.iter().rposition(full).unwrap_or(0);
    buckets.into_iter().take(last + 2).skip(first).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::{Labels, Point};

    #[test]
    fn a_bucket_holds_only_what_the_lower_ones_do_not() {
        let series = |le: &str, count| Series {
            metric: Labels::from([("le".to_owned(), le.to_owned())]),
            points: vec![Point(0.0, count)],
        };
        let all = [series("+Inf", 7.0), series("0.1", 2.0), series("1", 7.0)];
        let window = Window {
            start: 0.0,
            end: 10.0,
            step: 1.0,
        };
        let buckets = buckets(all.iter(), window);
        let counts: Vec<f64> = buckets.iter().map(|bucket| bucket.1[0]).collect();
        assert_eq!(counts, [2.0, 5.0, 0.0]);
    }
}

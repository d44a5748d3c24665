//! Rows and columns: a row for each set of labels, with every query's value.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::super::answers::Answered;
use super::super::shape::{Cell, Column};
use super::{Room, color, float};
use crate::prometheus::Labels;

/// Height of a row, pixels.
const ROW: f64 = 22.5;

/// Values of queries by labels.
type Rows = BTreeMap<Labels, BTreeMap<usize, f64>>;

pub(super) fn draw(answered: &Answered<'_>, room: Room) -> Markup {
    let rows = rows(answered);
    let columns = &answered.panel.columns;
    // The headline, and the line that counts the rest, take a row each.
    let fits = |row: &usize| ROW * (2.0 + float(row + 1)) <= room.height;
    let shown = (0..rows.len()).take_while(fits).count();
    html! {
        table.table {
            tr { @for column in columns { th.value[is_value(column)] { (column.name) } } }
            @for (labels, values) in rows.iter().take(shown) {
                tr { @for column in columns { (cell(column, labels, values)) } }
            }
        }
        @if rows.len() > shown { p.said { "and " (rows.len() - shown) " more rows" } }
    }
}

const fn is_value(column: &Column) -> bool {
    matches!(column.from, Cell::Value { .. })
}

fn rows(answered: &Answered<'_>) -> Rows {
    let mut rows = Rows::new();
    for (index, answer) in answered.answers.iter().enumerate() {
        for series in &answer.series {
            if let Some(point) = series.points.last() {
                rows.entry(series.metric.clone())
                    .or_default()
                    .insert(index, point.1);
            }
        }
    }
    rows
}

fn cell(column: &Column, labels: &Labels, values: &BTreeMap<usize, f64>) -> Markup {
    match &column.from {
        Cell::Label(label) => html! { td { (labels.get(label).map_or("", String::as_str)) } },
        Cell::Value { index, unit, steps } => {
            let value = values.get(index).copied().filter(|value| value.is_finite());
            html! {
                td.value {
                    @if let Some(value) = value {
                        span style=(if steps.len() > 1 { format!("color:{}", color::of(value, steps)) } else { String::new() }) {
                            (unit.say(value))
                        }
                    }
                }
            }
        }
    }
}

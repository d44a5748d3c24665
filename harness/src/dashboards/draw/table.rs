//! Rows and columns: a row for each set of labels, with every query's value.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::super::answers::Answered;
use super::super::shape::{Cell, Column};
use super::color;
use crate::prometheus::Labels;

/// Rows; the rest is counted.
const ROWS: usize = 12;

/// Values of queries by labels.
type Rows = BTreeMap<Labels, BTreeMap<usize, f64>>;

pub(super) fn draw(answered: &Answered<'_>) -> Markup {
    let rows = rows(answered);
    let columns = &answered.panel.columns;
    html! {
        table.table {
            tr { @for column in columns { th { (column.name) } } }
            @for (labels, values) in rows.iter().take(ROWS) {
                tr { @for column in columns { (cell(column, labels, values)) } }
            }
        }
        @if rows.len() > ROWS { p.said { "and " (rows.len() - ROWS) " more rows" } }
    }
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

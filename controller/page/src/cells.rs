//! Tables that are cards on a narrow screen. The roles are said aloud because a table that is laid out
//! as something else is no table to a screen reader any more.

use std::ops::Range;

use maud::{Markup, html};

/// The first row. Columns in `numbers` hold numbers, the others words.
pub(crate) fn head(labels: &[&str], numbers: &Range<usize>) -> Markup {
    html! {
        thead role="rowgroup" {
            tr role="row" {
                @for (at, label) in labels.iter().enumerate() {
                    th scope="col" role="columnheader" class=[numbers.contains(&at).then_some("number")] { (label) }
                }
            }
        }
    }
}

/// A number; on a narrow screen with the label of its column.
pub(crate) fn number(label: &str, value: &Markup) -> Markup {
    html! {
        td.number role="cell" { (labelled(label, value)) }
    }
}

/// Words, likewise.
pub(crate) fn text(label: &str, value: &Markup) -> Markup {
    html! {
        td.text role="cell" { (labelled(label, value)) }
    }
}

fn labelled(label: &str, value: &Markup) -> Markup {
    html! { span.label aria-hidden="true" { (label) } span.value { (value) } }
}

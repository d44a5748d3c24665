//! Tables that are cards on a narrow screen. The roles are said aloud because a table that is laid out
//! as something else is no table to a screen reader any more.

use maud::{Markup, html};

/// The first row. The first `words` columns hold words, the others numbers.
pub(crate) fn head(labels: &[&str], words: usize) -> Markup {
    html! {
        thead role="rowgroup" {
            tr role="row" {
                @for (at, label) in labels.iter().enumerate() {
                    th scope="col" role="columnheader" class=[(at >= words).then_some("number")] { (label) }
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

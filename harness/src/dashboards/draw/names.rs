//! What series are called, and the legend that says so.

use std::cmp::Ordering;

use maud::{Markup, html};

use super::super::answers::Answered;
use super::super::unit::Unit;
use super::color;
use crate::prometheus::{Labels, Series};

/// Lines of a legend; the rest is counted.
pub(super) const LEGEND: usize = 6;

/// A series with what it is called.
#[derive(Clone, Debug)]
pub(super) struct Named<'a> {
    pub(super) name: String,
    pub(super) series: &'a Series,
    pub(super) color: &'static str,
}

impl Named<'_> {
    /// The highest of its values.
    pub(super) fn highest(&self) -> f64 {
        finite(self.series).fold(f64::NEG_INFINITY, f64::max)
    }

    /// The last of its values.
    pub(super) fn last(&self) -> f64 {
        finite(self.series).last().unwrap_or(f64::NAN)
    }
}

fn finite(series: &Series) -> impl Iterator<Item = f64> {
    series
        .points
        .iter()
        .map(|point| point.1)
        .filter(|value| value.is_finite())
}

/// Every series that has a value, in the order of queries and then the highest first.
pub(super) fn named<'a>(answered: &'a Answered<'_>) -> Vec<Named<'a>> {
    let mut all = Vec::new();
    for answer in &answered.answers {
        let mut own: Vec<Named<'_>> = answer
            .series
            .iter()
            .filter(|series| finite(series).next().is_some())
            .map(|series| Named {
                name: called(&answer.target.legend_format, &series.metric),
                series,
                color: "",
            })
            .collect();
        own.sort_by(|a, b| {
            let order = b.highest().partial_cmp(&a.highest());
            order
                .unwrap_or(Ordering::Equal)
                .then_with(|| a.name.cmp(&b.name))
        });
        all.extend(own);
    }
    for (index, one) in all.iter_mut().enumerate() {
        one.color = color::series(index);
    }
    all
}

/// A legend's format with the values of labels; a label that is not there is empty.
pub(super) fn called(format: &str, labels: &Labels) -> String {
    let mut name = String::new();
    let mut rest = format;
    while let Some((before, tail)) = rest.split_once("{{") {
        let (label, after) = tail.split_once("}}").unwrap_or((tail, ""));
        name.push_str(before);
        name.push_str(labels.get(label).map_or("", String::as_str));
        rest = after;
    }
    name.push_str(rest);
    if name.trim().is_empty() {
        "none".to_owned()
    } else {
        name
    }
}

/// Lines that a legend of so many series takes.
pub(super) const fn lines(series: usize) -> usize {
    if series > LEGEND {
        LEGEND + 2
    } else {
        series + 1
    }
}

/// The legend: each series with its last and its highest value.
pub(super) fn legend(all: &[Named<'_>], unit: Unit) -> Markup {
    let more = all.len().saturating_sub(LEGEND);
    html! {
        table.legend {
            thead { tr { td {} td { "last" } td { "max" } } }
            @for one in all.iter().take(LEGEND) {
                tr {
                    td { span.key style={ "background:" (one.color) } {} (one.name) }
                    td { (unit.say(one.last())) }
                    td { (unit.say(one.highest())) }
                }
            }
            @if more > 0 { tr { td.more { "and " (more) " more" } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_values_of_its_labels() {
        let labels = Labels::from([("a".to_owned(), "x".to_owned())]);
        assert_eq!(called("{{a}}/{{b}} end", &labels), "x/ end");
        assert_eq!(called("{{b}}", &labels), "none");
        assert_eq!(called("plain", &labels), "plain");
    }
}

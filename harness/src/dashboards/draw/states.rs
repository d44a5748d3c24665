//! Words over time: a row for each series, coloured by what its value stands for.

use maud::{Markup, html};

use super::super::answers::Answered;
use super::super::shape::Word;
use super::axis::{BOTTOM, Frame, TOP, px};
use super::color;
use super::names::{Named, named};
use super::{Room, float};
use crate::prometheus::{Point, Window};

/// Rows; the rest is counted.
const ROWS: usize = 16;
/// Room for the legend of words, pixels.
const LEGEND: f64 = 18.0;
/// Room for names: a share of the width.
const NAMES: f64 = 0.27;
/// Width of a letter, pixels.
const LETTER: f64 = 6.1;
/// The highest a row becomes, pixels.
const HIGHEST: f64 = 26.0;

pub(super) fn draw(answered: &Answered<'_>, room: Room, window: Window) -> Markup {
    let mut all = named(answered);
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let words = &answered.panel.words;
    let names = room.width * NAMES;
    let drawn = Room {
        width: room.width - names,
        height: room.height - LEGEND,
    };
    let frame = Frame {
        room: drawn,
        window,
        low: 0.0,
        top: 1.0,
    };
    let rows = all.len().min(ROWS);
    let height = ((drawn.height - BOTTOM - TOP) / float(rows)).min(HIGHEST);
    let y = |row: usize| TOP + height * float(row) - height;
    html! {
        svg width=(px(room.width)) height=(px(drawn.height)) {
            @for (row, one) in all.iter().take(ROWS).enumerate() {
                text x="0" y=(px(y(row + 1) + height / 2.0 + 3.5)) { (short(&one.name, names / LETTER)) }
                g transform={ "translate(" (px(names)) ")" } {
                    @for (from, to, word) in stretches(one, words, window.step) {
                        rect x=(px(frame.x(from))) y=(px(y(row + 1))) width=(px((frame.x(to) - frame.x(from)).max(0.8)))
                            height=(px(height - 2.0)) fill=(color::named(&word.color)) fill-opacity="0.8" {}
                    }
                }
            }
            g transform={ "translate(" (px(names)) ")" } { (frame.times()) }
        }
        div.words {
            @for word in words { span { span.key style={ "background:" (color::named(&word.color)) } {} (word.text) } }
            @if all.len() > ROWS { span { "and " (all.len() - ROWS) " more rows" } }
        }
    }
}

/// A name in so many letters; its end is what tells it from others.
fn short(name: &str, room: f64) -> String {
    let letters: Vec<char> = name.chars().collect();
    let fits = (1..=letters.len()).take_while(|count| float(*count) <= room);
    match letters.len() - fits.count() {
        0 => name.to_owned(),
        cut => std::iter::once(&'…').chain(&letters[cut + 1..]).collect(),
    }
}

/// From when to when a series had the value of a word; a gap ends it.
fn stretches<'a>(one: &Named<'_>, words: &'a [Word], step: f64) -> Vec<(f64, f64, &'a Word)> {
    let mut stretches: Vec<(f64, f64, &Word)> = Vec::new();
    for Point(time, value) in &one.series.points {
        let Some(word) = words
            .iter()
            .find(|word| (word.value - value).abs() < f64::EPSILON)
        else {
            continue;
        };
        match stretches.last_mut() {
            Some((_, to, last)) if *last == word && time - *to < step * 0.5 => *to = time + step,
            Some(_) | None => stretches.push((*time, time + step, word)),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::{Labels, Series};

    #[test]
    fn a_stretch_ends_with_its_word_and_with_a_gap() {
        let word = |value, text: &str| Word {
            value,
            text: text.to_owned(),
            color: String::new(),
        };
        let words = [word(0.0, "no"), word(1.0, "yes")];
        let points = [(0.0, 1.0), (1.0, 1.0), (2.0, 0.0), (5.0, 0.0), (6.0, 7.0)];
        let points = points.map(|(time, value)| Point(time, value)).to_vec();
        let series = Series {
            metric: Labels::new(),
            points,
        };
        let one = Named {
            name: String::new(),
            series: &series,
            color: "",
        };
        let found = stretches(&one, &words, 1.0);
        let told: Vec<_> = found
            .iter()
            .map(|(from, to, word)| (*from, *to, word.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [(0.0, 2.0, "yes"), (2.0, 3.0, "no"), (5.0, 6.0, "no")]
        );
    }
}

//! Shapes that say how something is without any colour, each with its word beside it.
//!
//! ```text
//!  Failed  triangle with !      Pending  ring, half full     Ready   disc with a tick
//!  Stopped square               Terminating  disc with a bar
//! ```

use maud::{Markup, html};

use crate::model::{Health, Tone};

/// The shape and the word.
pub(crate) fn health(health: Health) -> Markup {
    html! {
        span.mark.(class(health)) { (shape(health)) span { (health.word()) } }
    }
}

/// The class that gives shape and word their colour.
pub(crate) const fn class(health: Health) -> &'static str {
    match health {
        Health::Failed => "bad",
        Health::Pending => "wait",
        Health::Ready => "good",
        Health::Terminating | Health::Stopped => "still",
    }
}

/// The shape alone, which says nothing to who cannot see it.
pub(crate) fn shape(health: Health) -> Markup {
    match health {
        Health::Failed => alarm(),
        Health::Pending => svg(&html! {
            circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" {}
            path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" {}
        }),
        Health::Ready => tick(),
        Health::Terminating => svg(&html! {
            circle cx="8" cy="8" r="7" fill="currentColor" {}
            path.inside d="M4.5 8h7" fill="none" stroke-width="2" stroke-linecap="round" {}
        }),
        Health::Stopped => svg(&html! {
            rect x="2" y="2" width="12" height="12" rx="2" fill="currentColor" {}
        }),
    }
}

/// The shape of a piece of news, and its word where it needs one.
pub(crate) fn tone(tone: Tone) -> Markup {
    match tone {
        Tone::Good => html! { span.mark.good { (tick()) } },
        Tone::Plain => html! { span.mark.plain { (dot()) } },
        Tone::Warning => html! { span.mark.bad { (alarm()) span.unseen { "Warning: " } } },
    }
}

/// Whether a condition holds.
pub(crate) fn holds(holds: Option<bool>) -> Markup {
    match holds {
        Some(true) => html! { span.mark.good { (tick()) span { "True" } } },
        Some(false) => html! { span.mark.bad { (alarm()) span { "False" } } },
        None => html! { span.mark.still { (dot()) span { "Unknown" } } },
    }
}

/// A triangle with an exclamation mark.
pub(crate) fn alarm() -> Markup {
    svg(&html! {
        path d="M8 1 15.5 14.5H.5z" fill="currentColor" stroke="currentColor" stroke-linejoin="round" {}
        path.inside d="M8 6v4" fill="none" stroke-width="2" stroke-linecap="round" {}
        circle.inside-dot cx="8" cy="12.5" r="1.1" {}
    })
}

fn tick() -> Markup {
    svg(&html! {
        circle cx="8" cy="8" r="7" fill="currentColor" {}
        path.inside d="m4.7 8.3 2.3 2.3 4.3-4.8" fill="none" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" {}
    })
}

fn dot() -> Markup {
    svg(
        &html! { circle cx="8" cy="8" r="3.5" fill="none" stroke="currentColor" stroke-width="2" {} },
    )
}

fn svg(inner: &Markup) -> Markup {
    html! {
        svg.shape viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false" { (inner) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_healths_have_the_same_shape_or_word() {
        let shapes = Health::ALL.map(|health| shape(health).into_string());
        let words = Health::ALL.map(Health::word);
        assert_eq!(BTreeSet::from(shapes).len(), Health::ALL.len());
        assert_eq!(BTreeSet::from(words).len(), Health::ALL.len());
    }

    #[test]
    fn the_tones_differ_by_shape_and_a_warning_also_by_word() {
        let all = [Tone::Good, Tone::Plain, Tone::Warning].map(|one| tone(one).into_string());
        let shapes: BTreeSet<_> = all
            .iter()
            .map(|one| one.split_once("<svg").unwrap().1)
            .collect();
        assert_eq!(shapes.len(), 3);
        assert!(all[2].contains("Warning"));
    }
}

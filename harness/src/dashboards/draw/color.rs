//! Colours: one for each series, and those of thresholds.

use super::super::shape::Step;

/// Colours that people with any kind of colour vision tell apart, in their order of use.
const SERIES: [&str; 12] = [
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#8c6d1f", "#6a51a3",
    "#1b9e77", "#b5446e", "#7a8699", "#3b7d23",
];

/// The colour of the series with this index; they begin anew where there are too many.
pub(super) const fn series(index: usize) -> &'static str {
    SERIES[index % SERIES.len()]
}

/// What a word of Grafana for a colour looks like.
pub(super) fn named(word: &str) -> &'static str {
    match word {
        "green" => "#2b9348",
        "orange" => "#e07b00",
        "red" => "#d12f3c",
        "yellow" => "#d9b310",
        "gray" => "#9aa3b2",
        _ => "#2f6fb2",
    }
}

/// The colour of a value by thresholds.
pub(super) fn of(value: f64, steps: &[Step]) -> &'static str {
    let reached = steps
        .iter()
        .rfind(|step| step.value.is_none_or(|from| value >= from));
    named(reached.map_or("blue", |step| step.color.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_the_colour_of_the_last_step_that_it_reached() {
        let step = |value, color: &str| Step {
            value,
            color: color.to_owned(),
        };
        let steps = [
            step(None, "green"),
            step(Some(0.5), "orange"),
            step(Some(1.0), "red"),
        ];
        assert_eq!(of(-1.0, &steps), named("green"));
        assert_eq!(of(0.5, &steps), named("orange"));
        assert_eq!(of(7.0, &steps), named("red"));
        assert_eq!(of(7.0, &[]), named("blue"));
    }
}

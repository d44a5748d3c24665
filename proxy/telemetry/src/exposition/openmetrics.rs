//! The text of [OpenMetrics 1.0](https://prometheus.io/docs/specs/om/open_metrics_spec/).

use std::{
    fmt::{self, Write as _},
    time::{Duration, SystemTime},
};

use prometheus::proto::{LabelPair, Metric, MetricFamily, MetricType};

use super::exemplars::{Exemplar, Exemplars};

/// What the samples of a counter end with, and its family does not.
const TOTAL: &str = "_total";
/// Units that families of ours are in; OpenMetrics wants them at the end of the name.
const UNITS: [&str; 2] = ["seconds", "bytes"];

/// The unit that a family's name ends with.
pub(crate) fn unit(family: &str) -> Option<&'static str> {
    let family = family.strip_suffix(TOTAL).unwrap_or(family);
    let ends = |unit: &&str| {
        let before = family.strip_suffix(*unit);
        before.is_some_and(|before| before.ends_with('_'))
    };
    UNITS.into_iter().find(ends)
}

/// Writes everything.
pub(super) fn encode(families: &[MetricFamily], exemplars: &Exemplars) -> String {
    let mut text = String::new();
    for family in families {
        write_family(&mut text, family, exemplars).expect("writing to text cannot fail");
    }
    text.push_str("# EOF\n");
    text
}

fn write_family(text: &mut String, family: &MetricFamily, exemplars: &Exemplars) -> fmt::Result {
    let full = family.name();
    // A counter whose samples do not end with `_total` is none to OpenMetrics.
    let (name, kind) = match (family.get_field_type(), full.strip_suffix(TOTAL)) {
        (MetricType::COUNTER, Some(name)) => (name, "counter"),
        (MetricType::GAUGE, _) => (full, "gauge"),
        (MetricType::HISTOGRAM, _) => (full, "histogram"),
        (MetricType::COUNTER, None) | (MetricType::SUMMARY | MetricType::UNTYPED, _) => {
            (full, "unknown")
        }
    };
    writeln!(text, "# TYPE {name} {kind}")?;
    if let Some(unit) = unit(name) {
        writeln!(text, "# UNIT {name} {unit}")?;
    }
    writeln!(text, "# HELP {name} {}", Escaped(family.help()))?;
    for metric in family.get_metric() {
        match family.get_field_type() {
            MetricType::COUNTER => {
                let value = metric.get_counter().get_value();
                sample(text, full, metric.get_label(), value)?;
            }
            MetricType::HISTOGRAM => histogram(text, name, metric, exemplars)?,
            MetricType::GAUGE | MetricType::SUMMARY | MetricType::UNTYPED => {
                let value = metric.get_gauge().get_value();
                sample(text, full, metric.get_label(), value)?;
            }
        }
    }
    Ok(())
}

fn sample(text: &mut String, name: &str, labels: &[LabelPair], value: f64) -> fmt::Result {
    writeln!(text, "{name}{} {}", Labels(labels, None), Number(value))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of this format are doubles; a count past 2^53 takes centuries"
)]
fn histogram(text: &mut String, name: &str, metric: &Metric, all: &Exemplars) -> fmt::Result {
    let labels = metric.get_label();
    let histogram = metric.get_histogram();
    let exemplars = all.of(name, labels);
    let buckets = histogram.get_bucket().iter();
    let finite = buckets.filter(|bucket| bucket.upper_bound().is_finite());
    let finite = finite.map(|bucket| (bucket.upper_bound(), bucket.cumulative_count()));
    let infinite = (f64::INFINITY, histogram.get_sample_count());
    for (index, (bound, count)) in finite.chain([infinite]).enumerate() {
        write!(text, "{name}_bucket{} {count}", Labels(labels, Some(bound)))?;
        if let Some(Some(exemplar)) = exemplars.get(index) {
            write_exemplar(text, exemplar)?;
        }
        text.push('\n');
    }
    sample(
        text,
        &format!("{name}_count"),
        labels,
        histogram.get_sample_count() as f64,
    )?;
    sample(
        text,
        &format!("{name}_sum"),
        labels,
        histogram.get_sample_sum(),
    )
}

fn write_exemplar(text: &mut String, exemplar: &Exemplar) -> fmt::Result {
    let since = exemplar.time.duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.unwrap_or(Duration::ZERO).as_secs_f64();
    write!(
        text,
        " # {{trace_id=\"{}\",span_id=\"{}\"}} {} {seconds:.3}",
        exemplar.trace,
        exemplar.span,
        Number(exemplar.value)
    )
}

/// Labels, and the bound of a bucket if there is one. Those without a value are absent.
struct Labels<'a>(&'a [LabelPair], Option<f64>);

impl fmt::Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "{";
        for label in self.0.iter().filter(|label| !label.value().is_empty()) {
            write!(f, "{before}{}=\"{}\"", label.name(), Escaped(label.value()))?;
            before = ",";
        }
        if let Some(bound) = self.1 {
            write!(f, "{before}le=\"{}\"", Bound(bound))?;
            before = ",";
        }
        if before == "," {
            f.write_str("}")
        } else {
            Ok(())
        }
    }
}

/// A number as the format has it.
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_nan() {
            f.write_str("NaN")
        } else if self.0.is_infinite() {
            f.write_str(if self.0 > 0.0 { "+Inf" } else { "-Inf" })
        } else {
            write!(f, "{}", self.0)
        }
    }
}

/// A bound: always with a point or an exponent, so that every process writes the same row alike.
struct Bound(f64);

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_finite() {
            write!(f, "{:?}", self.0)
        } else {
            Number(self.0).fmt(f)
        }
    }
}

struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '"' => f.write_str("\\\"")?,
                plain => f.write_char(plain)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry};

    use super::*;
    use crate::sampling::Sampler;

    const BOUNDS: &[f64] = &[0.5, 1.0];

    #[test]
    fn every_kind_of_family_is_written_as_the_specification_has_it() {
        let registry = Registry::new();
        let calls = Opts::new("calls_total", "Calls, \"all\" of\nthem");
        let calls = IntCounterVec::new(calls, &["error", "tool"]).unwrap();
        calls.with_label_values(&["", "a\\b\"c"]).inc_by(3);
        let open = IntGauge::new("open", "Open now").unwrap();
        let time = HistogramOpts::new("time_seconds", "Time").buckets(BOUNDS.to_vec());
        let time = HistogramVec::new(time, &["tool"]).unwrap();
        time.with_label_values(&["x"]).observe(0.75);
        registry.register(Box::new(calls)).unwrap();
        registry.register(Box::new(open)).unwrap();
        registry.register(Box::new(time)).unwrap();
        let exemplars = Exemplars::default();
        let context = Sampler::parent_based(1.0).decide(None).unwrap();
        let slot = exemplars.family("time_seconds", BOUNDS);
        slot.record(&[("tool", "x")], 0.75, &context);

        let text = encode(&registry.gather(), &exemplars);
        let (before, after) = text.split_once(" # {").unwrap();
        let (exemplar, after) = after.split_once('\n').unwrap();
        let place = format!(
            "trace_id=\"{}\",span_id=\"{}\"}} 0.75 ",
            context.trace, context.span
        );
        assert!(exemplar.starts_with(&place), "{exemplar}");
        let expected = r#"# TYPE calls counter
# HELP calls Calls, \"all\" of\nthem
calls_total{tool="a\\b\"c"} 3
# TYPE open gauge
# HELP open Open now
open 0
# TYPE time_seconds histogram
# UNIT time_seconds seconds
# HELP time_seconds Time
time_seconds_bucket{tool="x",le="0.5"} 0
time_seconds_bucket{tool="x",le="1.0"} 1
time_seconds_bucket{tool="x",le="+Inf"} 1
time_seconds_count{tool="x"} 1
time_seconds_sum{tool="x"} 0.75
# EOF
"#;
        assert_eq!(format!("{before}\n{after}"), expected);
    }

    #[test]
    fn a_counter_without_total_in_its_name_is_of_no_known_kind() {
        let registry = Registry::new();
        let odd = prometheus::IntCounter::new("odd", "Odd").unwrap();
        registry.register(Box::new(odd)).unwrap();
        let text = encode(&registry.gather(), &Exemplars::default());
        assert!(
            text.contains("# TYPE odd unknown\n") && text.contains("\nodd 0\n"),
            "{text}"
        );
    }

    #[test]
    fn numbers_that_are_none_have_the_names_of_the_format() {
        let written = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(|n| Number(n).to_string());
        assert_eq!(written, ["NaN", "+Inf", "-Inf"]);
    }
}

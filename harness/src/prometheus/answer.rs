//! What Prometheus answers, as its HTTP API documents it (version 1), read strictly enough that an
//! answer of another shape is an error.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

/// Labels by their names.
pub type Labels = BTreeMap<String, String>;

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Point(
    /// When: seconds since 1970.
    pub f64,
    /// The value; may be not a number.
    #[serde(deserialize_with = "float")]
    pub f64,
);

/// One series at one time.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Sample {
    /// Its labels; the metric's name is `__name__`.
    pub metric: Labels,
    /// Its value.
    #[serde(rename = "value")]
    pub point: Point,
}

impl Sample {
    /// The value alone.
    pub fn value(&self) -> f64 {
        self.point.1
    }

    /// A label's value; empty if there is no such label.
    pub fn label(&self, name: &str) -> &str {
        self.metric.get(name).map_or("", String::as_str)
    }
}

/// One series over some time.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Series {
    /// Its labels.
    pub metric: Labels,
    /// Its values, oldest first.
    #[serde(rename = "values")]
    pub points: Vec<Point>,
}

/// How the last scrape of a target went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Good.
    Up,
    /// It failed.
    Down,
    /// There was none yet.
    Unknown,
}

/// What Prometheus scrapes.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// The labels that its series get.
    pub labels: Labels,
    /// What discovery said of it; names begin with `__meta_`.
    pub discovered_labels: Labels,
    /// The job.
    pub scrape_pool: String,
    /// Where it is scraped.
    pub scrape_url: String,
    /// How the last scrape went.
    pub health: Health,
    /// Why it failed; empty if it did not.
    pub last_error: String,
    /// How long the last scrape took, in seconds.
    pub last_scrape_duration: f64,
}

impl Target {
    /// A label's value; empty if there is no such label.
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

/// Whether an alert is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// Its condition does not hold.
    Inactive,
    /// Its condition holds, not yet for long enough.
    Pending,
    /// It fires.
    Firing,
    /// Its rule was not evaluated yet.
    Unknown,
}

/// An alert that is pending or fires.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// Its labels; its name is `alertname`.
    pub labels: Labels,
    /// Its annotations, filled in.
    pub annotations: Labels,
    /// Pending or firing.
    pub state: AlertState,
    /// Since when the condition holds, in RFC 3339.
    #[serde(default)]
    pub active_at: Option<String>,
    /// The value of its expression.
    #[serde(deserialize_with = "float")]
    pub value: f64,
}

impl Alert {
    /// The name of its rule.
    pub fn name(&self) -> &str {
        self.labels.get("alertname").map_or("", String::as_str)
    }

    /// Whether it has all these labels.
    pub fn has(&self, labels: &[(&str, &str)]) -> bool {
        let has = |(name, value): &(&str, &str)| self.labels.get(*name).is_some_and(|v| v == value);
        labels.iter().all(has)
    }
}

/// A rule, of either kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The alert's name, or the series that is recorded.
    pub name: String,
    /// Its expression, as Prometheus writes it.
    pub query: String,
    /// `alerting` or `recording`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `ok`, `err` or `unknown`.
    pub health: String,
    /// Why it could not be evaluated.
    #[serde(default)]
    pub last_error: String,
    /// Of an alert.
    #[serde(default)]
    pub state: Option<AlertState>,
    /// How long the last evaluation took, in seconds.
    #[serde(default)]
    pub evaluation_time: f64,
    /// Labels that it adds.
    #[serde(default)]
    pub labels: Labels,
    /// Annotations of an alert, as written.
    #[serde(default)]
    pub annotations: Labels,
    /// What is pending or fires.
    #[serde(default)]
    pub alerts: Vec<Alert>,
}

/// Rules that are evaluated together.
#[derive(Clone, Debug, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Its rules, in their order.
    pub rules: Vec<Rule>,
}

/// A single observation that a histogram or a counter remembers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Exemplar {
    /// Its labels, such as `trace_id`.
    pub labels: Labels,
    /// What was observed.
    #[serde(deserialize_with = "float")]
    pub value: f64,
    /// When: seconds since 1970.
    pub timestamp: f64,
}

/// The exemplars of one series.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exemplars {
    /// The series.
    pub series_labels: Labels,
    /// What it remembers.
    pub exemplars: Vec<Exemplar>,
}

/// Floats are texts there, so that `NaN` and `+Inf` can be told; alerts write `1e+00`.
fn float<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    match Value::deserialize(from)? {
        Value::String(text) => text.parse().map_err(D::Error::custom),
        Value::Number(number) => number.as_f64().ok_or_else(|| D::Error::custom("no float")),
        other => Err(D::Error::custom(format!("{other} is no float"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_may_be_a_number_an_infinity_or_none() {
        let read = |text: &str| -> f64 {
            let sample: Sample =
                serde_json::from_value(json!({ "metric": {}, "value": [1.5, text] })).unwrap();
            sample.value()
        };
        assert!((read("0.25") - 0.25).abs() < f64::EPSILON);
        assert!(read("+Inf").is_infinite());
        assert!(read("NaN").is_nan());
        assert!(serde_json::from_value::<Point>(json!([1, "x"])).is_err());
    }

    #[test]
    fn an_alert_is_found_by_its_labels() {
        let alert: Alert = serde_json::from_value(json!({
            "labels": { "alertname": "Down", "namespace": "a" }, "annotations": {},
            "state": "firing", "activeAt": "2026-01-01T00:00:00Z", "value": "1e+00",
        }))
        .unwrap();
        assert_eq!((alert.name(), alert.state), ("Down", AlertState::Firing));
        assert!(alert.has(&[("namespace", "a")]) && !alert.has(&[("namespace", "b")]));
    }
}

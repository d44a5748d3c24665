//! The chart's alerts as the cluster of the scenarios has them: all of them, and none waits longer
//! than an evaluation or two before it fires, or after its cause is over.
//!
//! What they ask for is as shipped; the waits are changed by the same value by which a user changes
//! them.

use std::io;

use serde_json::{Map, Value, json};

use crate::place::Place;

/// `for` and `keep_firing_for` of every alert.
pub const WAIT: &str = "2s";

/// An alert of the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its name.
    pub name: String,
    /// Its `for` as shipped; none: it fires at once.
    pub wait: Option<String>,
}

/// Every alert that the chart ships.
///
/// # Errors
/// When the files of rules cannot be read.
pub fn alerts(place: &Place) -> io::Result<Vec<Alert>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(place.project.join("charts/hivewright/rules"))? {
        found.extend(read(&std::fs::read_to_string(entry?.path())?));
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// Those of one file, by the lines that begin them.
fn read(file: &str) -> Vec<Alert> {
    let rules = file.split("- alert: ").skip(1);
    let alert = |rule: &str| Alert {
        name: rule.lines().next().unwrap_or_default().trim().to_owned(),
        wait: rule
            .lines()
            .find_map(|line| Some(line.trim().strip_prefix("for: ")?.to_owned())),
    };
    rules.map(alert).collect()
}

/// Arguments for Helm that make the chart ship its rules so.
///
/// # Errors
/// As [`alerts`].
pub fn values(place: &Place) -> io::Result<Vec<String>> {
    let quick = json!({ "for": WAIT, "keep_firing_for": WAIT });
    let alerts = alerts(place)?.into_iter();
    let all: Map<String, Value> = alerts.map(|alert| (alert.name, quick.clone())).collect();
    Ok(vec![
        "--set=alerts.configMap.enabled=true".to_owned(),
        format!("--set-json=alerts.overrides={}", Value::Object(all)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
groups:
  - name: x
    rules:
      - record: a
        expr: b
      - alert: One
        expr: up
        for: 10m
        keep_firing_for: 1m
      - alert: Two
        expr: up
";

    #[test]
    fn alerts_are_read_with_their_waits() {
        let alert = |name: &str, wait: Option<&str>| Alert {
            name: name.to_owned(),
            wait: wait.map(str::to_owned),
        };
        let expected = [alert("One", Some("10m")), alert("Two", None)];
        assert_eq!(read(FILE), expected);
    }

    #[test]
    fn every_alert_of_the_chart_is_made_quick() {
        let place = Place {
            project: concat!(env!("CARGO_MANIFEST_DIR"), "/..").into(),
            cache: "/nonexistent".into(),
            cluster: "none".to_owned(),
        };
        let alerts = alerts(&place).unwrap();
        assert!(alerts.len() > 10, "{alerts:?}");
        let values = values(&place).unwrap();
        for alert in alerts {
            assert!(values[1].contains(&format!("\"{}\":{{", alert.name)));
        }
    }
}

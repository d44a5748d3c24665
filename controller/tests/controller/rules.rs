//! Rules ask only for metrics that exist, promtool finds them right, every alert has a page, and the
//! chart ships them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hivewright_core::Reason;
use serde_json::{Value, json};

use crate::dashboards::{families, is_added, reasons, root, selectors};
use crate::support::helm;

/// What Prometheus itself says of its targets.
const OF_TARGETS: &str = "up";
/// The parts that every page has, in this order.
const PARTS: [&str; 3] = ["## What it means", "## What to look at", "## What to do"];
/// Turns both kinds of objects on.
const ON: [&str; 4] = [
    "--set",
    "alerts.configMap.enabled=true",
    "--set",
    "alerts.prometheusRule.enabled=true",
];

/// The files of rules, by name.
fn files() -> BTreeMap<String, Value> {
    let folder = fs::read_dir(root().join("dashboards/rules")).unwrap();
    let paths = folder.map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.is_file());
    files.map(|path| (name(&path), yaml(&path))).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn yaml(path: &Path) -> Value {
    serde_yaml_ng::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn rules(file: &Value) -> impl Iterator<Item = &Value> {
    let groups = file["groups"].as_array().into_iter().flatten();
    groups.flat_map(|group| group["rules"].as_array().unwrap())
}

/// Every alert, by its name.
fn alerts() -> BTreeMap<String, Value> {
    let files = files();
    let all = files.values().flat_map(rules);
    let alerts = all.filter_map(|rule| Some((rule["alert"].as_str()?.to_owned(), rule.clone())));
    alerts.collect()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn promtool(words: &[&str], paths: &[PathBuf]) -> Output {
    Command::new(helm::tool("promtool"))
        .args(words)
        .args(paths)
        .output()
        .expect("promtool can be run")
}

fn good(done: &Output) {
    let said = [&done.stdout[..], &done.stderr[..]].concat();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&said));
}

fn yaml_files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_file()).collect()
}

#[test]
fn promtool_finds_nothing_wrong_with_the_rules() {
    let words = ["check", "rules", "--lint=all", "--lint-fatal"];
    good(&promtool(&words, &yaml_files("dashboards/rules")));
}

#[test]
fn alerts_fire_and_end_when_the_tests_of_the_rules_say_so() {
    let tests = yaml_files("dashboards/rules/tests");
    good(&promtool(&["test", "rules"], &tests));
    let stories: Vec<String> = tests
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for alert in alerts().keys() {
        let asked = format!("alertname: {alert}\n        exp_alerts:\n");
        let fires = stories.iter().any(|story| story.contains(&asked));
        assert!(fires, "no test makes {alert} fire");
    }
}

#[test]
fn every_rule_names_metrics_labels_and_reasons_that_there_are() {
    let families = families();
    let files = files();
    for rule in files.values().flat_map(rules) {
        let expr = text(rule, "expr");
        for (metric, labels) in selectors(expr) {
            if metric == OF_TARGETS {
                continue;
            }
            let known = families.get(&metric);
            let known = known.unwrap_or_else(|| panic!("no metric {metric}: {expr}"));
            // Recorded series have the labels that their rules leave them.
            let wrong: Vec<_> = labels
                .iter()
                .filter(|label| !known.contains(*label) && !is_added(label))
                .filter(|_| !metric.contains(':'))
                .collect();
            assert!(wrong.is_empty(), "{metric} has no label {wrong:?}: {expr}");
        }
        for word in reasons(expr) {
            let ours = Reason::parse(word).is_some() || word.starts_with(char::is_lowercase);
            assert!(ours, "{word} is no reason: {expr}");
        }
    }
}

#[test]
fn every_alert_says_what_is_wrong_and_how_grave_it_is() {
    for (name, alert) in alerts() {
        let severity = text(&alert["labels"], "severity");
        assert!(
            ["critical", "warning"].contains(&severity),
            "{name}: {severity}"
        );
        let about = &alert["annotations"];
        assert!(!text(about, "summary").ends_with('.'), "{name}: a headline");
        assert!(
            text(about, "description").ends_with('.'),
            "{name}: sentences"
        );
        let page = format!("/docs/runbooks/{name}.md");
        assert!(text(about, "runbook_url").ends_with(&page), "{name}");
    }
}

/// The line under the title of a page, which says when the alert fires.
fn head(alert: &Value) -> String {
    let severity = text(&alert["labels"], "severity");
    match text(alert, "for") {
        "" => format!("Severity {severity}; fires at once."),
        wait => format!("Severity {severity}; fires after {wait}."),
    }
}

#[test]
fn every_alert_has_a_page_and_every_page_an_alert() {
    let alerts = alerts();
    let pages = yaml_files("docs/runbooks");
    let mut named: Vec<String> = pages.iter().map(|path| name(path)).collect();
    named.retain(|name| name != "README.md");
    named.sort();
    let wanted: Vec<String> = alerts.keys().map(|name| format!("{name}.md")).collect();
    assert_eq!(named, wanted);
    let index = fs::read_to_string(root().join("docs/runbooks/README.md")).unwrap();
    for (name, alert) in &alerts {
        let page = fs::read_to_string(root().join(format!("docs/runbooks/{name}.md"))).unwrap();
        let begin = format!("# {name}\n\n{}\n", head(alert));
        assert!(
            page.starts_with(&begin),
            "{name} does not begin with: {begin}"
        );
        let mut rest = page.as_str();
        for part in PARTS {
            let (_, after) = rest
                .split_once(part)
                .unwrap_or_else(|| panic!("{name}: no {part}"));
            rest = after;
        }
        let summary = text(&alert["annotations"], "summary");
        let line = format!("| [{name}]({name}.md) | {summary} |");
        assert!(
            index.contains(&line),
            "docs/runbooks/README.md lacks: {line}"
        );
    }
}

#[test]
fn the_chart_ships_every_file_of_rules() {
    let map = &helm::objects(&ON, "ConfigMap")[0]["data"];
    for (file, rules) in files() {
        let shipped = text(map, &format!("hivewright-{file}"));
        let shipped: Value = serde_yaml_ng::from_str(shipped).unwrap();
        assert_eq!(shipped, rules, "{file} is another one in the chart");
    }
    assert_eq!(map.as_object().unwrap().len(), files().len());
    let object = &helm::objects(&ON, "PrometheusRule")[0];
    let groups = object["spec"]["groups"].as_array().unwrap().len();
    let all = files()
        .values()
        .map(|file| file["groups"].as_array().unwrap().len())
        .sum::<usize>();
    assert_eq!(groups, all);
    assert!(
        helm::objects(&[], "PrometheusRule").is_empty(),
        "off unless asked for"
    );
}

#[test]
fn values_change_targets_and_alerts() {
    let servers = json!([
        { "namespace": "a", "name": "osv", "latency": { "seconds": 2.5 } },
        { "namespace": "b", "name": "gh", "availability": { "objective": 99.9 } },
    ]);
    let values = json!({
        "alerts.slo.servers": servers,
        "alerts.slo.latency.seconds": 0.5,
        "alerts.labels": { "team": "mcp" },
        "alerts.runbooks": "https://pages.example/",
        "alerts.overrides": {
            "MCPServerNotReady": { "for": "1h", "severity": "info" },
            "MCPServerAttachFlapping": { "enabled": false },
        },
    });
    let sets = values.as_object().unwrap().iter();
    let sets: Vec<String> = sets
        .map(|(key, value)| format!("--set-json={key}={value}"))
        .collect();
    let words: Vec<&str> = ON
        .into_iter()
        .chain(sets.iter().map(String::as_str))
        .collect();
    let spec = helm::objects(&words, "PrometheusRule")[0]["spec"].clone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.yaml");
    fs::write(&path, serde_yaml_ng::to_string(&spec).unwrap()).unwrap();
    good(&promtool(&["check", "rules"], std::slice::from_ref(&path)));

    let all: Vec<&Value> = rules(&spec).collect();
    let found = |key: &str, name: &str| all.iter().find(|rule| rule[key] == name).copied();
    let alert = found("alert", "MCPServerNotReady").unwrap();
    assert_eq!(
        (text(alert, "for"), text(&alert["labels"], "severity")),
        ("1h", "info")
    );
    assert_eq!(alert["labels"]["team"], "mcp");
    let page = "https://pages.example/MCPServerNotReady.md";
    assert_eq!(alert["annotations"]["runbook_url"], page);
    assert!(found("alert", "MCPServerAttachFlapping").is_none());
    let buckets: Vec<&Value> = all
        .iter()
        .filter(|rule| rule["record"] == "hivewright:slo_latency:bucket")
        .map(|rule| &rule["labels"])
        .collect();
    let own = json!({ "le": "2.5", "namespace": "a", "mcpserver": "osv" });
    assert_eq!(buckets, [&json!({ "le": "0.5" }), &own]);
    let objective = all
        .iter()
        .find(|rule| rule["labels"]["mcpserver"] == "gh")
        .unwrap();
    assert_eq!(objective["expr"], "vector(99.9 / 100)");
}

#[test]
fn an_override_of_an_alert_that_there_is_not_is_refused() {
    let typo = ["--set", "alerts.overrides.MCPServerNotRedy.for=1h"];
    let done = helm::template(&[&ON[..], &typo].concat());
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(
        !done.status.success() && said.contains("MCPServerNotRedy"),
        "{said}"
    );
    assert!(
        said.contains("MCPServerNotReady"),
        "it does not say which there are: {said}"
    );
}

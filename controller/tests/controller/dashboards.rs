//! Dashboards ask only for metrics that exist, each panel says what it shows, and the chart ships
//! them.

mod promql;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use crate::support::helm;
use hivewright_core::Reason;
pub(crate) use promql::reasons;
use promql::{groups, queries, shown};
use serde_json::Value;

/// Labels that scraping adds: a pod's namespace, its name, and the server's by the pod's own label.
const ADDED: [&str; 3] = ["namespace", "pod", "hivewright_dev_mcpserver"];
/// Labels of targets, the Prometheus operator's included: a metric's own of the same name is renamed.
const TAKEN: [&str; 8] = [
    "job",
    "instance",
    "namespace",
    "pod",
    "container",
    "service",
    "endpoint",
    "node",
];
/// What Prometheus itself makes of rules, with their labels.
const ALERTS: (&str, [&str; 5]) = (
    "ALERTS",
    [
        "alertname",
        "alertstate",
        "severity",
        "namespace",
        "mcpserver",
    ],
);
/// The labels that series of rules have.
const RECORDED: [&str; 5] = ["namespace", "mcpserver", "condition", "status", "reason"];
/// The histogram's own.
const BUCKET: &str = "le";
/// Families of the proxy, each of which belongs to one server.
const PROXY: [&str; 4] = [
    "hivewright_backend_",
    "hivewright_egress_",
    "hivewright_proxy_",
    "mcp_server_",
];

/// Bytes that `kubectl apply` can still note in an annotation: 256 KiB for all of them together.
const LARGEST: usize = 250_000;

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Families and their labels, from the snapshots of both programs.
pub(crate) fn families() -> BTreeMap<String, BTreeSet<String>> {
    let mut families = BTreeMap::new();
    for program in ["controller", "proxy"] {
        let path = root().join(program).join("metrics.snapshot.txt");
        for line in fs::read_to_string(path).unwrap().lines() {
            let [name, kind, labels, _help] = line.splitn(4, ' ').collect::<Vec<_>>()[..] else {
                panic!("{line} is not name, type, labels and help")
            };
            let labels = labels.trim_matches(['{', '}']).split(',');
            let labels: BTreeSet<String> = labels
                .filter(|label| !label.is_empty())
                .map(str::to_owned)
                .collect();
            let suffixes: &[&str] = if kind == "histogram" {
                &["_bucket", "_sum", "_count"]
            } else {
                &[""]
            };
            families.extend(
                suffixes
                    .iter()
                    .map(|suffix| (format!("{name}{suffix}"), labels.clone())),
            );
        }
    }
    families.extend(recorded());
    families
}

/// What rules make: series that they record, and alerts.
fn recorded() -> BTreeMap<String, BTreeSet<String>> {
    let owned = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect();
    let mut made = BTreeMap::from([(ALERTS.0.to_owned(), owned(&ALERTS.1))]);
    let folder = fs::read_dir(root().join("dashboards/rules"))
        .into_iter()
        .flatten();
    let files = folder.map(|entry| entry.unwrap().path());
    for file in files.filter(|path| path.is_file()) {
        let text = fs::read_to_string(file).unwrap();
        let names = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- record: "));
        made.extend(names.map(|name| (name.to_owned(), owned(&RECORDED))));
    }
    made
}

fn dashboards() -> Vec<(String, Value)> {
    let folder = fs::read_dir(root().join("dashboards")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path());
    let json = files.filter(|path| path.extension().is_some_and(|end| end == "json"));
    json.map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (
            name,
            serde_json::from_slice(&fs::read(&path).unwrap()).unwrap(),
        )
    })
    .collect()
}

/// The metrics of a query, each with the labels of its selector.
pub(crate) fn selectors(query: &str) -> Vec<(String, Vec<String>)> {
    let mut found = promql::selectors(query);
    found.retain(|(name, _)| !is_added(name));
    found
}

pub(crate) fn is_added(label: &str) -> bool {
    label == BUCKET || ADDED.contains(&label)
}

/// Everything but rows.
fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    panels.filter(|panel| panel["type"] != "row")
}

#[test]
fn every_query_names_metrics_and_labels_of_the_snapshots() {
    let families = families();
    let dashboards = dashboards();
    assert!(!dashboards.is_empty(), "no dashboards were found");
    for (file, dashboard) in dashboards {
        let mut found = Vec::new();
        queries(&dashboard, &mut found);
        assert!(found.len() > 5, "{file} asks almost nothing");
        for query in found {
            let selectors = selectors(&query);
            assert!(!selectors.is_empty(), "{file}: no metric in {query}");
            for (name, labels) in selectors {
                let known = families
                    .get(&name)
                    .unwrap_or_else(|| panic!("{file}: no metric {name}: {query}"));
                let asked = labels.iter().map(String::as_str).chain(groups(&query));
                let wrong: Vec<_> = asked
                    .filter(|label| !known.contains(*label) && !is_added(label))
                    .collect();
                assert!(
                    wrong.is_empty(),
                    "{file}: {name} has no label {wrong:?}: {query}"
                );
            }
        }
    }
}

#[test]
fn no_label_of_ours_is_one_that_scraping_adds() {
    for (name, labels) in families() {
        let taken: Vec<_> = TAKEN
            .iter()
            .filter(|label| labels.contains(**label))
            .collect();
        let of_a_rule = name.contains(':') || name == ALERTS.0;
        assert!(of_a_rule || taken.is_empty(), "{name} has {taken:?}");
    }
}

#[test]
fn queries_follow_the_variables_of_their_dashboard() {
    for (file, dashboard) in dashboards() {
        let variables = dashboard["templating"]["list"].as_array().unwrap();
        let chosen = |name: &str| variables.iter().any(|variable| variable["name"] == name);
        let mut found = Vec::new();
        queries(&dashboard, &mut found);
        for query in found {
            let of_proxy = selectors(&query)
                .into_iter()
                .filter(|(name, _)| PROXY.iter().any(|prefix| name.starts_with(prefix)));
            for (name, labels) in of_proxy {
                for (variable, label) in [
                    ("namespace", "namespace"),
                    ("mcpserver", "hivewright_dev_mcpserver"),
                ] {
                    let follows = !chosen(variable) || labels.iter().any(|own| own == label);
                    assert!(follows, "{file}: {name} does not select {label}: {query}");
                }
            }
        }
    }
}

#[test]
fn a_legend_shows_only_labels_that_its_query_keeps() {
    for (file, dashboard) in dashboards() {
        for panel in panels(&dashboard) {
            for target in panel["targets"].as_array().unwrap() {
                let query = target["expr"].as_str().unwrap();
                let legend = target["legendFormat"].as_str().unwrap();
                let kept = groups(query);
                let lost: Vec<_> = shown(legend)
                    .into_iter()
                    .filter(|label| !kept.contains(label))
                    .collect();
                assert!(lost.is_empty(), "{file}: {legend} of {query}");
            }
        }
    }
}

#[test]
fn reasons_that_are_asked_for_are_reasons() {
    let mut asked = 0;
    for (file, dashboard) in dashboards() {
        let mut found = Vec::new();
        queries(&dashboard, &mut found);
        for query in &found {
            for word in reasons(query) {
                assert!(Reason::parse(word).is_some(), "{file}: {word} in {query}");
                asked += 1;
            }
        }
    }
    assert!(asked > 10, "only {asked} reasons were found");
}

#[test]
fn the_chart_ships_every_dashboard_as_a_config_map_of_its_own() {
    let words = [
        "--set",
        "dashboards.enabled=true,dashboards.namespace=grafana,dashboards.annotations.grafana_folder=MCP",
    ];
    let maps = helm::objects(&words, "ConfigMap");
    let dashboards = dashboards();
    assert_eq!(maps.len(), dashboards.len());
    for (file, dashboard) in dashboards {
        let map = maps.iter().find(|map| map["data"].get(&file).is_some());
        let map = map.unwrap_or_else(|| panic!("{file} is not shipped"));
        let shipped = map["data"][&file].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(shipped).unwrap(), dashboard);
        assert!(
            shipped.len() < LARGEST,
            "{file} has {} bytes",
            shipped.len()
        );
        let of_grafana = &map["metadata"];
        assert_eq!(of_grafana["namespace"], "grafana");
        assert_eq!(of_grafana["labels"]["grafana_dashboard"], "1");
        assert_eq!(of_grafana["annotations"]["grafana_folder"], "MCP");
    }
    assert!(
        helm::objects(&[], "ConfigMap").is_empty(),
        "off unless asked for"
    );
}

//! One scrape of a live controller against the snapshot that dashboards are checked with.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::FakeApi;
use crate::support::controller::{NAMESPACE, Running, fetch, rest, scale};
use crate::support::pods;
use axum::http::StatusCode;
use hivewright_controller::access::Verb;
use hivewright_telemetry::Signal;
use serde_json::json;

/// Names with their type, label names and help, one a line. `HIVEWRIGHT_BLESS=1` writes it anew.
const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/metrics.snapshot.txt");

/// Every family has at least one series after this.
async fn live() -> Running {
    let api = FakeApi::default();
    api.fail(Verb::List, "pods", StatusCode::INTERNAL_SERVER_ERROR, 1);
    api.put("mcpservers", fetch("fetch"));
    let running = Running::start(&api, "a", None);
    // What is there only with a journal, and only with a collector.
    drop(running.metrics.journal());
    for signal in [Signal::Traces, Signal::Logs, Signal::Metrics] {
        running.metrics.telemetry().begin(signal);
    }
    rest(&api).await;
    scale(&api, "fetch", 1);
    for initialized in [true, false] {
        api.put("pods", pods::server("fetch", initialized));
        let mut proxy = pods::proxy("fetch", true);
        // An address to knock at: what answers there is of no interest here.
        proxy["status"]["podIP"] = json!("127.0.0.1");
        api.put("pods", proxy);
        rest(&api).await;
    }
    let restarted = json!({ "status": { "containerStatuses": [{
        "name": "mcp", "ready": true, "restartCount": 1, "image": "x", "imageID": "x", "started": true,
        "state": { "running": { "startedAt": "2026-01-01T00:00:00Z" } },
    }] } });
    api.merge("pods", NAMESPACE, "fetch-0", &restarted);
    rest(&api).await;
    running
}

/// The families of a scrape: name, type, label names and help.
fn families(text: &str) -> String {
    let mut kinds = BTreeMap::new();
    let mut help: BTreeMap<&str, &str> = BTreeMap::new();
    let mut labels: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut family = "";
    for line in text.lines() {
        if let Some((name, said)) = line
            .strip_prefix("# HELP ")
            .and_then(|rest| rest.split_once(' '))
        {
            help.insert(name, said);
        } else if let Some((name, kind)) = line
            .strip_prefix("# TYPE ")
            .and_then(|rest| rest.split_once(' '))
        {
            family = name;
            kinds.insert(name, kind);
        } else if let Some((_, rest)) = line.split_once('{').filter(|_| !line.starts_with('#')) {
            let names = rest
                .split("\",")
                .filter_map(|pair| pair.split_once("=\""))
                .map(|(name, _)| name);
            labels
                .entry(family)
                .or_default()
                .extend(names.filter(|name| *name != "le"));
        }
    }
    let of = |name: &str| {
        labels
            .get(name)
            .into_iter()
            .flatten()
            .copied()
            .collect::<Vec<_>>()
            .join(",")
    };
    let line = |(name, kind): (&&str, &&str)| {
        let said = help.get(name).copied().unwrap_or_default();
        format!("{name} {kind} {{{}}} {said}", of(name))
    };
    let lines: Vec<String> = kinds.iter().map(line).collect();
    lines.join(
        "
",
    ) + "
"
}

#[tokio::test(start_paused = true)]
async fn names_types_and_labels_are_those_of_the_snapshot() {
    let running = live().await;
    let found = families(&running.metrics.encode().unwrap());
    if std::env::var_os("HIVEWRIGHT_BLESS").is_some() {
        std::fs::write(SNAPSHOT, &found).unwrap();
    }
    let kept = std::fs::read_to_string(SNAPSHOT).unwrap_or_default();
    assert_eq!(
        found, kept,
        "run this test with HIVEWRIGHT_BLESS=1 and look at the difference"
    );
    assert!(
        found.lines().all(|line| line.starts_with("hivewright_")),
        "{found}"
    );
}

#[tokio::test(start_paused = true)]
async fn no_series_carries_an_id_an_image_or_a_message() {
    let running = live().await;
    let text = running.metrics.encode().unwrap();
    for secret in ["uid-", "docker.io", "fetch-0", "fetch-proxy"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn requests_to_the_api_server_are_counted_by_what_they_do() {
    let running = live().await;
    let text = running.metrics.encode().unwrap();
    for series in [
        r#"hivewright_controller_api_requests_total{code="201",resource="deployments",verb="patch"} 1"#,
        r#"hivewright_controller_api_requests_total{code="500",resource="pods",verb="list"} 1"#,
        r#"hivewright_controller_api_requests_total{code="200",resource="secrets",verb="watch"} 1"#,
        r#"hivewright_controller_api_requests_total{code="200",resource="mcpservers/status",verb="patch"}"#,
        r#"hivewright_controller_watch_errors_total{resource="pods"} 1"#,
    ] {
        assert!(text.contains(series), "{series} is not in {text}");
    }
}

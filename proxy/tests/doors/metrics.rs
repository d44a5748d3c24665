//! One scrape of a live proxy against the snapshot that dashboards and alerts are checked with.

use std::collections::{BTreeMap, BTreeSet};

use axum::{body::Body, http::Request, response::Response};
use hivewright_api::proxy_config::EgressRules;
use hivewright_proxy::{
    admin::{self, Readiness},
    backend::{Counters, api},
    egress::Gateway,
};
use hivewright_telemetry::Signal;
use serde_json::json;
use tokio::sync::watch;
use tower::ServiceExt;

use crate::support::{World, bare, bytes_of, call, json_of, post, request, server};

/// Names with their type, label names and help, one a line. `HIVEWRIGHT_BLESS=1` writes it anew.
const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/metrics.snapshot.txt");

async fn admin(world: &World, readiness: &Readiness, path: &str) -> Response {
    let router = admin::router(world.fleet.clone(), readiness.clone());
    let request = Request::builder()
        .uri(path)
        .body(Body::empty())
        .expect("a request");
    router.oneshot(request).await.expect("an answer")
}

/// Every family has at least one series after this.
async fn live() -> World {
    let world = World::new();
    let registry = world.fleet.metrics().registry();
    // As an exporter does when it starts.
    world.fleet.metrics().telemetry().begin(Signal::Traces);
    Counters::register(registry);
    drop(api::Counted::register(registry));
    let (_, rules) = watch::channel(EgressRules::default());
    drop(Gateway::new(rules, registry));
    let session = world.session().await;
    for tool in ["echo", "progress"] {
        let request = call(json!(1), tool, &json!({"count": 1}));
        drop(bytes_of(world.send(post(Some(&session), request)).await).await);
    }
    drop(
        world
            .send(
                request("GET", "/a-path-of-nobody")
                    .body(Body::empty())
                    .expect("a request"),
            )
            .await,
    );
    server::say(
        &world.bridge,
        &json!({"jsonrpc": "2.0", "id": "ping-1", "method": "ping"}),
    );
    drop(world.send(bare("DELETE", "/mcp", Some(&session))).await);
    world
}

/// The families of a scrape: name, type, label names and help.
fn families(text: &str) -> String {
    let mut kinds = BTreeMap::new();
    let mut help: BTreeMap<&str, &str> = BTreeMap::new();
    let mut labels: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help.extend(rest.split_once(' '));
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type");
            kinds.insert(name, kind);
        } else if let Some((series, _)) = line.split_once('{').filter(|_| !line.starts_with('#')) {
            let name = kinds.keys().rev().find(|name| series.starts_with(**name));
            let of_line = line[series.len() + 1..].split("\",").filter_map(|pair| {
                pair.split_once("=\"")
                    .map(|(label, _)| label)
                    .filter(|label| *label != "le")
            });
            labels
                .entry(name.expect("a family"))
                .or_default()
                .extend(of_line);
        }
    }
    let line = |(name, kind): (&&str, &&str)| {
        let of_name = labels
            .get(name)
            .into_iter()
            .flatten()
            .copied()
            .collect::<Vec<_>>();
        let said = help.get(name).copied().unwrap_or_default();
        format!("{name} {kind} {{{}}} {said}\n", of_name.join(","))
    };
    kinds.iter().map(line).collect()
}

#[tokio::test]
async fn names_types_and_labels_are_those_of_the_snapshot() {
    let world = live().await;
    let response = admin(&world, &Readiness::default(), "/metrics").await;
    assert_eq!(response.status(), 200);
    let kind = response.headers()["content-type"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    assert!(kind.starts_with("text/plain; version=0.0.4"));
    let text = String::from_utf8(bytes_of(response).await.to_vec()).expect("UTF-8");
    let found = families(&text);
    if std::env::var_os("HIVEWRIGHT_BLESS").is_some() {
        std::fs::write(SNAPSHOT, &found).expect("the snapshot can be written");
    }
    let kept = std::fs::read_to_string(SNAPSHOT).expect("the snapshot is in the repository");
    assert_eq!(
        found, kept,
        "run this test with HIVEWRIGHT_BLESS=1 and look at the difference"
    );
    assert!(
        found
            .lines()
            .all(|line| { line.starts_with("hivewright_") || line.starts_with("mcp_server_") })
    );
}

#[tokio::test]
async fn label_values_hold_no_ids_paths_or_unknown_tool_names() {
    let world = live().await;
    let session = world.session().await;
    let unknown = call(json!(1), "never", &json!({}));
    let waiting = tokio::spawn(tower::ServiceExt::oneshot(
        world.router.clone(),
        post(Some(&session), unknown),
    ));
    while world.bridge.gauges().hub.pending == 0 {
        tokio::task::yield_now().await;
    }
    drop(world.send(bare("DELETE", "/mcp", Some(&session))).await);
    drop(waiting.await);
    let text = world.scrape();
    assert!(text.contains(r#"gen_ai_tool_name="echo""#));
    assert!(text.contains(r#"gen_ai_tool_name="other""#));
    for secret in [session.as_str(), &session[..8], "never", "a-path-of-nobody"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn ready_speaks_of_the_doors_and_shows_the_server() {
    let (world, readiness) = (World::without_server(), Readiness::default());
    let starting = admin(&world, &readiness, "/ready").await;
    assert_eq!(starting.status(), 503);
    readiness.open();
    let open = admin(&world, &readiness, "/ready").await;
    assert_eq!(open.status(), 200);
    let body = json!({"ready": true, "doors": "open", "server": "down"});
    assert_eq!(json_of(open).await, body);
    readiness.drain();
    assert_eq!(admin(&world, &readiness, "/ready").await.status(), 503);
}

#[tokio::test(start_paused = true)]
async fn live_needs_the_clock_to_go_round() {
    let world = World::without_server();
    let day = std::time::Duration::from_hours(24);
    tokio::time::sleep(day).await;
    let readiness = Readiness::default();
    assert_eq!(admin(&world, &readiness, "/live").await.status(), 200);
    let fleet = world.fleet.clone();
    drop(world);
    tokio::time::sleep(day).await;
    let router = admin::router(fleet, readiness);
    let request = Request::builder()
        .uri("/live")
        .body(Body::empty())
        .expect("a request");
    assert_eq!(
        router.oneshot(request).await.expect("an answer").status(),
        503
    );
}

#[tokio::test]
async fn sessions_are_shown_without_their_whole_ids() {
    let world = World::new();
    let session = world.session().await;
    let shown = json_of(admin(&world, &Readiness::default(), "/sessions").await).await;
    assert_eq!(shown["sessions"][0]["id_prefix"], session[..8]);
    assert_eq!(shown["sessions"][0]["pod"], 0);
    assert_eq!(shown["pods"][0]["server"]["name"], "scripted");
    assert_eq!(shown["counts"]["sessions"], 1);
    assert!(!shown.to_string().contains(&session));
}

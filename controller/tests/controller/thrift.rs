//! What the controller does without: passes for echoes, statuses for steps nobody could see.

use std::time::Duration;

use hivewright_controller::queue::WINDOW;
use serde_json::json;

use crate::road::{OBJECTS, converged};
use crate::support::FakeApi;
use crate::support::controller::{NAMESPACE, Running, fetch, rest, scale};
use crate::support::pods;

/// Passes so far: those that changed something, and those that did not.
fn passes(running: &Running) -> (u32, u32) {
    let text = running.metrics.encode().unwrap();
    let count = |outcome: &str| {
        let series = format!(r#"reconciles_total{{outcome="{outcome}"}} "#);
        let line = text.lines().find_map(|line| line.split_once(&series));
        line.map_or(0, |(_, count)| count.parse().unwrap())
    };
    (count("changed"), count("unchanged"))
}

#[tokio::test(start_paused = true)]
async fn the_cluster_is_written_once_and_then_left_alone() {
    let (api, running) = converged().await;
    let writes = api.writes();
    // Each object once, the scale of the set, and one status, which tells of what was written too.
    assert_eq!(writes.len(), OBJECTS.len() + 2, "{writes:#?}");
    let server = api.get("mcpservers", NAMESPACE, "fetch").unwrap();
    for object in server["status"]["objects"].as_array().unwrap() {
        assert_eq!(object["state"], "Current", "{object}");
    }
    let before = api.requests().len();
    api.merge(
        "mcpservers",
        NAMESPACE,
        "fetch",
        &json!({ "metadata": { "annotations": { "a": "b" } } }),
    );
    rest(&api).await;
    assert_eq!(
        api.requests().len(),
        before,
        "{:#?}",
        &api.requests()[before..]
    );
    let text = running.metrics.encode().unwrap();
    assert!(
        text.contains(r#"reconciles_total{outcome="unchanged"}"#),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_echo_of_our_own_status_asks_for_no_pass() {
    let (api, running) = converged().await;
    // One pass for all that was written, and none for the echoes of it.
    assert_eq!(passes(&running), (1, 0));
    api.put("pods", pods::proxy("fetch", true));
    rest(&api).await;
    assert_eq!(passes(&running), (2, 0));
    // What somebody else writes into the status is no echo.
    let patch = json!({ "status": { "phase": "Failed" } });
    api.merge("mcpservers", NAMESPACE, "fetch", &patch);
    rest(&api).await;
    let (changed, unchanged) = passes(&running);
    assert_eq!(changed + unchanged, 3);
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_changes_is_one_pass_and_one_status() {
    let (api, running) = converged().await;
    let (before, writes) = (passes(&running), api.writes().len());
    let begin = tokio::time::Instant::now();
    scale(&api, "fetch", 1);
    for ready in [false, true] {
        api.put("pods", pods::proxy("fetch", ready));
        api.put("pods", pods::server("fetch", ready));
        tokio::time::sleep(WINDOW / 4).await;
    }
    while api.writes().len() == writes {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(
        begin.elapsed() <= WINDOW + Duration::from_millis(5),
        "the window begins with the first change: {:?}",
        begin.elapsed()
    );
    rest(&api).await;
    assert_eq!(passes(&running), (before.0 + 1, before.1));
    assert_eq!(api.writes().len(), writes + 1, "{:#?}", api.writes());
    let server = api.get("mcpservers", NAMESPACE, "fetch").unwrap();
    assert_eq!(server["status"]["phase"], "Ready");
}

#[tokio::test(start_paused = true)]
async fn caches_that_lag_cause_no_second_write_and_no_second_word() {
    let api = FakeApi::default();
    api.set_lag(Duration::from_secs(1));
    api.put("mcpservers", fetch("fetch"));
    let _running = Running::start(&api, "a", None);
    rest(&api).await;
    assert_eq!(api.writes().len(), OBJECTS.len() + 2, "{:#?}", api.writes());
    let events = api.all("events");
    assert!(
        events.iter().all(|event| event["series"].is_null()),
        "{events:#?}"
    );
}

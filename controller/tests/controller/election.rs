//! Of several controllers one works, against an API server in this process.

use std::time::Duration;

use crate::support::FakeApi;
use crate::support::controller::{NAMESPACE, Running, fetch, identity, rest};
use axum::http::StatusCode;
use hivewright_controller::access::Verb;
use hivewright_controller::lease::{DEADLINE, DURATION, PERIOD};
use serde_json::json;
use tokio::time::{Instant, sleep};

fn writers(api: &FakeApi) -> Vec<&'static str> {
    let mut who: Vec<_> = api.writes().iter().map(|write| write.who).collect();
    who.dedup();
    who
}

fn holder(api: &FakeApi) -> Option<String> {
    let lease = api.get("leases", "hivewright", "hivewright-controller")?;
    lease["spec"]["holderIdentity"].as_str().map(str::to_owned)
}

/// Time until `who` holds the lease.
async fn takeover(api: &FakeApi, who: &str) -> Duration {
    let began = Instant::now();
    while holder(api).as_deref() != Some(who) {
        sleep(Duration::from_millis(100)).await;
        assert!(
            began.elapsed() < Duration::from_mins(2),
            "{who} never took over"
        );
    }
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn only_the_leader_writes_and_the_standby_is_ready() {
    let api = FakeApi::default();
    let first = Running::start(&api, "a", Some(identity("a")));
    takeover(&api, "a").await;
    let second = Running::start(&api, "b", Some(identity("b")));
    api.put("mcpservers", fetch("fetch"));
    rest(&api).await;
    assert_eq!(writers(&api), ["a"]);
    assert!(*first.synced.borrow() && *second.synced.borrow());
    assert!(
        first
            .metrics
            .encode()
            .unwrap()
            .contains("hivewright_controller_leader 1")
    );
    assert!(
        second
            .metrics
            .encode()
            .unwrap()
            .contains("hivewright_controller_leader 0")
    );
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_stops_hands_over_at_once() {
    let api = FakeApi::default();
    let first = Running::start(&api, "a", Some(identity("a")));
    takeover(&api, "a").await;
    let _second = Running::start(&api, "b", Some(identity("b")));
    rest(&api).await;
    first.stop().await;
    assert!(takeover(&api, "b").await <= PERIOD);
    api.put("mcpservers", fetch("fetch"));
    rest(&api).await;
    assert_eq!(writers(&api), ["b"]);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_crashes_is_replaced_after_its_lease_has_run_out() {
    let api = FakeApi::default();
    let first = Running::start(&api, "a", Some(identity("a")));
    takeover(&api, "a").await;
    let _second = Running::start(&api, "b", Some(identity("b")));
    rest(&api).await;
    first.crash();
    let took = takeover(&api, "b").await;
    assert!(
        took + PERIOD > DURATION && took <= DURATION + 2 * PERIOD,
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_cannot_renew_stops_before_another_may_begin() {
    let api = FakeApi::default();
    let first = Running::start(&api, "a", Some(identity("a")));
    takeover(&api, "a").await;
    rest(&api).await;
    api.fail(
        Verb::Update,
        "leases",
        StatusCode::INTERNAL_SERVER_ERROR,
        u32::MAX,
    );
    sleep(DEADLINE + 2 * PERIOD).await;
    assert!(
        first
            .metrics
            .encode()
            .unwrap()
            .contains("hivewright_controller_leader 0")
    );
    api.put("mcpservers", fetch("fetch"));
    rest(&api).await;
    assert_eq!(writers(&api), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_finds_another_in_its_place_stops() {
    let api = FakeApi::default();
    let first = Running::start(&api, "a", Some(identity("a")));
    takeover(&api, "a").await;
    let spec = json!({ "spec": { "holderIdentity": "somebody" } });
    api.merge("leases", "hivewright", "hivewright-controller", &spec);
    sleep(3 * PERIOD).await;
    assert!(
        first
            .metrics
            .encode()
            .unwrap()
            .contains("hivewright_controller_leader 0")
    );
    assert_eq!(holder(&api).as_deref(), Some("somebody"));
}

#[tokio::test(start_paused = true)]
async fn a_new_leader_looks_at_every_server_and_writes_nothing_that_is_there() {
    let api = FakeApi::default();
    let first = Running::start(&api, "a", Some(identity("a")));
    takeover(&api, "a").await;
    api.put("mcpservers", fetch("fetch"));
    rest(&api).await;
    let before = api.writes().len();
    let second = Running::start(&api, "b", Some(identity("b")));
    rest(&api).await;
    first.stop().await;
    takeover(&api, "b").await;
    rest(&api).await;
    assert_eq!(
        api.writes().len(),
        before,
        "{:#?}",
        api.writes().split_off(before)
    );
    let text = second.metrics.encode().unwrap();
    assert!(
        text.contains(r#"reconciles_total{outcome="unchanged"} 1"#),
        "{text}"
    );
    assert!(api.get("deployments", NAMESPACE, "fetch-proxy").is_some());
}

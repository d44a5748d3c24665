//! Namespaces come and go while the controller works.

use std::time::Duration;

use axum::http::StatusCode;
use hivewright_controller::access::Verb;
use serde_json::json;
use tokio::time::sleep;

use crate::support::FakeApi;
use crate::support::controller::{NAMESPACE, Running, fetch, rest};

#[tokio::test(start_paused = true)]
async fn the_same_name_in_two_namespaces_is_two_servers() {
    let api = FakeApi::default();
    let mut other = fetch("fetch");
    other["metadata"]["namespace"] = json!("other");
    other["spec"]["image"] = json!("docker.io/mcp/other");
    api.put("mcpservers", fetch("fetch"));
    api.put("mcpservers", other);
    let _running = Running::start(&api, "a", None);
    rest(&api).await;
    for (namespace, image) in [
        (NAMESPACE, "docker.io/mcp/fetch"),
        ("other", "docker.io/mcp/other"),
    ] {
        let set = api.get("statefulsets", namespace, "fetch").unwrap();
        let container = &set["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["image"], image);
    }
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_goes_with_its_servers_leaves_no_work_behind() {
    let api = FakeApi::default();
    for name in ["one", "two"] {
        let mut server = fetch(name);
        server["spec"]["permissionProfile"] = json!({ "type": "configmap", "name": "p" });
        api.put("mcpservers", server);
    }
    api.put("mcpservers", fetch("three"));
    let running = Running::start(&api, "a", None);
    rest(&api).await;
    let before = api.writes().len();
    // As its controller does: nothing more can be made, and the objects go in any order.
    api.end_namespace(NAMESPACE);
    for name in ["one", "two", "three"] {
        api.delete("services", NAMESPACE, &format!("mcp-{name}-proxy"));
        api.delete("mcpservers", NAMESPACE, name);
    }
    rest(&api).await;
    let tried = api.writes().len() - before;
    assert!(tried <= 3, "{:#?}", api.writes().split_off(before));
    let (requests, text) = (api.requests().len(), running.metrics.encode().unwrap());
    let failed = |line: &&str| line.contains(r#"outcome="failed""#) && !line.ends_with(" 0");
    assert_eq!(text.lines().find(failed), None);
    assert!(!text.contains("hivewright_mcpserver_ready{"), "{text}");
    sleep(Duration::from_mins(3)).await;
    assert_eq!(
        api.requests().len(),
        requests,
        "nothing is repeated for what is gone"
    );
}

#[tokio::test(start_paused = true)]
async fn a_right_that_went_with_its_namespace_makes_few_requests_and_no_storm() {
    let api = FakeApi::default();
    let running = Running::watching(&api, "a", None, &["gone", NAMESPACE]);
    api.put("pods", crate::support::pods::proxy("some", true));
    rest(&api).await;
    api.fail(Verb::List, "pods", StatusCode::FORBIDDEN, u32::MAX);
    // Both watches of pods are told to list anew, which they may not.
    api.delete_unseen("pods", NAMESPACE, "some-proxy-1");
    let before = api.requests().len();
    sleep(Duration::from_mins(10)).await;
    let asked = api.requests().split_off(before);
    let lists = asked
        .iter()
        .filter(|asked| asked.access.resource == "pods")
        .count();
    assert!(
        (10..200).contains(&lists),
        "{lists} in ten minutes, for two namespaces"
    );
    // The rest goes on.
    api.put("mcpservers", fetch("fetch"));
    sleep(Duration::from_secs(20)).await;
    assert!(api.get("deployments", NAMESPACE, "fetch-proxy").is_some());
    drop(running);
}

//! The road of one MCPServer, against an API server in this process.

use crate::support::FakeApi;
use crate::support::controller::{NAMESPACE, Running, condition, fetch, rest, scale};

use axum::http::StatusCode;
use hivewright_controller::access::Verb;
use serde_json::json;

/// What `fetch` becomes, besides itself.
pub(crate) const OBJECTS: &[&str] = &[
    "configmaps/fetch-proxy",
    "deployments/fetch-proxy",
    "networkpolicies/fetch-mcp",
    "networkpolicies/fetch-proxy",
    "rolebindings/fetch-proxy",
    "roles/fetch-proxy",
    "serviceaccounts/fetch-proxy",
    "services/mcp-fetch-proxy",
    "statefulsets/fetch",
];

fn made(api: &FakeApi) -> Vec<String> {
    let ours = |name: &String| !name.starts_with("mcpservers/") && !name.starts_with("events/");
    api.names().into_iter().filter(ours).collect()
}

pub(crate) async fn converged() -> (FakeApi, Running) {
    let api = FakeApi::default();
    api.put("mcpservers", fetch("fetch"));
    let running = Running::start(&api, "a", None);
    rest(&api).await;
    (api, running)
}

#[tokio::test(start_paused = true)]
async fn one_mcpserver_becomes_its_objects_and_a_status() {
    let (api, _running) = converged().await;
    assert_eq!(made(&api), OBJECTS);
    let server = api.get("mcpservers", NAMESPACE, "fetch").unwrap();
    assert_eq!(server["status"]["observedGeneration"], 1);
    assert_eq!(condition(&server, "Accepted").0, "True");
    assert_eq!(condition(&server, "Ready").0, "False");
    let set = api.get("statefulsets", NAMESPACE, "fetch").unwrap();
    assert_eq!(
        set["spec"]["replicas"], 0,
        "the proxy scales it up, nobody else"
    );
    assert_eq!(
        set["metadata"]["ownerReferences"][0]["uid"],
        server["metadata"]["uid"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_vanished_while_its_watch_was_down_is_made_again() {
    let (api, _running) = converged().await;
    api.delete_unseen("services", NAMESPACE, "mcp-fetch-proxy");
    rest(&api).await;
    assert_eq!(made(&api), OBJECTS);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_said_twice() {
    let (api, _running) = converged().await;
    let events = api.all("events");
    assert!(
        events.iter().any(|event| event["reason"] == "Accepted"),
        "{events:#?}"
    );
    for event in &events {
        assert!(event["series"].is_null(), "repeated: {event:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_changes_is_put_right() {
    let (api, _running) = converged().await;
    let patch = json!({ "spec": { "template": { "spec": { "serviceAccountName": "other" } } } });
    api.merge("deployments", NAMESPACE, "fetch-proxy", &patch);
    api.delete("services", NAMESPACE, "mcp-fetch-proxy");
    rest(&api).await;
    let deployment = api.get("deployments", NAMESPACE, "fetch-proxy").unwrap();
    assert_eq!(
        deployment["spec"]["template"]["spec"]["serviceAccountName"],
        "fetch-proxy"
    );
    assert_eq!(made(&api), OBJECTS);
}

#[tokio::test(start_paused = true)]
async fn a_spec_that_is_refused_says_why_and_touches_nothing() {
    let (api, _running) = converged().await;
    let before = api.writes();
    api.merge(
        "mcpservers",
        NAMESPACE,
        "fetch",
        &json!({ "spec": { "permissionProfile": { "name": "everything" } } }),
    );
    rest(&api).await;
    let server = api.get("mcpservers", NAMESPACE, "fetch").unwrap();
    let (status, reason, message) = condition(&server, "Accepted");
    assert_eq!(
        (status.as_str(), reason.as_str()),
        ("False", "InvalidProfile"),
        "{message}"
    );
    assert!(message.contains("everything"), "{message}");
    let after = api.writes();
    let more = after.get(before.len()..).unwrap();
    assert!(
        more.iter()
            .all(|write| write.access.resource == "mcpservers/status"),
        "{more:#?}"
    );
    assert_eq!(made(&api), OBJECTS);

    api.merge(
        "mcpservers",
        NAMESPACE,
        "fetch",
        &json!({ "spec": { "permissionProfile": { "name": "none" } } }),
    );
    rest(&api).await;
    let server = api.get("mcpservers", NAMESPACE, "fetch").unwrap();
    assert_eq!(
        condition(&server, "Accepted").0,
        "True",
        "it heals once mended"
    );
}

#[tokio::test(start_paused = true)]
async fn an_object_that_cannot_be_read_hides_no_other() {
    let api = FakeApi::default();
    let mut broken = fetch("broken");
    broken["spec"]["image"] = json!({ "not": "text" });
    api.put("mcpservers", broken);
    api.put("mcpservers", fetch("fetch"));
    let running = Running::start(&api, "a", None);
    rest(&api).await;
    assert_eq!(made(&api), OBJECTS);
    let events = api.all("events");
    let about = events
        .iter()
        .find(|event| event["regarding"]["name"] == "broken")
        .unwrap();
    assert_eq!(about["type"], "Warning");
    assert!(
        running
            .metrics
            .encode()
            .unwrap()
            .contains(r#"reconciles_total{outcome="invalid"}"#)
    );
}

#[tokio::test(start_paused = true)]
async fn a_write_that_fails_is_told_and_repeated_until_it_succeeds() {
    let api = FakeApi::default();
    api.fail(Verb::Patch, "deployments", StatusCode::FORBIDDEN, 4);
    api.put("mcpservers", fetch("fetch"));
    let running = Running::start(&api, "a", None);
    rest(&api).await;
    assert_eq!(made(&api), OBJECTS);
    let failed = |event: &&serde_json::Value| event["reason"] == "ApplyFailed";
    let events = api.all("events");
    let told: Vec<_> = events.iter().filter(failed).collect();
    assert_eq!(told.len(), 1, "the same failure is told once: {told:#?}");
    assert!(told[0]["series"].is_null(), "{told:#?}");
    assert_eq!(told[0]["related"]["name"], "fetch-proxy");
    let text = running.metrics.encode().unwrap();
    assert!(
        text.contains(r#"reconciles_total{outcome="failed"}"#),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_object_of_somebody_else_is_not_taken_over_by_force() {
    let api = FakeApi::default();
    api.put("mcpservers", fetch("fetch"));
    let _running = Running::start(&api, "a", None);
    rest(&api).await;
    let applies = api.applies("statefulsets");
    assert!(
        !applies.first().unwrap().force,
        "the first apply may meet an object of somebody else"
    );
}

#[tokio::test(start_paused = true)]
async fn deletion_leaves_nothing_behind_and_writes_nothing() {
    let (api, running) = converged().await;
    let before = api.writes().len();
    api.delete("mcpservers", NAMESPACE, "fetch");
    rest(&api).await;
    assert_eq!(made(&api), Vec::<String>::new());
    assert_eq!(
        api.writes().len(),
        before,
        "{:#?}",
        api.writes().split_off(before)
    );
    let text = running.metrics.encode().unwrap();
    assert!(!text.contains("hivewright_mcpserver_ready{"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_is_being_deleted_is_no_failure() {
    let (api, running) = converged().await;
    api.end_namespace(NAMESPACE);
    let events = api.all("events").len();
    api.delete("deployments", NAMESPACE, "fetch-proxy");
    rest(&api).await;
    assert_eq!(api.all("events").len(), events, "nobody needs to be warned");
    let text = running.metrics.encode().unwrap();
    let failed = |line: &&str| line.contains(r#"outcome="failed""#) && !line.ends_with(" 0");
    assert_eq!(text.lines().find(failed), None);
}

#[tokio::test(start_paused = true)]
async fn a_server_whose_pods_are_ready_is_ready_and_falls_back_with_them() {
    let (api, running) = converged().await;
    scale(&api, "fetch", 1);
    api.put("pods", crate::support::pods::server("fetch", true));
    api.put("pods", crate::support::pods::proxy("fetch", true));
    rest(&api).await;
    let server = api.get("mcpservers", NAMESPACE, "fetch").unwrap();
    assert_eq!(
        condition(&server, "Ready").0,
        "True",
        "{:#}",
        server["status"]
    );
    assert_eq!(server["status"]["phase"], "Ready");
    let line = r#"hivewright_mcpserver_ready{mcpserver="fetch",mcpserver_namespace="default"} 1"#;
    assert!(running.metrics.encode().unwrap().contains(line));

    api.put("pods", crate::support::pods::server("fetch", false));
    rest(&api).await;
    let server = api.get("mcpservers", NAMESPACE, "fetch").unwrap();
    assert_eq!(
        condition(&server, "Ready").0,
        "False",
        "{:#}",
        server["status"]
    );
}

#[tokio::test(start_paused = true)]
async fn namespaces_that_are_not_listed_are_not_looked_at() {
    let api = FakeApi::default();
    let mut other = fetch("other");
    other["metadata"]["namespace"] = json!("elsewhere");
    api.put("mcpservers", other);
    api.put("mcpservers", fetch("fetch"));
    let _running = Running::watching(&api, "a", None, &[NAMESPACE, "third"]);
    rest(&api).await;
    assert_eq!(made(&api), OBJECTS);
}

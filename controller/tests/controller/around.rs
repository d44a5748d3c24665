//! What others own and a server depends on: Secrets, profiles in ConfigMaps, refusals of pods.

use axum::http::StatusCode;
use hivewright_controller::access::Verb;
use serde_json::{Value, json};

use crate::support::FakeApi;
use crate::support::controller::{NAMESPACE, Running, condition, fetch, rest, scale};

fn server(api: &FakeApi) -> Value {
    api.get("mcpservers", NAMESPACE, "fetch").unwrap()
}

fn set(api: &FakeApi) -> Value {
    api.get("statefulsets", NAMESPACE, "fetch").unwrap()
}

/// A Secret as the API server has it: every key has an owner.
fn secret(name: &str, keys: &[&str], content: &str) -> Value {
    type Fields = serde_json::Map<String, Value>;
    let values = keys.iter().map(|key| ((*key).to_owned(), json!(content)));
    let values: Fields = values.collect();
    let owned = keys.iter().map(|key| (format!("f:{key}"), json!({})));
    let owned: Fields = owned.collect();
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {
            "name": name, "namespace": NAMESPACE,
            "managedFields": [{ "manager": "user", "operation": "Update", "apiVersion": "v1",
                "fieldsType": "FieldsV1", "fieldsV1": { "f:data": owned } }],
        },
        "data": values,
    })
}

fn with_secret() -> Value {
    let mut server = fetch("fetch");
    server["spec"]["secrets"] = json!([{ "name": "token", "key": "key" }]);
    server
}

fn checksum(api: &FakeApi) -> String {
    let set = set(api);
    let annotations = &set["spec"]["template"]["metadata"]["annotations"];
    let checksum = annotations["hivewright.dev/secrets-checksum"].as_str();
    checksum.unwrap_or_default().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_missing_secret_is_named_and_heals_when_it_appears_and_a_change_makes_new_pods() {
    let api = FakeApi::default();
    api.put("mcpservers", with_secret());
    let _running = Running::start(&api, "a", None);
    rest(&api).await;
    let (status, reason, message) = condition(&server(&api), "BackendReady");
    assert_eq!(
        (status.as_str(), reason.as_str()),
        ("False", "SecretNotFound")
    );
    assert!(message.contains("token"), "{message}");

    api.put("secrets", secret("token", &["other"], "MQ=="));
    rest(&api).await;
    let (_, reason, message) = condition(&server(&api), "BackendReady");
    assert_eq!(reason, "SecretKeyNotFound", "{message}");

    api.put("secrets", secret("token", &["key"], "MQ=="));
    rest(&api).await;
    let (_, reason, message) = condition(&server(&api), "BackendReady");
    assert!(!reason.starts_with("Secret"), "{reason}: {message}");

    let before = checksum(&api);
    api.put("secrets", secret("token", &["key"], "Mg=="));
    rest(&api).await;
    assert_ne!(checksum(&api), before, "the pod template has changed");
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_nobody_names_asks_for_nothing() {
    let api = FakeApi::default();
    api.put("mcpservers", with_secret());
    api.put("secrets", secret("token", &["key"], "MQ=="));
    let running = Running::start(&api, "a", None);
    rest(&api).await;
    let passes = || {
        let text = running.metrics.encode().unwrap();
        let lines = text
            .lines()
            .filter(|line| line.contains("reconciles_total{"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = passes();
    api.put("secrets", secret("other", &["key"], "MQ=="));
    rest(&api).await;
    assert_eq!(passes(), before);
}

#[tokio::test(start_paused = true)]
async fn no_value_of_a_secret_is_in_anything_that_is_written_or_told() {
    let api = FakeApi::default();
    api.put("mcpservers", with_secret());
    api.put("secrets", secret("token", &["key"], "c2VjcmV0LXZhbHVl"));
    let running = Running::start(&api, "a", None);
    rest(&api).await;
    let kinds = [
        "statefulsets",
        "configmaps",
        "deployments",
        "mcpservers",
        "events",
    ];
    let mut all: Vec<String> = kinds
        .iter()
        .flat_map(|kind| api.all(kind))
        .map(|object| object.to_string())
        .collect();
    all.push(running.metrics.encode().unwrap());
    for text in all {
        assert!(!text.contains("c2VjcmV0LXZhbHVl"), "{text}");
    }
}

fn with_profile() -> Value {
    let mut server = fetch("fetch");
    server["spec"]["permissionProfile"] = json!({ "type": "configmap", "name": "profile" });
    server
}

fn profile(port: u16) -> Value {
    let rule = json!({ "network": { "outbound": { "allow_port": [port] } } });
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": { "name": "profile", "namespace": NAMESPACE },
        "data": { "profile.json": rule.to_string() },
    })
}

fn accepted(api: &FakeApi) -> (String, String) {
    let (status, reason, _) = condition(&server(api), "Accepted");
    (status, reason)
}

fn refused_for(reason: &str) -> (String, String) {
    ("False".to_owned(), reason.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_profile_that_is_there_is_never_said_to_be_missing() {
    let api = FakeApi::default();
    // The first answer about the ConfigMap is late.
    api.fail(
        Verb::List,
        "configmaps",
        StatusCode::INTERNAL_SERVER_ERROR,
        4,
    );
    api.put("configmaps", profile(443));
    api.put("mcpservers", with_profile());
    let _running = Running::start(&api, "a", None);
    rest(&api).await;
    assert_eq!(accepted(&api).0, "True", "{:#}", server(&api)["status"]);
    let events = api.all("events");
    let wrong = events
        .iter()
        .find(|event| event["reason"] == "ProfileNotFound");
    assert!(wrong.is_none(), "{wrong:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_missing_profile_heals_and_a_changed_one_takes_effect() {
    let api = FakeApi::default();
    api.put("mcpservers", with_profile());
    let _running = Running::start(&api, "a", None);
    rest(&api).await;
    assert_eq!(accepted(&api), refused_for("ProfileNotFound"));

    api.put("configmaps", profile(443));
    rest(&api).await;
    assert_eq!(accepted(&api).0, "True", "{:#}", server(&api)["status"]);
    let policy = || api.get("networkpolicies", NAMESPACE, "fetch-mcp").unwrap()["spec"].to_string();
    assert!(policy().contains("443"), "{}", policy());

    let pods = set(&api);
    api.put("configmaps", profile(8443));
    rest(&api).await;
    assert!(policy().contains("8443"), "{}", policy());
    assert_eq!(
        set(&api)["spec"],
        pods["spec"],
        "no pod is restarted for it"
    );

    api.delete("configmaps", NAMESPACE, "profile");
    rest(&api).await;
    assert_eq!(accepted(&api), refused_for("ProfileNotFound"));
    assert!(policy().contains("8443"), "what runs is left alone");
}

#[tokio::test(start_paused = true)]
async fn a_profile_is_watched_while_it_is_named_and_no_longer() {
    let api = FakeApi::default();
    api.put("configmaps", profile(443));
    api.put("mcpservers", with_profile());
    let _running = Running::start(&api, "a", None);
    rest(&api).await;
    api.merge(
        "mcpservers",
        NAMESPACE,
        "fetch",
        &json!({ "spec": { "permissionProfile": { "type": "builtin", "name": "none" } } }),
    );
    rest(&api).await;
    let count = || {
        let all = api.requests();
        let maps = all
            .iter()
            .filter(|asked| asked.access.resource == "configmaps");
        maps.count()
    };
    let before = count();
    api.put("configmaps", profile(80));
    // The changes so far are forgotten: a watch that still ran would have to list anew.
    api.delete_unseen("configmaps", NAMESPACE, "profile");
    rest(&api).await;
    let lists = count() - before;
    assert!(
        lists <= 2,
        "only the watch of our own ConfigMaps is left: {lists}"
    );
}

fn refusal(api: &FakeApi, message: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Event", "reason": "FailedCreate", "type": "Warning",
        "metadata": { "name": "fetch.1", "namespace": NAMESPACE },
        "involvedObject": { "kind": "StatefulSet", "name": "fetch", "namespace": NAMESPACE,
            "uid": set(api)["metadata"]["uid"] },
        "message": message, "lastTimestamp": "2026-01-01T00:00:00Z",
    })
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_the_api_server_refuses_is_told_until_it_exists() {
    let api = FakeApi::default();
    api.put("mcpservers", fetch("fetch"));
    let _running = Running::start(&api, "a", None);
    rest(&api).await;
    scale(&api, "fetch", 1);
    let message = "create Pod fetch-0 in StatefulSet fetch failed error: exceeded quota: small";
    api.put("events", refusal(&api, message));
    rest(&api).await;
    let (_, reason, message) = condition(&server(&api), "BackendReady");
    assert_eq!(reason, "PodRefused", "{message}");
    assert!(message.contains("exceeded quota: small"), "{message}");

    api.put("pods", crate::support::pods::server("fetch", true));
    rest(&api).await;
    assert_ne!(condition(&server(&api), "BackendReady").1, "PodRefused");
    // The Event lives on for an hour; a gap later on is not its doing.
    api.delete("pods", NAMESPACE, "fetch-0");
    rest(&api).await;
    let (_, reason, message) = condition(&server(&api), "BackendReady");
    assert_ne!(reason, "PodRefused", "{message}");
}

//! What users add stays, what they break comes back, and another controller restarts no server.

use hivewright_controller::operate::Config;
use hivewright_core::Settings;
use serde_json::{Value, json};

use crate::support::FakeApi;
use crate::support::controller::{NAMESPACE, Running, config, fetch, rest, scale};

async fn converged() -> (FakeApi, Running) {
    let api = FakeApi::default();
    api.put("mcpservers", fetch("fetch"));
    let running = Running::start(&api, "a", None);
    rest(&api).await;
    (api, running)
}

fn set(api: &FakeApi) -> Value {
    api.get("statefulsets", NAMESPACE, "fetch").unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_scale_that_an_autoscaler_sets_stays() {
    let (api, _running) = converged().await;
    scale(&api, "fetch", 3);
    rest(&api).await;
    assert_eq!(set(&api)["spec"]["replicas"], 3);
    // Also when the StatefulSet is written for another reason.
    let patch = json!({ "spec": { "args": ["--verbose"] } });
    api.merge("mcpservers", NAMESPACE, "fetch", &patch);
    rest(&api).await;
    let set = set(&api);
    let container = &set["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["args"], json!(["--verbose"]));
    assert_eq!(set["spec"]["replicas"], 3);
}

#[tokio::test(start_paused = true)]
async fn labels_and_annotations_of_others_stay_on_every_object() {
    let (api, _running) = converged().await;
    let theirs = json!({ "metadata": {
        "labels": { "team": "blue" }, "annotations": { "example.com/note": "kept" },
    } });
    let objects = [
        ("serviceaccounts", "fetch-proxy"),
        ("roles", "fetch-proxy"),
        ("rolebindings", "fetch-proxy"),
        ("configmaps", "fetch-proxy"),
        ("networkpolicies", "fetch-mcp"),
        ("networkpolicies", "fetch-proxy"),
        ("statefulsets", "fetch"),
        ("deployments", "fetch-proxy"),
        ("services", "mcp-fetch-proxy"),
    ];
    let before = api.writes().len();
    for (resource, name) in objects {
        api.merge(resource, NAMESPACE, name, &theirs);
    }
    rest(&api).await;
    for (resource, name) in objects {
        let meta = &api.get(resource, NAMESPACE, name).unwrap()["metadata"];
        assert_eq!(meta["labels"]["team"], "blue", "{resource}/{name}");
        assert_eq!(
            meta["annotations"]["example.com/note"], "kept",
            "{resource}/{name}"
        );
    }
    assert_eq!(
        api.writes().len(),
        before,
        "{:#?}",
        api.writes().split_off(before)
    );
}

#[tokio::test(start_paused = true)]
async fn a_label_of_ours_that_somebody_removes_comes_back() {
    let (api, _running) = converged().await;
    let patch = json!({ "metadata": { "labels": { "hivewright.dev/mcpserver": "other" } } });
    api.merge("services", NAMESPACE, "mcp-fetch-proxy", &patch);
    // The change names another server: what is wrong is found by the next look at this one.
    let look = json!({ "metadata": { "annotations": { "look": "again" } } });
    api.merge("mcpservers", NAMESPACE, "fetch", &look);
    rest(&api).await;
    let service = api.get("services", NAMESPACE, "mcp-fetch-proxy").unwrap();
    assert_eq!(
        service["metadata"]["labels"]["hivewright.dev/mcpserver"],
        "fetch"
    );
}

#[tokio::test(start_paused = true)]
async fn another_controller_with_another_proxy_restarts_no_server() {
    let (api, running) = converged().await;
    scale(&api, "fetch", 1);
    rest(&api).await;
    let before = set(&api);
    running.stop().await;
    let writes = api.writes().len();
    let upgraded = Config {
        settings: Settings {
            proxy_image: "hivewright/proxy:next".to_owned(),
            ..Settings::default()
        },
        ..config()
    };
    let _running = Running::configured(&api, "b", upgraded);
    rest(&api).await;
    let deployment = api.get("deployments", NAMESPACE, "fetch-proxy").unwrap();
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["image"], "hivewright/proxy:next");
    assert_eq!(
        set(&api),
        before,
        "the server's own set is not even written"
    );
    let mut written: Vec<_> = api.writes().split_off(writes);
    written.retain(|write| write.access.resource != "mcpservers/status");
    assert_eq!(written.len(), 1, "{written:#?}");
}

//! The table of rights, the requests of the code and the rules of the chart are one and the same.

use std::collections::BTreeSet;

use crate::support::controller::{NAMESPACE, Running, config, fetch, identity, rest};
use crate::support::helm;
use crate::support::{FakeApi, Recorded};
use hivewright_controller::access::{self, Place, RIGHTS, User, Verb, When};
use hivewright_controller::operate::Config;
use serde_json::{Value, json};

/// Group, resource, verb.
type Grant = (String, String, String);

fn table(place: Place, users: &[User]) -> BTreeSet<Grant> {
    table_when(&[When::Always, When::WatchSecrets], place, users)
}

fn table_when(when: &[When], place: Place, users: &[User]) -> BTreeSet<Grant> {
    let rights = RIGHTS.iter().filter(|right| {
        right.place == place && users.contains(&right.user) && when.contains(&right.when)
    });
    rights
        .flat_map(|right| {
            let grant = |verb: &str| {
                (
                    right.group.to_owned(),
                    right.resource.to_owned(),
                    verb.to_owned(),
                )
            };
            right.verbs.iter().map(move |verb| grant(verb.as_str()))
        })
        .collect()
}

fn granted(rules: &Value) -> BTreeSet<Grant> {
    let texts = |rule: &Value, field: &str| -> Vec<String> {
        serde_json::from_value(rule[field].clone()).unwrap_or_default()
    };
    let mut grants = BTreeSet::new();
    for rule in rules.as_array().unwrap() {
        for group in texts(rule, "apiGroups") {
            for resource in texts(rule, "resources") {
                let verbs = texts(rule, "verbs").into_iter();
                grants.extend(verbs.map(|verb| (group.clone(), resource.clone(), verb)));
            }
        }
    }
    grants
}

/// An apply that makes the object needs the right to create it beside that to patch it.
fn uses(request: Recorded) -> Vec<Grant> {
    let access::Request {
        group,
        resource,
        verb,
    } = request.access;
    let created = verb == Verb::Patch && request.status == 201;
    let verbs = [Some(verb), created.then_some(Verb::Create)];
    let grant = |verb: Verb| (group.clone(), resource.clone(), verb.as_str().to_owned());
    verbs.into_iter().flatten().map(grant).collect()
}

fn everybody() -> [User; 3] {
    [User::Controller, User::Proxy, User::Admission]
}

#[tokio::test(start_paused = true)]
async fn the_code_uses_every_right_of_the_table_and_no_other() {
    let api = FakeApi::default();
    api.put("mcpservers", fetch("fetch"));
    let running = Running::start(&api, "a", Some(identity("a")));
    rest(&api).await;
    // With a transport of HTTP come a Service of its own and another StatefulSet; both go again.
    for transport in ["sse", "stdio"] {
        let patch = json!({ "spec": { "transport": transport } });
        api.merge("mcpservers", NAMESPACE, "fetch", &patch);
        rest(&api).await;
    }
    let headless = api.get("services", NAMESPACE, "mcp-fetch-headless");
    assert_eq!(headless, None);
    // A second occurrence of the same Event patches the first.
    for name in ["everything", "network", "nothing"] {
        let patch = json!({ "spec": { "permissionProfile": { "name": name } } });
        api.merge("mcpservers", NAMESPACE, "fetch", &patch);
        rest(&api).await;
    }
    running.stop().await;
    let used: BTreeSet<Grant> = api.requests().into_iter().flat_map(uses).collect();
    let mut allowed = table(Place::Watched, &[User::Controller]);
    allowed.extend(table(Place::Own, &[User::Controller]));
    assert_eq!(used, allowed);
}

#[test]
fn the_cluster_role_of_the_chart_is_the_table() {
    let roles = helm::objects(&[], "ClusterRole");
    assert_eq!(roles.len(), 1);
    assert_eq!(
        granted(&roles[0]["rules"]),
        table(Place::Watched, &everybody())
    );
}

#[test]
fn without_a_look_at_secrets_there_is_no_right_to_any() {
    let off = "watchSecrets=false";
    let everywhere = helm::objects(&["--set", off], "ClusterRole");
    let listed = format!("{off},watchNamespaces={{one}}");
    let in_one = helm::objects(&["--set", &listed], "Role");
    let in_one = in_one
        .iter()
        .find(|role| role["metadata"]["namespace"] == "one")
        .unwrap();
    for role in [&everywhere[0], in_one] {
        let granted = granted(&role["rules"]);
        assert_eq!(
            granted,
            table_when(&[When::Always], Place::Watched, &everybody())
        );
        assert!(granted.iter().all(|(_, resource, _)| resource != "secrets"));
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_look_at_secrets_no_request_names_them() {
    let api = FakeApi::default();
    api.put("mcpservers", fetch("fetch"));
    let config = Config {
        watch_secrets: false,
        ..config()
    };
    let _running = Running::configured(&api, "a", config);
    rest(&api).await;
    let requests = api.requests();
    assert!(!requests.is_empty());
    assert!(
        requests
            .iter()
            .all(|request| request.access.resource != "secrets")
    );
}

#[tokio::test(start_paused = true)]
async fn with_a_list_of_namespaces_no_request_is_cluster_wide() {
    let api = FakeApi::default();
    let mut server = fetch("fetch");
    server["spec"]["permissionProfile"] = json!({ "type": "configmap", "name": "p" });
    api.put("mcpservers", server);
    let _running = Running::watching(&api, "a", Some(identity("a")), &[NAMESPACE, "third"]);
    rest(&api).await;
    let asked: BTreeSet<String> = api
        .requests()
        .into_iter()
        .map(|request| request.namespace)
        .collect();
    let expected = [NAMESPACE, "hivewright", "third"].map(str::to_owned);
    assert_eq!(asked, BTreeSet::from(expected));
}

#[test]
fn the_lease_role_of_the_chart_is_the_table_and_names_one_lease() {
    let roles = helm::objects(&[], "Role");
    assert_eq!(
        roles.len(),
        1,
        "all namespaces: the only Role is that of the lease"
    );
    assert_eq!(granted(&roles[0]["rules"]), table(Place::Own, &everybody()));
    let all = roles[0]["rules"].as_array().unwrap();
    for rule in all.iter().filter(|rule| rule["verbs"] != json!(["create"])) {
        assert_eq!(rule["resourceNames"].as_array().unwrap().len(), 1, "{rule}");
    }
}

#[test]
fn with_a_list_of_namespaces_there_is_a_role_in_each_and_nothing_cluster_wide() {
    let values = ["--set", "watchNamespaces={one,two}"];
    for kind in ["ClusterRole", "ClusterRoleBinding"] {
        assert!(helm::objects(&values, kind).is_empty(), "{kind}");
    }
    let roles = helm::objects(&values, "Role");
    for namespace in ["one", "two"] {
        let role = roles
            .iter()
            .find(|role| role["metadata"]["namespace"] == namespace)
            .unwrap();
        assert_eq!(granted(&role["rules"]), table(Place::Watched, &everybody()));
    }
    assert_eq!(
        helm::objects(&values, "RoleBinding").len(),
        3,
        "two namespaces and the lease"
    );
}

#[tokio::test(start_paused = true)]
async fn the_proxys_role_is_what_the_table_says_that_proxies_use() {
    let api = FakeApi::default();
    api.put("mcpservers", fetch("fetch"));
    let _running = Running::start(&api, "a", None);
    rest(&api).await;
    let role = api.get("roles", NAMESPACE, "fetch-proxy").unwrap();
    assert_eq!(
        granted(&role["rules"]),
        table(Place::Watched, &[User::Proxy])
    );
    for rule in role["rules"].as_array().unwrap() {
        assert!(
            !rule["resourceNames"].as_array().unwrap().is_empty(),
            "names exact objects: {rule}"
        );
    }
}

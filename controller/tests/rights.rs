//! The table of rights, the requests of the code and the rules of the chart are one and the same.

mod support;

use std::collections::BTreeSet;

use hivewright_controller::access::{Place, RIGHTS, User};
use serde_json::Value;
use support::FakeApi;
use support::controller::{NAMESPACE, Running, fetch, identity, rest};
use support::helm;

/// Group, resource, verb.
type Grant = (String, String, String);

fn table(place: Place, users: &[User]) -> BTreeSet<Grant> {
    let rights = RIGHTS
        .iter()
        .filter(|right| right.place == place && users.contains(&right.user));
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

fn everybody() -> [User; 3] {
    [User::Controller, User::Proxy, User::Admission]
}

#[tokio::test(start_paused = true)]
async fn the_code_uses_every_right_of_the_table_and_no_other() {
    let api = FakeApi::default();
    api.put("mcpservers", fetch("fetch"));
    let running = Running::start(&api, "a", identity("a"));
    rest(&api).await;
    // A second occurrence of the same Event patches the first.
    for name in ["everything", "network", "nothing"] {
        let patch = serde_json::json!({ "spec": { "permissionProfile": { "name": name } } });
        api.merge("mcpservers", NAMESPACE, "fetch", &patch);
        rest(&api).await;
    }
    running.stop().await;
    let used: BTreeSet<Grant> = api
        .requests()
        .into_iter()
        .map(|request| {
            (
                request.access.group,
                request.access.resource,
                request.access.verb.as_str().to_owned(),
            )
        })
        .collect();
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
fn the_lease_role_of_the_chart_is_the_table_and_names_one_lease() {
    let roles = helm::objects(&[], "Role");
    assert_eq!(
        roles.len(),
        1,
        "all namespaces: the only Role is that of the lease"
    );
    assert_eq!(granted(&roles[0]["rules"]), table(Place::Own, &everybody()));
    let rules = roles[0]["rules"].as_array().unwrap();
    for rule in rules
        .iter()
        .filter(|rule| rule["verbs"] != serde_json::json!(["create"]))
    {
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

//! The table of rights, the requests of the code and the rules of the chart are one and the same.

use std::collections::BTreeSet;

use crate::support::controller::{NAMESPACE, Running, fetch, identity, rest};
use crate::support::helm;
use crate::support::{FakeApi, Recorded};
use hivewright_controller::access::{self, Place, RIGHTS, User, Verb};
use serde_json::{Value, json};

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

/// A Service that a server once needed and no longer does.
fn leftover(api: &FakeApi) {
    let owner = &api.get("mcpservers", NAMESPACE, "fetch").unwrap()["metadata"]["uid"];
    api.put(
        "services",
        json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {
                "name": "mcp-fetch-headless", "namespace": NAMESPACE,
                "labels": {
                    "app.kubernetes.io/managed-by": "hivewright-controller",
                    "hivewright.dev/mcpserver": "fetch",
                },
                "ownerReferences": [{
                    "apiVersion": "toolhive.stacklok.dev/v1alpha1", "kind": "MCPServer",
                    "name": "fetch", "uid": owner, "controller": true,
                }],
            },
        }),
    );
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
    leftover(&api);
    rest(&api).await;
    assert!(
        api.get("services", NAMESPACE, "mcp-fetch-headless")
            .is_none()
    );
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

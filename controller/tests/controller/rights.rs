//! The table of rights, the requests of the code and the rules of the chart are one and the same.

use std::collections::BTreeSet;

use crate::support::controller::{NAMESPACE, Running, config, fetch, identity, rest};
use crate::support::helm;
use crate::support::{FakeApi, Recorded};
use hivewright_controller::access::{self, Place, RIGHTS, User, Verb, When};
use hivewright_controller::auth::{Ask, Gate};
use hivewright_controller::metrics::Metrics;
use hivewright_controller::operate::Config;
use serde_json::{Value, json};

/// Group, resource, verb.
type Grant = (String, String, String);

fn table(place: Place, users: &[User]) -> BTreeSet<Grant> {
    let when = [When::Always, When::WatchSecrets, When::Readers];
    table_when(&when, place, users)
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

/// Whether this is the controller's own role in this namespace.
fn is_own(role: &Value, namespace: &str) -> bool {
    role["metadata"]["namespace"] == namespace && role["metadata"]["name"] == "test-hivewright"
}

/// The rights of readers.
fn readers() -> BTreeSet<Grant> {
    let grants = access::READER.iter().flat_map(|right| {
        let grant = |verb: &Verb| {
            let words = [right.group, right.resource, verb.as_str()];
            let [group, resource, verb] = words.map(str::to_owned);
            (group, resource, verb)
        };
        right.verbs.iter().map(grant)
    });
    grants.collect()
}

/// Ends of the names of the chart's roles.
const OWN: &str = "-hivewright";
const REVIEWS: &str = "-reader-reviews";
const READER: &str = "-reader";

/// The one object of this kind whose name ends so.
fn named(kind: &str, suffix: &str, values: &[&str]) -> Value {
    let fits = |object: &Value| {
        object["metadata"]["name"]
            .as_str()
            .is_some_and(|name| name.ends_with(suffix))
    };
    let mut found = helm::objects(values, kind).into_iter().filter(fits);
    let one = found.next().expect("the chart makes it");
    assert_eq!(found.next(), None, "{kind} {suffix}");
    one
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
fn the_cluster_roles_of_the_chart_are_the_table() {
    let rules = |suffix: &str| granted(&named("ClusterRole", suffix, &[])["rules"]);
    assert_eq!(rules(OWN), table(Place::Watched, &everybody()));
    assert_eq!(rules(REVIEWS), table(Place::Cluster, &everybody()));
    assert_eq!(rules(READER), readers());
    assert_eq!(helm::objects(&[], "ClusterRole").len(), 3);
}

#[test]
fn readers_are_bound_to_the_servers_and_to_nothing_else() {
    let all = helm::all(&[]);
    let bound = |binding: &&Value| {
        let subjects = binding["subjects"].as_array();
        subjects.is_some_and(|all| {
            all.iter()
                .any(|subject| subject["name"] == "test-hivewright-reader")
        })
    };
    let bindings: Vec<&Value> = all.iter().filter(bound).collect();
    assert_eq!(bindings.len(), 1, "{bindings:?}");
    assert_eq!(
        bindings[0]["roleRef"]["name"],
        "hivewright-test-hivewright-reader"
    );
    let account = named("ServiceAccount", READER, &[]);
    assert_eq!(account["automountServiceAccountToken"], false);
    let pod = &helm::objects(&[], "Deployment")[0]["spec"]["template"];
    let annotation = &pod["metadata"]["annotations"]["hivewright.dev/reader-account"];
    assert_eq!(*annotation, account["metadata"]["name"]);
}

#[test]
fn who_may_reach_the_controller_may_do_nothing_else_there() {
    let values = [
        "--set-json",
        r#"reader.subjects=[{"kind":"Group","name":"devs"}]"#,
    ];
    let role = named("Role", "-reader-way", &values);
    let way = |resource: &str, verb: &str| (String::new(), resource.to_owned(), verb.to_owned());
    let expected = [
        way("pods", "get"),
        way("pods", "list"),
        way("pods/portforward", "create"),
        way("pods/portforward", "get"),
    ];
    assert_eq!(granted(&role["rules"]), BTreeSet::from(expected));
    let binding = named("RoleBinding", "-reader-way", &values);
    assert_eq!(
        binding["subjects"],
        json!([{ "kind": "Group", "name": "devs" }])
    );
}

#[test]
fn without_readers_there_is_no_account_and_no_review() {
    let values = ["--set", "reader.enabled=false"];
    let of = |object: &Value| {
        object["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .contains("reader")
    };
    assert!(!helm::all(&values).iter().any(of));
    assert_eq!(helm::objects(&values, "ClusterRole").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_gate_uses_the_reviews_of_the_table_and_no_other_right() {
    let api = FakeApi::default();
    let gate = Gate::new(api.client("gate", &Metrics::new()));
    let header = [(
        http::header::AUTHORIZATION,
        http::HeaderValue::from_static("Bearer t"),
    )];
    let headers = http::HeaderMap::from_iter(header);
    gate.admit(&headers, &Ask::list(None)).await.unwrap();
    let used: BTreeSet<Grant> = api.requests().into_iter().flat_map(uses).collect();
    assert_eq!(used, table(Place::Cluster, &everybody()));
}

#[test]
fn without_a_look_at_secrets_there_is_no_right_to_any() {
    let off = "watchSecrets=false";
    let everywhere = named("ClusterRole", OWN, &["--set", off]);
    let listed = format!("{off},watchNamespaces={{one}}");
    let in_one = helm::objects(&["--set", &listed], "Role");
    let in_one = in_one.iter().find(|role| is_own(role, "one")).unwrap();
    for role in [&everywhere, in_one] {
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
        2,
        "all namespaces: the only Roles are that of the lease and the readers' way"
    );
    let lease = named("Role", "-lease", &[]);
    assert_eq!(granted(&lease["rules"]), table(Place::Own, &everybody()));
    let all = lease["rules"].as_array().unwrap();
    for rule in all.iter().filter(|rule| rule["verbs"] != json!(["create"])) {
        assert_eq!(rule["resourceNames"].as_array().unwrap().len(), 1, "{rule}");
    }
}

#[test]
fn with_a_list_of_namespaces_there_is_a_role_in_each_and_only_the_reviews_cluster_wide() {
    let values = ["--set", "watchNamespaces={one,two}"];
    for kind in ["ClusterRole", "ClusterRoleBinding"] {
        assert_eq!(helm::objects(&values, kind).len(), 1, "{kind}");
        named(kind, REVIEWS, &values);
        let without = ["--set", "watchNamespaces={one,two},reader.enabled=false"];
        assert!(helm::objects(&without, kind).is_empty(), "{kind}");
    }
    let roles = helm::objects(&values, "Role");
    for namespace in ["one", "two"] {
        let role = roles.iter().find(|role| is_own(role, namespace)).unwrap();
        assert_eq!(granted(&role["rules"]), table(Place::Watched, &everybody()));
        let reader = |role: &&Value| {
            role["metadata"]["namespace"] == namespace
                && role["metadata"]["name"] == "test-hivewright-reader"
        };
        let reader = roles.iter().find(reader).unwrap();
        assert_eq!(granted(&reader["rules"]), readers());
    }
    assert_eq!(
        helm::objects(&values, "RoleBinding").len(),
        5,
        "the controller and its readers in two namespaces, and the lease"
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

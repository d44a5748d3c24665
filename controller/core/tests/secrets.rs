//! Missing Secrets: named before the kubelet says so, and gone when they appear.

mod world;

use std::collections::BTreeMap;

use hivewright_core::{Event, SecretFacts};
use rstest::rstest;
use world::pods::{self, Container};
use world::{World, stored};

/// A server with two keys of one Secret, and one of another.
fn server() -> hivewright_api::MCPServer {
    stored(
        "
apiVersion: toolhive.stacklok.dev/v1alpha1
kind: MCPServer
metadata: {name: github, namespace: tools}
spec:
  image: example.com/github:1
  secrets:
  - {name: github-token, key: token, targetEnvName: GITHUB_PERSONAL_ACCESS_TOKEN}
  - {name: github-token, key: host}
  - {name: extra, key: ca}
",
    )
}

type Known = BTreeMap<String, SecretFacts>;

fn known(secrets: &[(&str, Option<&[&str]>)]) -> Known {
    let facts = |keys: Option<&[&str]>| SecretFacts {
        version: "uid/1".to_owned(),
        keys: keys.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect()),
    };
    let named = |(name, keys): &(&str, Option<&[&str]>)| ((*name).to_owned(), facts(*keys));
    secrets.iter().map(named).collect()
}

const ALL: &[(&str, Option<&[&str]>)] = &[
    ("github-token", Some(&["token", "host"])),
    ("extra", Some(&["ca"])),
];

#[rstest]
#[case::none_there(Some(known(&[])), "SecretNotFound",
    "There is no Secret `extra` with the key `ca`, nor Secret `github-token` with the keys `host`, `token` in the namespace `tools`; create it, or correct the name in the spec.")]
#[case::one_there(Some(known(&[("extra", Some(&["ca"]))])), "SecretNotFound",
    "There is no Secret `github-token` with the keys `host`, `token` in the namespace `tools`; create it, or correct the name in the spec.")]
#[case::a_key_missing(Some(known(&[("extra", Some(&["ca"])), ("github-token", Some(&["token"]))])), "SecretKeyNotFound",
    "In the namespace `tools`, Secret `github-token` has no key `host`; add what is missing, or correct the key in the spec.")]
#[case::keys_of_two_missing(Some(known(&[("extra", Some(&[])), ("github-token", Some(&[]))])), "SecretKeyNotFound",
    "In the namespace `tools`, Secret `extra` has no key `ca`, and Secret `github-token` has no keys `host`, `token`; add what is missing, or correct the key in the spec.")]
fn what_is_missing_is_named_before_anything_runs_and_heals_when_it_appears(
    #[case] secrets: Option<Known>,
    #[case] reason: &str,
    #[case] sentence: &str,
) {
    let mut world = World::new(server());
    world.around.secrets = secrets;
    world.pass();
    let backend = world.condition("BackendReady");
    assert_eq!(
        (backend.status.as_str(), backend.reason.as_str()),
        ("False", reason)
    );
    assert_eq!(backend.message, sentence);
    assert_eq!(world.condition("Accepted").status, "True");
    assert_eq!(world.status().phase.as_deref(), Some("Failed"));
    world.pass();
    assert_eq!(world.pass(), vec![], "said once");

    world.around.secrets = Some(known(ALL));
    world.pass();
    assert_ne!(world.condition("BackendReady").reason, reason);
    assert_ne!(world.status().phase.as_deref(), Some("Failed"));
}

/// The kubelet's words about a key, with what is known of the Secrets.
fn held(secrets: Option<Known>, words: &str) -> World {
    let mut world = World::new(server());
    world.around.secrets = secrets;
    world.pass();
    world::api_server::scale(&mut world.objects, 1);
    let waiting = Container::Waiting {
        reason: "CreateContainerConfigError".to_owned(),
        message: words.to_owned(),
        last_exit: None,
    };
    let pod = pods::pod("mcp", &waiting, 0, None);
    world.server_pods = vec![pods::named("github-0", pod)];
    world.pass();
    world
}

#[rstest]
#[case::not_watched(None, "SecretKeyNotFound")]
#[case::watched_without_its_keys(Some(known(&[("github-token", None), ("extra", None)])), "SecretKeyNotFound")]
#[case::there_by_now(Some(known(ALL)), "Starting")]
fn the_kubelet_tells_what_the_controller_cannot_know(
    #[case] secrets: Option<Known>,
    #[case] reason: &str,
) {
    let world = held(
        secrets,
        "couldn't find key token in Secret tools/github-token",
    );
    assert_eq!(world.condition("BackendReady").reason, reason);
}

#[test]
fn a_secret_that_the_kubelet_misses_and_the_controller_sees_is_about_to_be_used() {
    let world = held(Some(known(ALL)), "secret \"github-token\" not found");
    assert_eq!(world.condition("BackendReady").reason, "Starting");
    let world = held(None, "secret \"github-token\" not found");
    assert_eq!(world.condition("BackendReady").reason, "SecretNotFound");
}

#[test]
fn a_secret_deleted_under_a_server_that_answers_changes_nothing_for_its_clients() {
    let mut world = held(Some(known(ALL)), "");
    let gate = Some((true, "Initialized", ""));
    let answering = pods::pod("mcp", &Container::Running { ready: true }, 0, gate);
    world.server_pods = vec![answering];
    world.pass();
    world.around.secrets = Some(known(&[]));
    world.pass();
    assert_eq!(world.condition("BackendReady").status, "True");
}

#[test]
fn an_optional_key_is_missed_by_nobody() {
    let mut server = server();
    server.spec.secrets = None;
    server.spec.pod_template_spec = Some(serde_json::json!({"spec": {"containers": [{
        "name": "mcp",
        "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": true}}}],
    }]}}));
    let mut world = World::new(server);
    world.around.secrets = Some(known(&[]));
    world.pass();
    assert_eq!(world.condition("BackendReady").reason, "NotCreated");
}

/// The API gives no values; what it gives (names, keys, versions) stays out of events but for the
/// names and keys that are missed.
#[test]
fn a_secret_s_version_is_told_nowhere() {
    let mut world = World::new(server());
    world.around.secrets = Some(known(&[("extra", Some(&["ca"]))]));
    let notes: Vec<String> = world.pass().iter().map(Event::note).collect();
    let told = format!("{notes:?}{:?}", world.status());
    assert!(
        told.contains("github-token") && !told.contains("uid/1"),
        "{told}"
    );
}

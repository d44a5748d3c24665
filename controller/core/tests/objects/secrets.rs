use std::collections::BTreeMap;

use hivewright_api::names;
use hivewright_core::{Part, SecretFacts};
use rstest::rstest;
use serde_json::{Value, json};

use super::world::{World, stored};
use super::{container, made, settled, steps};

fn with(mut world: World, versions: &[(&str, &str)]) -> World {
    let facts = versions.iter().map(|(name, version)| {
        let facts = SecretFacts {
            version: (*version).to_owned(),
            keys: None,
        };
        ((*name).to_owned(), facts)
    });
    world.around.secrets = Some(facts.collect::<BTreeMap<_, _>>());
    world
}

fn mark(world: &World) -> Value {
    let template = &world.objects[&Part::StatefulSet]["spec"]["template"];
    template["metadata"]["annotations"][names::SECRETS_CHECKSUM].clone()
}

#[test]
fn the_documented_github_manifest_gets_its_token_from_the_secret() {
    let manifest = include_str!("../../../../e2e/manifests/github.yaml");
    let world = settled(World::new(stored(manifest)));
    let env = container(&world)["env"].as_array().unwrap();
    let token = env
        .iter()
        .find(|variable| variable["name"] == "GITHUB_PERSONAL_ACCESS_TOKEN")
        .unwrap();
    assert_eq!(
        token["valueFrom"],
        json!({"secretKeyRef": {"name": "github-token", "key": "token"}})
    );
}

#[test]
fn a_key_is_the_name_of_its_variable_unless_another_is_given() {
    let secrets = json!([{"name": "s", "key": "a"}, {"name": "s", "key": "a", "targetEnvName": "B"},
        {"name": "s", "key": "c"}]);
    let world = made(&json!({ "secrets": secrets }));
    let env = container(&world)["env"].as_array().unwrap();
    let found: Vec<_> = env
        .iter()
        .filter_map(|variable| {
            let key = variable["valueFrom"]["secretKeyRef"]["key"].as_str()?;
            Some((variable["name"].as_str()?, key))
        })
        .collect();
    assert_eq!(found, [("a", "a"), ("B", "a"), ("c", "c")]);
}

#[rstest]
#[case::of_the_spec(json!({"secrets": [{"name": "s", "key": "k"}]}))]
#[case::of_the_template(json!({"podTemplateSpec": {"spec": {"containers": [{"name": "mcp",
    "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]}}}))]
#[case::of_a_sidecar(json!({"podTemplateSpec": {"spec": {"containers": [{"name": "mcp"},
    {"name": "side", "image": "s:1", "envFrom": [{"secretRef": {"name": "s"}}]}]}}}))]
fn a_changed_secret_means_new_pods_and_nothing_else(#[case] spec: Value) {
    let world = settled(with(made(&spec), &[]));
    let absent = mark(&world);
    assert!(absent.is_string(), "a missing Secret counts as a version");
    let world = with(world, &[("s", "1"), ("another", "1")]);
    assert_eq!(steps(&world), [("apply", Part::StatefulSet)]);
    let world = settled(world);
    assert_ne!(mark(&world), absent);
    assert_eq!(
        steps(&with(world, &[("s", "1"), ("another", "2")])),
        [],
        "another Secret is nobody's business"
    );
}

#[rstest]
#[case::switched_off(Some("false"), true)]
#[case::nobody_looks_at_secrets(None, false)]
fn without_a_mark_no_change_of_a_secret_reaches_the_pods(
    #[case] switch: Option<&str>,
    #[case] looked_at: bool,
) {
    let mut world = made(&json!({"secrets": [{"name": "s", "key": "k"}]}));
    if let Some(switch) = switch {
        let annotations = world.server.metadata.annotations.get_or_insert_default();
        annotations.insert(names::ROLL_ON_SECRET_CHANGE.to_owned(), switch.to_owned());
    }
    if looked_at {
        world = with(world, &[("s", "1")]);
    }
    let world = settled(world);
    assert!(mark(&world).is_null());
}

#[rstest]
#[case::switched_off(true)]
#[case::nobody_looks_at_secrets_any_more(false)]
fn the_switch_itself_means_no_new_pods(#[case] by_annotation: bool) {
    let spec = json!({"secrets": [{"name": "s", "key": "k"}]});
    let mut world = settled(with(made(&spec), &[("s", "1")]));
    assert!(mark(&world).is_string());
    if by_annotation {
        let annotations = world.server.metadata.annotations.get_or_insert_default();
        annotations.insert(names::ROLL_ON_SECRET_CHANGE.to_owned(), "false".to_owned());
        world = with(world, &[("s", "2")]);
    } else {
        world.around.secrets = None;
    }
    assert_eq!(steps(&world), []);
}

#[test]
fn a_mounted_secret_follows_by_itself_and_leaves_no_mark() {
    let volumes = json!([{"name": "v", "mountPath": "/v", "secret": {"secretName": "s"}}]);
    let world = settled(with(made(&json!({ "volumes": volumes })), &[("s", "1")]));
    assert!(mark(&world).is_null());
}

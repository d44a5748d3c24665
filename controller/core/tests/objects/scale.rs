use hivewright_api::names;
use hivewright_api::proxy_config::LiveConfig;
use hivewright_core::Part;
use rstest::rstest;
use serde_json::{Value, json};

use super::world::{World, api_server};
use super::{document, made, settled, steps};

fn live(world: &World) -> (u16, bool) {
    let live: LiveConfig =
        serde_json::from_value(document(world, names::LIVE_CONFIG_FILE)).expect("a LiveConfig");
    (live.replicas, live.keep_scale)
}

#[rstest]
#[case::by_default(json!({}), (1, false))]
#[case::said(json!({"backendReplicas": 3}), (3, true))]
#[case::none_said(json!({"backendReplicas": 0}), (0, true))]
#[case::stopped(json!({"replicas": 0, "backendReplicas": 3}), (0, true))]
fn the_proxy_is_told_how_many_servers_there_are(#[case] spec: Value, #[case] told: (u16, bool)) {
    assert_eq!(live(&made(&spec)), told);
}

#[test]
fn who_scales_the_stateful_set_is_followed_without_a_new_proxy() {
    let mut world = made(&json!({}));
    api_server::scale(&mut world.objects, 4);
    assert_eq!(steps(&world), [("apply", Part::ConfigMap)]);
    let mut world = settled(world);
    assert_eq!(live(&world), (4, false));
    api_server::scale(&mut world.objects, 100);
    assert_eq!(live(&settled(world)), (names::MAX_BACKEND_REPLICAS, false));
}

#[test]
fn a_number_in_the_spec_is_told_without_a_new_proxy_and_without_new_rights() {
    let mut world = made(&json!({}));
    world.server.spec.backend_replicas = Some(3);
    assert_eq!(steps(&world), [("apply", Part::ConfigMap)]);
}

#[test]
fn the_proxys_rights_name_every_pod_that_there_can_be_and_nothing_else() {
    let world = made(&json!({}));
    let rules = world.objects[&Part::Role]["rules"].as_array().unwrap();
    let most = u32::from(names::MAX_BACKEND_REPLICAS);
    let pods: Vec<String> = (0..most).map(|i| format!("any-{i}")).collect();
    for rule in rules {
        let resource = rule["resources"][0].as_str().unwrap();
        let expected = match resource {
            "statefulsets/scale" => json!(["any"]),
            "configmaps" => json!(["any-proxy"]),
            _ => json!(pods),
        };
        assert_eq!(rule["resourceNames"], expected, "{resource}");
    }
}

#[test]
fn a_stopped_server_has_neither_proxy_nor_pods_and_starts_again() {
    let mut world = made(&json!({}));
    api_server::scale(&mut world.objects, 2);
    let mut world = settled(world);
    world.server.spec.replicas = Some(0);
    assert_eq!(
        steps(&world),
        [
            ("apply", Part::ConfigMap),
            ("seed", Part::StatefulSet),
            ("apply", Part::Deployment),
        ]
    );
    let mut world = settled(world);
    let replicas = |world: &World, part| world.objects[&part]["spec"]["replicas"].clone();
    assert_eq!(replicas(&world, Part::StatefulSet), 0);
    assert_eq!(replicas(&world, Part::Deployment), 0);
    api_server::scale(&mut world.objects, 1);
    assert_eq!(
        steps(&world),
        [("seed", Part::StatefulSet)],
        "it stays stopped"
    );

    let mut world = settled(world);
    world.server.spec.replicas = None;
    let world = settled(world);
    assert_eq!(replicas(&world, Part::Deployment), 1);
    assert_eq!(
        replicas(&world, Part::StatefulSet),
        0,
        "the proxy brings it up"
    );
    assert_eq!(live(&world), (1, false));
}

fn pool(world: &World) -> (u16, bool, Option<u16>) {
    let live: LiveConfig =
        serde_json::from_value(document(world, names::LIVE_CONFIG_FILE)).expect("a LiveConfig");
    (live.replicas, live.keep_scale, live.warm)
}

#[rstest]
#[case::by_default(json!({}), (4, true, Some(1)))]
#[case::said(json!({"sessionPool": {"max": 8, "warm": 0}}), (8, true, Some(0)))]
#[case::stopped(json!({"replicas": 0}), (0, true, None))]
fn the_proxy_is_told_the_bounds_of_its_pool(
    #[case] mut spec: Value,
    #[case] told: (u16, bool, Option<u16>),
) {
    spec["isolation"] = json!("perSession");
    assert_eq!(pool(&made(&spec)), told);
}

#[test]
fn new_bounds_of_a_pool_reach_the_proxy_that_runs_and_another_isolation_makes_a_new_one() {
    let mut world = made(&json!({"isolation": "perSession"}));
    let config = document(&world, names::PROXY_CONFIG_FILE);
    assert_eq!(config["isolation"], "perSession");
    world.server.spec.session_pool = Some(hivewright_api::spec::SessionPool {
        max: Some(9),
        warm: Some(3),
    });
    assert_eq!(steps(&world), [("apply", Part::ConfigMap)]);
    let mut world = settled(world);
    assert_eq!(pool(&world), (9, true, Some(3)));

    api_server::scale(&mut world.objects, 5);
    assert_eq!(steps(&world), [], "the proxy scales its pool by itself");

    (world.server.spec.isolation, world.server.spec.session_pool) = (None, None);
    assert_eq!(
        steps(&world),
        [("apply", Part::ConfigMap), ("apply", Part::Deployment)]
    );
    assert_eq!(
        document(&settled(world), names::PROXY_CONFIG_FILE)["isolation"],
        "shared"
    );
}

//! An upgrade of the controller must not restart an MCP server about which nothing changed: the
//! state of a stdio server is its process.

use hivewright_api::names;
use hivewright_core::{Part, Settings, Write, plan};
use serde_json::Value;

use super::world::{World, fetch};
use super::{settled, steps};

#[test]
fn the_pod_of_a_plain_server_is_what_earlier_versions_made_of_it() {
    let world = settled(World::new(fetch()));
    let earlier: Value =
        serde_yaml_ng::from_str(include_str!("fetch-pod-of-0.1.0.yaml")).expect("a pod template");
    let manifest: Value = plan(&World::new(fetch()).observe())
        .into_iter()
        .find_map(|write| match write {
            Write::Apply {
                part: Part::StatefulSet,
                object,
            } => Some(object["spec"]["template"].clone()),
            Write::Apply { .. } | Write::SeedReplicas { .. } | Write::Delete { .. } => None,
        })
        .expect("a StatefulSet is made");
    assert_eq!(manifest, earlier);
    assert_eq!(steps(&world), []);
}

#[test]
fn nothing_that_comes_with_a_version_is_in_the_pod_of_a_server() {
    let mut world = settled(World::new(fetch()));
    world.settings = Settings {
        proxy_image: "example.com/proxy:2".to_owned(),
        cluster_domain: "example.internal".to_owned(),
        allowed_hosts: vec!["mcp.example.com".to_owned()],
        ..world.settings
    };
    assert_eq!(
        steps(&world),
        [("apply", Part::ConfigMap), ("apply", Part::Deployment)]
    );
}

#[test]
fn another_request_for_a_restart_means_other_pods_and_touches_no_proxy() {
    let mut world = settled(World::new(fetch()));
    let asked = world.server.metadata.annotations.get_or_insert_default();
    asked.insert(
        names::RESTARTED_AT.to_owned(),
        "2026-11-22T18:00:00Z".to_owned(),
    );
    assert_eq!(steps(&world), [("apply", Part::StatefulSet)]);
    let world = settled(world);
    let template = &world.objects[&Part::StatefulSet]["spec"]["template"]["metadata"];
    assert_eq!(
        template["annotations"][names::RESTARTED_AT],
        "2026-11-22T18:00:00Z"
    );
}

/// The hash of what is wanted changes with any field, also with one that only a new version
/// renders: it is no part of the pod template.
#[test]
fn what_we_write_about_an_object_is_not_written_into_its_pods() {
    let world = settled(World::new(fetch()));
    let template = &world.objects[&Part::StatefulSet]["spec"]["template"]["metadata"];
    assert!(template["annotations"].is_null(), "{template}");
}

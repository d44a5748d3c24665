//! The documented `fetch` manifest: what it becomes, step by step.

mod world;

use hivewright_core::{Enforcement, Part, Presence, Write};
use serde_json::Value;
use world::pods::{self, Container};
use world::{World, fetch};

fn objects() -> Vec<(Part, Value)> {
    let plan = World::new(fetch()).plan();
    let applied = plan.into_iter().filter_map(|write| match write {
        Write::Apply { part, object } => Some((part, object)),
        Write::SeedReplicas { .. } | Write::Delete { .. } => None,
    });
    applied.collect()
}

#[test]
fn the_manifest_is_accepted_unchanged() {
    let world = World::new(fetch());
    assert!(hivewright_core::validate(&world.observe()).is_ok());
}

#[test]
fn the_objects_are_these() {
    for (part, object) in objects() {
        insta::assert_yaml_snapshot!(part.as_str(), object);
    }
}

#[test]
fn the_first_plan_makes_rights_and_rules_before_pods_and_seeds_the_scale() {
    let plan = World::new(fetch()).plan();
    let steps: Vec<_> = plan
        .iter()
        .map(|write| (write.verb(), write.part()))
        .collect();
    let apply = |part| ("apply", part);
    assert_eq!(
        steps,
        [
            apply(Part::ServiceAccount),
            apply(Part::Role),
            apply(Part::RoleBinding),
            apply(Part::ConfigMap),
            apply(Part::ServerPolicy),
            apply(Part::ProxyPolicy),
            apply(Part::StatefulSet),
            ("seed", Part::StatefulSet),
            apply(Part::Deployment),
            apply(Part::ProxyService),
        ]
    );
}

#[test]
fn from_nothing_to_ready_the_status_is_the_truth_at_each_step() {
    let mut world = World::new(fetch());
    world.settings.enforcement = Enforcement::Enforced;
    let mut phases = Vec::new();
    let mut step = |world: &mut World| {
        world.pass();
        let status = world.status();
        let reason = world.condition("BackendReady").reason;
        phases.push((
            status.phase.unwrap_or_default(),
            reason,
            status.url.is_some(),
        ));
    };
    step(&mut world);
    step(&mut world);
    world.proxy_pod = Some(pods::pod(
        "proxy",
        &Container::Running { ready: true },
        0,
        None,
    ));
    world::api_server::scale(&mut world.objects, 1);
    step(&mut world);
    let runs = Container::Running { ready: true };
    world.server_pods = vec![pods::pod("mcp", &runs, 0, None)];
    step(&mut world);
    world.server_pods = vec![pods::pod("mcp", &runs, 0, Some((true, "Initialized", "")))];
    step(&mut world);
    let expected = [
        ("Pending", "NotCreated", false),
        ("Pending", "ScaledDown", true),
        ("Pending", "Pending", true),
        ("Pending", "Handshaking", true),
        ("Ready", "Initialized", true),
    ];
    assert_eq!(
        phases,
        expected.map(|(phase, reason, url)| (phase.to_owned(), reason.to_owned(), url))
    );
    assert!(
        world
            .state()
            .objects
            .values()
            .all(|presence| *presence == Presence::Current)
    );
    let url = "http://mcp-fetch-proxy.toolhive-system.svc.cluster.local:8080/mcp";
    assert_eq!(world.status().url.as_deref(), Some(url));
}

#[test]
fn an_edit_by_hand_comes_back() {
    let mut world = World::new(fetch());
    world.pass();
    let policy = world.objects.get_mut(&Part::ServerPolicy).unwrap();
    policy["spec"]["ingress"] = serde_json::json!([{}]);
    let steps: Vec<_> = world
        .plan()
        .iter()
        .map(|write| (write.verb(), write.part()))
        .collect();
    assert_eq!(steps, [("apply", Part::ServerPolicy)]);
}

#[test]
fn objects_of_a_former_server_of_the_same_name_are_left_to_the_garbage_collector() {
    let mut world = World::new(fetch());
    world.pass();
    world.server.metadata.uid = Some("another".to_owned());
    assert_eq!(world.plan(), vec![]);
    world.objects.clear();
    assert_eq!(world.plan().len(), 10);
}

#[test]
fn a_low_port_needs_no_right_of_the_proxy() {
    let mut server = fetch();
    server.spec.port = Some(80);
    let mut world = World::new(server);
    world.pass();
    let pod = &world.objects[&Part::Deployment]["spec"]["template"]["spec"];
    let sysctl = &pod["securityContext"]["sysctls"][0]["name"];
    assert_eq!(sysctl, "net.ipv4.ip_unprivileged_port_start");
}

#[test]
fn only_what_the_proxy_reads_gives_it_a_new_pod() {
    let mut world = World::new(fetch());
    world.pass();
    let checksum = |world: &World| {
        let meta = &world.objects[&Part::Deployment]["spec"]["template"]["metadata"];
        meta["annotations"][hivewright_api::names::CONFIG_CHECKSUM].clone()
    };
    let before = checksum(&world);
    world.server.spec.args = Some(vec!["--verbose".to_owned()]);
    world.pass();
    assert_eq!(
        checksum(&world),
        before,
        "the server's arguments are not the proxy's"
    );
    world.server.spec.port = Some(9000);
    world.pass();
    assert_ne!(checksum(&world), before);
}

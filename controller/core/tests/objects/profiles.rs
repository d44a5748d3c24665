use std::sync::Arc;

use hivewright_api::names;
use hivewright_core::Part;
use serde_json::{Value, json};

use super::world::{World, fetch};
use super::{container, document, made, pod, settled, steps, variable};

/// A server under this profile, before anything was made for it.
fn under(mut world: World, profile: &Value) -> World {
    world.server.spec.permission_profile =
        serde_json::from_value(json!({"type": "configmap", "name": "profiles"}))
            .expect("a reference");
    let map = json!({"metadata": {"name": "profiles"}, "data": {"p.json": profile.to_string()}});
    world.around.profile = Some(Arc::new(serde_json::from_value(map).expect("a ConfigMap")));
    world
}

fn gateway(hosts: &[&str]) -> Value {
    json!({"network": {"outbound": {"allow_host": hosts, "allow_port": [443]}}})
}

fn rules(world: &World, part: Part) -> &Value {
    &world.objects[&part]["spec"]
}

#[test]
fn ports_alone_are_open_everywhere_but_at_the_metadata_address_and_names_are_resolved() {
    let profile = json!({"network": {"outbound": {"allow_port": [443, 53, 5432]}}});
    let world = settled(under(made(&json!({})), &profile));
    let egress = &rules(&world, Part::ServerPolicy)["egress"];
    let ports: Vec<_> = egress[0]["ports"].as_array().unwrap().iter().collect();
    let port = |protocol: &str, port: u16| json!({"protocol": protocol, "port": port});
    assert_eq!(
        ports,
        [
            &port("TCP", 443),
            &port("TCP", 5432),
            &port("TCP", 53),
            &port("UDP", 53)
        ]
    );
    assert_eq!(
        egress[0]["to"][0]["ipBlock"]["except"],
        json!(["169.254.169.254/32", "100.100.100.200/32", "192.0.0.192/32"])
    );
    assert_eq!(
        egress[0]["to"][1]["ipBlock"]["except"],
        json!(["fd00:ec2::254/128", "fd20:ce::254/128"])
    );
}

#[test]
fn a_profile_that_says_nothing_opens_nothing() {
    let world = settled(under(made(&json!({})), &json!({"name": "closed"})));
    assert!(rules(&world, Part::ServerPolicy)["egress"].is_null());
}

#[test]
fn allowed_hosts_are_reached_through_the_gateway_alone() {
    let world = settled(under(World::new(fetch()), &gateway(&["api.example.com"])));
    let (server, proxy) = (
        rules(&world, Part::ServerPolicy),
        rules(&world, Part::ProxyPolicy),
    );
    insta::assert_yaml_snapshot!("gateway_ServerPolicy", server["egress"]);
    insta::assert_yaml_snapshot!("gateway_ProxyPolicy", proxy["ingress"]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
        assert_eq!(variable(&world, name), Some("http://10.96.0.10:9466"));
    }
    assert_eq!(
        variable(&world, "NO_PROXY"),
        Some("localhost,127.0.0.1,::1")
    );
    let ports = rules(&world, Part::ProxyService)["ports"]
        .as_array()
        .unwrap();
    assert_eq!(ports[1]["port"], names::PROXY_EGRESS_PORT);
    assert_eq!(document(&world, names::PROXY_CONFIG_FILE)["egress"], true);
    assert_eq!(
        document(&world, names::LIVE_CONFIG_FILE)["egress"],
        json!({"hosts": ["api.example.com"], "ports": [443]})
    );
}

#[test]
fn every_container_of_the_pod_is_told_of_the_gateway() {
    let containers = json!([{"name": "mcp"}, {"name": "side", "image": "s:1", "env": [{"name": "NO_PROXY", "value": "side"}]}]);
    let template = json!({"spec": {"containers": containers, "initContainers": [{"name": "init", "image": "i:1"}]}});
    let world = under(made(&json!({})), &gateway(&["a.b"]));
    let mut world = world;
    world.server.spec.pod_template_spec = Some(template);
    let world = settled(world);
    let pod = pod(&world, Part::StatefulSet);
    for container in [&pod["containers"][1], &pod["initContainers"][0]] {
        let env = container["env"].as_array().unwrap();
        let told = env
            .iter()
            .filter(|found| found["value"] == "http://10.96.0.10:9466");
        assert_eq!(told.count(), 4);
    }
    assert_eq!(pod["containers"][1]["env"][0]["value"], "side");
}

#[test]
fn the_pods_wait_until_the_gateway_has_an_address() {
    let mut world = under(World::new(fetch()), &gateway(&["api.example.com"]));
    let made: Vec<_> = steps(&world).into_iter().map(|(_, part)| part).collect();
    assert!(!made.contains(&Part::StatefulSet) && made.contains(&Part::ProxyService));
    world.pass();
    let second = steps(&world);
    assert_eq!(
        second,
        [("apply", Part::StatefulSet), ("seed", Part::StatefulSet)]
    );
    let world = settled(world);
    let running = world.objects[&Part::StatefulSet].clone();

    let mut lost = world;
    lost.objects.remove(&Part::ProxyService);
    assert_eq!(steps(&lost), [("apply", Part::ProxyService)]);
    let lost = settled(lost);
    assert_eq!(
        lost.objects[&Part::StatefulSet],
        running,
        "what runs is left alone"
    );
}

#[test]
fn other_hosts_take_effect_without_a_new_pod() {
    let world = settled(under(made(&json!({})), &gateway(&["a.example.com"])));
    let world = under(world, &gateway(&["b.example.com"]));
    assert_eq!(steps(&world), [("apply", Part::ConfigMap)]);
    let before = world.objects[&Part::Deployment].clone();
    let world = settled(world);
    assert_eq!(world.objects[&Part::Deployment], before);
}

#[test]
fn an_ipv6_address_of_the_gateway_is_written_as_urls_have_it() {
    let mut world = under(World::new(fetch()), &gateway(&["a.b"]));
    world.pass();
    let service = world.objects.get_mut(&Part::ProxyService).unwrap();
    service["spec"]["clusterIP"] = json!("fd00::a");
    let world = settled(world);
    assert_eq!(
        variable(&world, "HTTPS_PROXY"),
        Some("http://[fd00::a]:9466")
    );
}

#[test]
fn paths_are_mounted_as_the_profile_says() {
    let profile = json!({"read": ["/etc/ssl", "/srv/in:/in"], "write": ["volume://claim:/work"]});
    let world = settled(under(made(&json!({})), &profile));
    let volumes = &pod(&world, Part::StatefulSet)["volumes"];
    assert_eq!(
        *volumes,
        json!([
            {"name": "hivewright-profile-0", "hostPath": {"path": "/etc/ssl"}},
            {"name": "hivewright-profile-1", "hostPath": {"path": "/srv/in"}},
            {"name": "hivewright-profile-2", "persistentVolumeClaim": {"claimName": "claim"}},
        ])
    );
    assert_eq!(
        container(&world)["volumeMounts"],
        json!([
            {"name": "hivewright-profile-0", "mountPath": "/etc/ssl", "readOnly": true},
            {"name": "hivewright-profile-1", "mountPath": "/in", "readOnly": true},
            {"name": "hivewright-profile-2", "mountPath": "/work"},
        ])
    );
}

#[test]
fn privileged_is_what_it_says() {
    let world = settled(under(made(&json!({})), &json!({"privileged": true})));
    assert_eq!(
        container(&world)["securityContext"],
        json!({"privileged": true, "allowPrivilegeEscalation": true})
    );
}

#[test]
fn inbound_hosts_are_the_only_ones_that_the_doors_take() {
    let profile = json!({"network": {"inbound": {"allow_host": ["MCP.example.com"]}}});
    let world = settled(under(made(&json!({})), &profile));
    let config = document(&world, names::PROXY_CONFIG_FILE);
    assert_eq!(config["allowedHosts"], json!(["mcp.example.com"]));
    assert_eq!(config["onlyAllowedHosts"], true);
}

#[test]
fn a_lost_profile_leaves_alone_what_runs() {
    let mut world = settled(under(made(&json!({})), &gateway(&["a.b"])));
    let profile = world.around.profile.take();
    assert_eq!(steps(&world), []);
    world.pass();
    assert_eq!(world.condition("Accepted").reason, "ProfileNotFound");
    world.around.profile = profile;
    world.pass();
    assert_eq!(world.condition("Accepted").status, "True");
}

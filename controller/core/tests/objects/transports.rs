use hivewright_api::proxy_config::{BackendTransport, HttpBackend};
use hivewright_api::{ProxyConfig, names};
use hivewright_core::Part;
use rstest::rstest;
use serde_json::{Value, json};

use super::world::{World, stored};
use super::{container, document, made, settled, steps, variable};

fn osv() -> World {
    settled(World::new(stored(include_str!(
        "../../../../e2e/manifests/osv.yaml"
    ))))
}

fn backend(world: &World) -> BackendTransport {
    let config: ProxyConfig =
        serde_json::from_value(document(world, names::PROXY_CONFIG_FILE)).expect("a ProxyConfig");
    config.backend.transport
}

#[test]
fn the_documented_osv_manifest_becomes_these_objects() {
    let world = osv();
    for part in [Part::StatefulSet, Part::HeadlessService, Part::ServerPolicy] {
        let spec = &world.objects[&part]["spec"];
        insta::assert_yaml_snapshot!(format!("osv_{}", part.as_str()), spec);
    }
}

#[rstest]
#[case(json!({"transport": "sse"}), BackendTransport::Sse as fn(HttpBackend) -> _, 8080, "/sse")]
#[case(json!({"transport": "streamable-http", "targetPort": 3000}), BackendTransport::StreamableHttp, 3000, "/mcp")]
#[case(json!({"transport": "sse", "mcpPort": 9000, "port": 80}), BackendTransport::Sse, 9000, "/sse")]
fn the_proxy_is_told_where_a_server_listens_and_the_server_too(
    #[case] spec: Value,
    #[case] kind: fn(HttpBackend) -> BackendTransport,
    #[case] port: u16,
    #[case] path: &str,
) {
    let world = made(&spec);
    let at = HttpBackend {
        service: "mcp-any-headless".to_owned(),
        port,
        path: path.to_owned(),
    };
    assert_eq!(backend(&world), kind(at));
    assert_eq!(
        variable(&world, "MCP_TRANSPORT"),
        spec["transport"].as_str()
    );
    let number = port.to_string();
    for name in ["MCP_PORT", "FASTMCP_PORT"] {
        assert_eq!(variable(&world, name), Some(number.as_str()));
    }
    assert_eq!(container(&world)["ports"][0]["containerPort"], port);
    let service = &world.objects[&Part::HeadlessService]["spec"];
    assert_eq!(service["ports"][0]["port"], port);
    assert_eq!(service["clusterIP"], "None");
}

#[test]
fn a_variable_of_the_user_comes_before_ours() {
    let env =
        json!([{"name": "MCP_PORT", "value": "1234"}, {"name": "FASTMCP_HOST", "value": "::"}]);
    let world = made(&json!({"transport": "sse", "env": env}));
    assert_eq!(variable(&world, "MCP_PORT"), Some("1234"));
    assert_eq!(variable(&world, "FASTMCP_HOST"), Some("::"));
    assert_eq!(variable(&world, "MCP_HOST"), Some("0.0.0.0"));
    let names = container(&world)["env"].as_array().unwrap();
    assert_eq!(names.len(), 5, "none is there twice: {names:?}");
}

#[test]
fn a_server_of_stdio_has_no_service_of_its_own_and_is_told_nothing_of_ports() {
    let world = made(&json!({"targetPort": 9000}));
    assert!(!world.objects.contains_key(&Part::HeadlessService));
    assert_eq!(variable(&world, "MCP_TRANSPORT"), Some("stdio"));
    assert_eq!(variable(&world, "MCP_PORT"), None);
    let set = &world.objects[&Part::StatefulSet]["spec"];
    assert!(set["serviceName"].is_null());
    let ingress = &world.objects[&Part::ServerPolicy]["spec"]["ingress"];
    assert!(ingress.is_null(), "nobody may connect: {ingress}");
}

/// The API server refuses to change the name of a StatefulSet's Service.
#[test]
fn another_transport_takes_another_stateful_set_and_between_two_of_http_the_same() {
    let mut world = made(&json!({}));
    world.server.spec.transport = "sse".to_owned();
    assert_eq!(
        steps(&world),
        [
            ("apply", Part::ConfigMap),
            ("apply", Part::ServerPolicy),
            ("delete", Part::StatefulSet),
            ("apply", Part::StatefulSet),
            ("seed", Part::StatefulSet),
            ("apply", Part::HeadlessService),
            ("apply", Part::Deployment),
        ]
    );
    let mut world = settled(world);
    world.server.spec.transport = "streamable-http".to_owned();
    assert!(!steps(&world).contains(&("delete", Part::StatefulSet)));
    let mut world = settled(world);
    world.server.spec.transport = "stdio".to_owned();
    assert!(steps(&world).contains(&("delete", Part::HeadlessService)));
    settled(world);
}

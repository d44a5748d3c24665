//! Bad specs: each is refused with the reason, the field and the sentence that its user will read.

mod world;

use hivewright_api::MCPServer;
use hivewright_core::{Acceptance, Refusal, RefusalReason, RefusalReason::*, validate};
use rstest::rstest;
use serde_json::{Value, json};

fn server(name: &str, spec: &Value) -> MCPServer {
    let mut whole = json!({"image": "example.com/server:1"});
    for (field, value) in spec.as_object().expect("a spec is a map") {
        whole[field] = value.clone();
    }
    let manifest = json!({"apiVersion": "toolhive.stacklok.dev/v1alpha1", "kind": "MCPServer",
        "metadata": {"name": name, "namespace": "ns"}, "spec": whole});
    world::stored(&manifest.to_string())
}

#[track_caller]
fn refused(server: &MCPServer, reason: RefusalReason, message: &str) {
    let refusal = validate(server).expect_err("the spec is bad");
    assert_eq!(
        (refusal.reason, refusal.to_string()),
        (reason, message.to_owned())
    );
    let read_back = Refusal::parse(&refusal.reason.to_string(), &refusal.to_string());
    assert_eq!(
        read_back,
        Some(refusal),
        "the condition must be readable again"
    );
}

#[rstest]
#[case(json!({"image": ""}), InvalidImage,
    "spec.image: `` cannot be an image; write it like registry.example.com/team/server:1.0")]
#[case(json!({"image": "my server"}), InvalidImage,
    "spec.image: `my server` cannot be an image; write it like registry.example.com/team/server:1.0")]
#[case(json!({"transport": "carrier-pigeon"}), InvalidTransport,
    "spec.transport: there is no transport `carrier-pigeon`; use stdio, sse or streamable-http")]
#[case(json!({"port": 0}), InvalidPort, "spec.port: 0 is no port; choose one from 1 to 65535")]
#[case(json!({"proxyPort": 70000}), InvalidPort, "spec.proxyPort: 70000 is no port; choose one from 1 to 65535")]
#[case(json!({"mcpPort": -1}), InvalidPort, "spec.mcpPort: -1 is no port; choose one from 1 to 65535")]
#[case(json!({"port": 8080, "proxyPort": 8081}), InvalidPort,
    "spec.proxyPort: 8081 differs from spec.port, its older name, which says 8080; remove one of them")]
#[case(json!({"port": 9464}), InvalidPort, "spec.port: 9464 is the proxy's own admin port; choose another")]
#[case(json!({"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}), InvalidEnv,
    "spec.env: `A` is given twice; remove one of them")]
#[case(json!({"env": [{"name": "A=B", "value": "1"}]}), InvalidEnv,
    "spec.env: `A=B` cannot be the name of a variable; use letters, digits and '_'")]
#[case(json!({"resources": {"limits": {"cpu": "2 cores"}}}), InvalidResources,
    "spec.resources.limits.cpu: `2 cores` is no quantity; write it like 100m, 2 or 128Mi")]
#[case(json!({"resources": {"requests": {"memory": "-1Mi"}}}), InvalidResources,
    "spec.resources.requests.memory: `-1Mi` is no quantity; write it like 100m, 2 or 128Mi")]
#[case(json!({"resources": {"limits": {"cpu": "100m"}, "requests": {"cpu": "1"}}}), InvalidResources,
    "spec.resources.requests.cpu: 1 exceeds the limit of 100m; lower it or raise the limit")]
#[case(json!({"permissionProfile": {"type": "builtin", "name": "root"}}), InvalidProfile,
    "spec.permissionProfile.name: there is no built-in profile `root`; use none or network")]
#[case(json!({"permissionProfile": {"type": "magic", "name": "x"}}), InvalidProfile,
    "spec.permissionProfile.type: `magic` is no type of profile; use builtin")]
#[case(json!({"proxyMode": "morse"}), InvalidValue,
    "spec.proxyMode: there is no mode `morse`; use streamable-http or sse")]
#[case(json!({"sessionAffinity": "Cookie"}), InvalidValue,
    "spec.sessionAffinity: there is no affinity `Cookie`; use ClientIP or None")]
#[case(json!({"serviceAccount": "My_Account"}), InvalidValue,
    "spec.serviceAccount: `My_Account` cannot be the name of a ServiceAccount; use lower-case letters, digits, '-' and '.'")]
fn a_bad_field_is_named_with_what_to_change(
    #[case] spec: Value,
    #[case] reason: RefusalReason,
    #[case] message: &str,
) {
    refused(&server("any", &spec), reason, message);
}

#[rstest]
#[case::wrong_container_name(json!({"spec": {"containers": [{"name": "server"}]}}),
    "container `server` has no image; the main container must be named `mcp`: rename it, or give it an image if it is a sidecar")]
#[case::the_servers_image_under_another_name(json!({"spec": {"containers": [{"name": "server", "image": "example.com/server:1"}]}}),
    "container `server` runs the server's own image; the main container must be named `mcp`: rename it")]
#[case::misspelt_field(json!({"spec": {"containers": [{"name": "mcp", "securityContxt": {}}]}}),
    "spec.containers[0].securityContxt is not a field of a pod template; correct its name")]
#[case::main_container_deleted(json!({"spec": {"containers": [{"name": "mcp", "$patch": "delete"}]}}),
    "the main container `mcp` cannot be removed")]
#[case::no_stdin(json!({"spec": {"containers": [{"name": "mcp", "stdin": false}]}}),
    "container `mcp` is spoken to over stdin; remove stdin, stdinOnce and tty")]
#[case::bad_quantity(json!({"spec": {"containers": [{"name": "mcp", "resources": {"limits": {"cpu": "lots"}}}]}}),
    "`lots` is no quantity of cpu in container `mcp`; write it like 100m, 2 or 128Mi")]
#[case::host_network(json!({"spec": {"hostNetwork": true}}),
    "hostNetwork takes the pod out of reach of the permission profile; remove it")]
#[case::restart_policy(json!({"spec": {"restartPolicy": "Never"}}), "restartPolicy can only be Always; remove it")]
#[case::own_label(json!({"metadata": {"labels": {"hivewright.dev/mcpserver": "other"}}}),
    "label hivewright.dev/mcpserver is Hivewright's own; remove it")]
#[case::nameless_variable(json!({"spec": {"containers": [{"name": "mcp", "env": [{"value": "1"}]}]}}),
    "spec.containers[mcp].env: each element needs `name`, by which it is merged")]
#[case::directive(json!({"spec": {"$setElementOrder/containers": []}}),
    "spec.$setElementOrder/containers is a merge directive that Hivewright does not follow; write the wanted result")]
fn a_bad_pod_template_is_refused(#[case] template: Value, #[case] sentence: &str) {
    let server = server("any", &json!({"podTemplateSpec": template}));
    refused(
        &server,
        InvalidPodTemplate,
        &format!("spec.podTemplateSpec: {sentence}"),
    );
}

#[test]
fn a_value_of_the_wrong_type_in_a_pod_template_is_refused() {
    let server = server(
        "any",
        &json!({"podTemplateSpec": {"spec": {"hostNetwork": "yes"}}}),
    );
    let refusal = validate(&server).unwrap_err();
    assert_eq!(refusal.reason, InvalidPodTemplate);
    assert!(
        refusal
            .sentence
            .starts_with("a value has the wrong type; correct it: "),
        "{refusal}"
    );
}

#[rstest]
#[case("Upper")]
#[case("with.dot")]
#[case("-dash")]
#[case("a-name-that-is-longer-than-the-fifty-characters-we-have")]
fn a_name_that_does_not_fit_is_refused(#[case] name: &str) {
    let message = format!(
        "metadata.name: `{name}` does not fit into the names made from it, such as mcp-NAME-headless; choose one of at most 50 lower-case letters, digits and '-'"
    );
    refused(&server(name, &json!({})), InvalidName, &message);
}

#[rstest]
#[case("transport", json!("sse"), "sse does not work in this version of Hivewright; use a server that speaks stdio")]
#[case("transport", json!("streamable-http"), "streamable-http does not work in this version of Hivewright; use a server that speaks stdio")]
fn a_transport_to_come_is_not_supported_yet(
    #[case] field: &str,
    #[case] value: Value,
    #[case] sentence: &str,
) {
    refused(
        &server("any", &json!({field: value})),
        NotSupportedYet,
        &format!("spec.{field}: {sentence}"),
    );
}

#[rstest]
#[case("secrets", json!([{"name": "s", "key": "k"}]))]
#[case("volumes", json!([{"name": "v", "mountPath": "/v", "hostPath": "/v"}]))]
#[case("resourceOverrides", json!({"proxyService": {"labels": {"a": "b"}}}))]
#[case("oidcConfig", json!({"type": "inline", "inline": {"issuer": "https://i"}}))]
#[case("oidcConfigRef", json!({"name": "o", "audience": "a"}))]
#[case("authzConfig", json!({"type": "inline", "inline": {"policies": ["permit(principal,action,resource);"]}}))]
#[case("authzConfigRef", json!({"name": "a"}))]
#[case("externalAuthConfigRef", json!({"name": "a"}))]
#[case("authServerRef", json!({"kind": "MCPExternalAuthConfig", "name": "a"}))]
#[case("trustProxyHeaders", json!(true))]
#[case("tools", json!(["fetch"]))]
#[case("toolConfigRef", json!({"name": "t"}))]
#[case("webhookConfigRef", json!({"name": "w"}))]
#[case("rateLimiting", json!({"shared": {"maxTokens": 1, "refillPeriod": "1s"}}))]
#[case("endpointPrefix", json!("/p"))]
#[case("audit", json!({"enabled": true}))]
#[case("telemetryConfigRef", json!({"name": "t"}))]
#[case("groupRef", json!("g"))]
#[case("groupRef", json!({"name": "g"}))]
#[case("replicas", json!(2))]
#[case("backendReplicas", json!(2))]
#[case("sessionStorage", json!({"provider": "redis", "address": "r:6379"}))]
fn a_documented_field_that_does_not_work_yet_is_named(#[case] field: &str, #[case] value: Value) {
    let message = format!("spec.{field}: does not work in this version of Hivewright; remove it");
    refused(
        &server("any", &json!({field: value})),
        NotSupportedYet,
        &message,
    );
}

#[rstest]
#[case(json!({"permissionProfile": {"type": "configmap", "name": "p", "key": "k"}}), "spec.permissionProfile.type")]
#[case(json!({"telemetry": {"openTelemetry": {"enabled": true}}}), "spec.telemetry.openTelemetry")]
fn a_part_of_a_field_that_does_not_work_yet_is_named(#[case] spec: Value, #[case] field: &str) {
    let message = format!("{field}: does not work in this version of Hivewright; remove it");
    refused(&server("any", &spec), NotSupportedYet, &message);
}

#[test]
fn all_fields_that_do_not_work_yet_are_named_at_once() {
    let spec =
        json!({"tools": ["a"], "audit": {"enabled": true}, "secrets": [{"name": "s", "key": "k"}]});
    refused(
        &server("any", &spec),
        NotSupportedYet,
        "spec.secrets: does not work in this version of Hivewright, nor do spec.tools, spec.audit; remove them",
    );
}

#[rstest]
#[case(json!({"audit": {"enabled": false}}))]
#[case(json!({"replicas": 1, "backendReplicas": 1}))]
#[case(json!({"telemetry": {"prometheus": {"enabled": true}}}))]
#[case(json!({"sessionStorage": {"provider": "memory"}}))]
#[case(json!({"port": 8080, "proxyPort": 8080}))]
#[case(json!({"secrets": [], "volumes": [], "tools": []}))]
fn a_field_that_asks_for_nothing_more_is_no_fault(#[case] spec: Value) {
    assert!(validate(&server("any", &spec)).is_ok());
}

#[test]
fn a_spec_that_turns_bad_shows_at_once_touches_nothing_and_heals_when_mended() {
    let mut world = world::World::new(world::fetch());
    world.pass();
    world.pass();
    let running = world.objects.clone();

    world.server.spec.port = Some(9464);
    world.server.metadata.generation = Some(2);
    world.pass();
    assert_eq!(world.objects, running, "nothing that runs is touched");
    assert_eq!(world.status().phase.as_deref(), Some("Failed"));
    let accepted = world.condition("Accepted");
    assert_eq!(
        (accepted.status.as_str(), accepted.reason.as_str()),
        ("False", "InvalidPort")
    );
    assert_eq!(accepted.observed_generation, Some(2));
    assert_eq!(world.condition("Ready").reason, "InvalidPort");
    assert_eq!(world.status().last_failure.unwrap().reason, "InvalidPort");

    world.server.spec.port = Some(8081);
    world.server.metadata.generation = Some(3);
    world.pass();
    world.pass();
    assert_eq!(world.state().acceptance, Acceptance::Accepted);
    assert!(world.status().url.unwrap().ends_with(":8081/mcp"));
}

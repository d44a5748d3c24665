use hivewright_core::{RefusalReason, RefusalReason::*};
use rstest::rstest;
use serde_json::{Value, json};

use super::{accepted, named, refused, server};

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
#[case(json!({"transport": "sse", "targetPort": 0}), InvalidPort, "spec.targetPort: 0 is no port; choose one from 1 to 65535")]
#[case(json!({"port": 8080, "proxyPort": 8081}), InvalidPort,
    "spec.proxyPort: 8081 differs from spec.port, its older name, which says 8080; remove one of them")]
#[case(json!({"targetPort": 1, "mcpPort": 2}), InvalidPort,
    "spec.mcpPort: 2 differs from spec.targetPort, its older name, which says 1; remove one of them")]
#[case(json!({"port": 9464}), InvalidPort, "spec.port: 9464 is the proxy's own admin port; choose another")]
#[case(json!({"proxyPort": 9466}), InvalidPort, "spec.proxyPort: 9466 is the proxy's own egress gateway; choose another")]
#[case(json!({"port": 9467}), InvalidPort, "spec.port: 9467 is the proxy's own canary port; choose another")]
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
#[case(json!({"proxyMode": "morse"}), InvalidValue,
    "spec.proxyMode: there is no mode `morse`; use streamable-http or sse")]
#[case(json!({"sessionAffinity": "Cookie"}), InvalidValue,
    "spec.sessionAffinity: there is no affinity `Cookie`; use ClientIP or None")]
#[case(json!({"serviceAccount": "My_Account"}), InvalidValue,
    "spec.serviceAccount: `My_Account` cannot be the name of a ServiceAccount; use lower-case letters, digits, '-' and '.'")]
#[case(json!({"serviceAccount": ""}), InvalidValue,
    "spec.serviceAccount: `` cannot be the name of a ServiceAccount; use lower-case letters, digits, '-' and '.'")]
fn a_bad_field_is_named_with_what_to_change(
    #[case] spec: Value,
    #[case] reason: RefusalReason,
    #[case] message: &str,
) {
    refused(&server(&spec), reason, message);
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
    refused(&named(name, &json!({})), InvalidName, &message);
}

#[test]
fn the_switch_for_changed_secrets_is_true_or_false() {
    let mut world = server(&json!({}));
    let key = hivewright_api::names::ROLL_ON_SECRET_CHANGE.to_owned();
    let annotations = world.server.metadata.annotations.get_or_insert_default();
    annotations.insert(key, "no".to_owned());
    refused(
        &world,
        InvalidValue,
        "metadata.annotations[hivewright.dev/roll-on-secret-change]: `no` is neither \"true\" nor \"false\"; use one of them",
    );
}

#[rstest]
#[case(json!({"port": 8080, "proxyPort": 8080}))]
#[case(json!({"transport": "sse"}))]
#[case(json!({"transport": "streamable-http", "mcpPort": 9464}))]
fn what_looks_odd_and_works_is_no_fault(#[case] spec: Value) {
    accepted(&server(&spec));
}

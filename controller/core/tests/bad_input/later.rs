use hivewright_core::RefusalReason::NotSupportedYet;
use rstest::rstest;
use serde_json::{Value, json};

use super::{accepted, refused, server};

#[rstest]
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
#[case("telemetryConfigRef", json!({"name": "t"}))]
#[case("groupRef", json!("g"))]
#[case("groupRef", json!({"name": "g"}))]
#[case("sessionStorage", json!({"provider": "redis", "address": "r:6379"}))]
fn a_documented_field_that_does_not_work_yet_is_named(#[case] field: &str, #[case] value: Value) {
    let message = format!("spec.{field}: does not work in this version of Hivewright; remove it");
    refused(&server(&json!({ field: value })), NotSupportedYet, &message);
}

#[test]
fn all_fields_that_do_not_work_yet_are_named_at_once() {
    let spec =
        json!({"tools": ["a"], "telemetryConfigRef": {"name": "t"}, "trustProxyHeaders": true});
    refused(
        &server(&spec),
        NotSupportedYet,
        "spec.trustProxyHeaders: does not work in this version of Hivewright, nor do spec.tools, spec.telemetryConfigRef; remove them",
    );
}

#[rstest]
#[case(json!({"audit": {"enabled": false}}))]
#[case(json!({"audit": {"enabled": true, "includeRequestData": true}}))]
#[case(json!({"telemetry": {"openTelemetry": {"enabled": true, "endpoint": "otel:4318", "insecure": true}}}))]
#[case(json!({"telemetry": {"prometheus": {"enabled": true}}}))]
#[case(json!({"sessionStorage": {"provider": "memory"}}))]
#[case(json!({"tools": []}))]
fn a_field_that_asks_for_what_works_is_no_fault(#[case] spec: Value) {
    accepted(&server(&spec));
}

use hivewright_core::{RefusalReason, RefusalReason::*};
use rstest::rstest;
use serde_json::{Value, json};

use super::{accepted, refused, server};

#[rstest]
#[case(json!({"proxyService": {"labels": {"hivewright.dev/mcpserver": "x"}}}),
    "proxyService.labels: hivewright.dev/mcpserver is Hivewright's own; remove it")]
#[case(json!({"proxyDeployment": {"labels": {"app.kubernetes.io/managed-by": "me"}}}),
    "proxyDeployment.labels: app.kubernetes.io/managed-by is Hivewright's own; remove it")]
#[case(json!({"proxyDeployment": {"annotations": {"hivewright.dev/desired-hash": "0"}}}),
    "proxyDeployment.annotations: hivewright.dev/desired-hash is Hivewright's own; remove it")]
#[case(json!({"proxyDeployment": {"podTemplateMetadataOverrides": {"annotations": {"prometheus.io/port": "1"}}}}),
    "proxyDeployment.podTemplateMetadataOverrides.annotations: prometheus.io/port is Hivewright's own; remove it")]
#[case(json!({"proxyService": {"annotations": {"not a key": "x"}}}),
    "proxyService.annotations: `not a key` cannot be a key; write it like team or example.com/team")]
#[case(json!({"proxyService": {"labels": {"team": "not a value"}}}),
    "proxyService.labels: `not a value` cannot be the value of label team; use at most 63 letters, digits, '-', '_' and '.'")]
#[case(json!({"proxyDeployment": {"imagePullSecrets": [{}]}}),
    "proxyDeployment.imagePullSecrets: `` cannot be the name of a Secret; use lower-case letters, digits, '-' and '.'")]
fn what_cannot_be_added_to_the_proxys_objects_is_named(
    #[case] overrides: Value,
    #[case] message: &str,
) {
    refused(
        &server(&json!({ "resourceOverrides": overrides })),
        InvalidValue,
        &format!("spec.resourceOverrides.{message}"),
    );
}

#[test]
fn a_variable_of_the_proxy_is_checked_like_one_of_the_server() {
    let env = json!([{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]);
    refused(
        &server(&json!({"resourceOverrides": {"proxyDeployment": {"env": env}}})),
        InvalidEnv,
        "spec.resourceOverrides.proxyDeployment.env: `A` is given twice; remove one of them",
    );
}

#[rstest]
#[case(json!({"replicas": 2}), NotSupportedYet,
    "spec.replicas: 2 proxies cannot share the sessions, which live in the memory of one; use 1, or spec.backendReplicas for more servers behind it")]
#[case(json!({"replicas": -1}), InvalidValue, "spec.replicas: -1 is no number of pods; use 0 or 1")]
#[case(json!({"backendReplicas": 17}), InvalidValue,
    "spec.backendReplicas: one proxy serves 0 to 16 servers, not 17; choose such a number")]
#[case(json!({"backendReplicas": -1}), InvalidValue,
    "spec.backendReplicas: one proxy serves 0 to 16 servers, not -1; choose such a number")]
#[case(json!({"replicas": 0, "backendReplicas": 17}), InvalidValue,
    "spec.backendReplicas: one proxy serves 0 to 16 servers, not 17; choose such a number")]
fn a_number_of_pods_that_cannot_be_is_refused(
    #[case] spec: Value,
    #[case] reason: RefusalReason,
    #[case] message: &str,
) {
    refused(&server(&spec), reason, message);
}

#[rstest]
#[case(json!({"replicas": 0}))]
#[case(json!({"replicas": 1, "backendReplicas": 0}))]
#[case(json!({"backendReplicas": 16}))]
#[case(json!({"resourceOverrides": {}}))]
#[case(json!({"resourceOverrides": {"proxyDeployment": {"labels": {"team": ""}, "annotations": {"example.com/a": "any thing"}}}}))]
fn what_can_be_is_accepted(#[case] spec: Value) {
    accepted(&server(&spec));
}

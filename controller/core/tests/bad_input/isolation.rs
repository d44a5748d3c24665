use hivewright_core::RefusalReason::InvalidValue;
use rstest::rstest;
use serde_json::{Value, json};

use super::{accepted, refused, server};

#[rstest]
#[case(json!({"isolation": "perClient"}),
    "spec.isolation: there is no isolation `perClient`; use shared or perSession")]
#[case(json!({"sessionPool": {"max": 2}}),
    "spec.sessionPool: needs spec.isolation: perSession; set that, or remove the pool")]
#[case(json!({"isolation": "shared", "sessionPool": {}}),
    "spec.sessionPool: needs spec.isolation: perSession; set that, or remove the pool")]
#[case(json!({"isolation": "perSession", "backendReplicas": 2}),
    "spec.backendReplicas: does not go with spec.isolation: perSession, whose pods are a pool; use spec.sessionPool.max")]
#[case(json!({"isolation": "perSession", "sessionPool": {"max": 0}}),
    "spec.sessionPool.max: one proxy serves 1 to 16 pods; choose such a number")]
#[case(json!({"isolation": "perSession", "sessionPool": {"max": 17}}),
    "spec.sessionPool.max: one proxy serves 1 to 16 pods; choose such a number")]
#[case(json!({"isolation": "perSession", "sessionPool": {"warm": 5}}),
    "spec.sessionPool.warm: spare pods are 0 to spec.sessionPool.max, which is 4; choose such a number")]
#[case(json!({"isolation": "perSession", "sessionPool": {"max": 2, "warm": -1}}),
    "spec.sessionPool.warm: spare pods are 0 to spec.sessionPool.max, which is 2; choose such a number")]
#[case(json!({"replicas": 0, "isolation": "perSession", "sessionPool": {"max": 99}}),
    "spec.sessionPool.max: one proxy serves 1 to 16 pods; choose such a number")]
fn an_isolation_that_cannot_be_is_refused(#[case] spec: Value, #[case] message: &str) {
    refused(&server(&spec), InvalidValue, message);
}

#[rstest]
#[case(json!({"isolation": "shared", "backendReplicas": 2}))]
#[case(json!({"isolation": "perSession"}))]
#[case(json!({"isolation": "perSession", "sessionPool": {"max": 1}}))]
#[case(json!({"isolation": "perSession", "sessionPool": {"max": 16, "warm": 16}, "transport": "sse"}))]
#[case(json!({"isolation": "perSession", "transport": "streamable-http", "replicas": 0}))]
fn an_isolation_that_can_be_is_accepted(#[case] spec: Value) {
    accepted(&server(&spec));
}

//! Generated specs: every field that can be set, usually well.

use hivewright_api::MCPServer;
use k8s_openapi::api::core::v1::ConfigMap;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::stored;

/// A spec, usually one that is accepted.
pub fn server() -> impl Strategy<Value = MCPServer> {
    (
        plain(),
        proptest::collection::vec(field(), 0..4),
        template(),
    )
        .prop_map(|(mut spec, fields, template)| {
            for (field, value) in fields.into_iter().chain(template) {
                spec[field] = value;
            }
            let manifest = json!({"apiVersion": "toolhive.stacklok.dev/v1alpha1",
                "kind": "MCPServer", "metadata": {"name": "any", "namespace": "ns"}, "spec": spec});
            stored(&manifest.to_string())
        })
}

fn plain() -> impl Strategy<Value = Value> {
    (
        proptest::collection::vec("[a-z-]{1,8}", 0..3),
        proptest::collection::btree_map("[A-Z]{1,4}", "[a-z ]{0,5}", 0..3),
    )
        .prop_map(|(args, env)| {
            let env: Vec<Value> = env
                .iter()
                .map(|(name, value)| json!({"name": name, "value": value}))
                .collect();
            json!({"image": "example.com/server:1", "args": args, "env": env})
        })
}

/// Any one field; the bad ones are few.
fn field() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        network(),
        pods(),
        select(vec![
            (
                "resources",
                json!({"limits": {"cpu": "100m", "memory": "128Mi"}})
            ),
            ("resources", json!({"limits": {"cpu": "1000m"}})),
            ("resources", json!({"limits": {"cpu": "2 cores"}})),
            ("proxyMode", json!("sse")),
            ("sessionAffinity", json!("ClientIP")),
            ("audit", json!({"enabled": true})),
            (
                "telemetry",
                json!({"openTelemetry": {"enabled": true, "endpoint": "otel:4318"}})
            ),
            ("isolation", json!("perSession")),
            ("sessionPool", json!({"max": 6, "warm": 2})),
            (
                "resourceOverrides",
                json!({"proxyService": {"labels": {"a": "b"}, "annotations": {"c": "d"}}})
            ),
            (
                "resourceOverrides",
                json!({"proxyDeployment": {"labels": {"a": "b"}, "env": [{"name": "E", "value": "1"}],
                "podTemplateMetadataOverrides": {"annotations": {"e": "f"}}, "imagePullSecrets": [{"name": "p"}]}})
            ),
        ]),
    ]
}

fn network() -> impl Strategy<Value = (&'static str, Value)> {
    let own = |key: &str| {
        let profile = json!({"type": "configmap", "name": "profiles", "key": key});
        ("permissionProfile", profile)
    };
    select(vec![
        ("transport", json!("sse")),
        ("transport", json!("streamable-http")),
        ("targetPort", json!(9000)),
        ("port", json!(80)),
        ("port", json!(9000)),
        ("port", json!(0)),
        ("port", json!(9466)),
        (
            "permissionProfile",
            json!({"type": "builtin", "name": "none"}),
        ),
        (
            "permissionProfile",
            json!({"type": "builtin", "name": "nonsense"}),
        ),
        own("ports"),
        own("gateway"),
        own("gateway"),
        own("mounts"),
        own("absent"),
    ])
}

fn pods() -> impl Strategy<Value = (&'static str, Value)> {
    select(vec![
        ("replicas", json!(0)),
        ("replicas", json!(1)),
        ("replicas", json!(2)),
        ("backendReplicas", json!(0)),
        ("backendReplicas", json!(3)),
        (
            "secrets",
            json!([{"name": "s", "key": "k"}, {"name": "s", "key": "l"}]),
        ),
        (
            "secrets",
            json!([{"name": "t", "key": "k", "targetEnvName": "token"}]),
        ),
        (
            "volumes",
            json!([{"name": "v", "mountPath": "/v", "hostPath": "/srv", "readOnly": true}]),
        ),
        (
            "volumes",
            json!([{"name": "v", "mountPath": "/v", "persistentVolumeClaim": {"claimName": "c"}},
            {"name": "w", "mountPath": "/w", "emptyDir": {"sizeLimit": "1024Mi"}}]),
        ),
        ("serviceAccount", json!("account")),
    ])
}

fn template() -> impl Strategy<Value = Option<(&'static str, Value)>> {
    let template = select(vec![
        json!({"spec": {"containers": [{"name": "mcp", "resources": {"limits": {"cpu": "1000m"}}}]}}),
        json!({"spec": {"containers": [{"name": "mcp", "env": [{"name": "T", "value": "1"}]}]}}),
        json!({"spec": {"containers": [{"name": "mcp"}, {"name": "side", "image": "s:1"}], "tolerations": [{"key": "k"}]}}),
        json!({"spec": {"containers": [{"name": "mcp", "env": [{"name": "T", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]}}),
        json!({"spec": {"containers": [{"name": "mcp", "envFrom": [{"secretRef": {"name": "t"}}]}]}}),
        json!({"spec": {"containers": [{"name": "wrong"}]}}),
        json!({"metadata": {"labels": {"team": "a"}, "annotations": {"b": "c"}}}),
        json!({"spec": {"volumes": [{"name": "tmp", "emptyDir": {}}], "nodeSelector": {"a": "b"}}}),
        json!({"spec": {"initContainers": [{"name": "init", "image": "i:1"}]}}),
    ]);
    of(template.prop_map(|template| ("podTemplateSpec", template)))
}

/// The ConfigMap that the generated specs name.
pub fn profiles() -> ConfigMap {
    let documents = json!({
        "ports": json!({"network": {"outbound": {"allow_port": [443, 5432]}}}).to_string(),
        "gateway": json!({"network": {"outbound": {"allow_host": ["api.example.com"]}}}).to_string(),
        "mounts": json!({"privileged": true, "read": ["/etc/ssl"], "write": ["volume://c:/work"],
            "network": {"inbound": {"allow_host": ["mcp.example.com"]}}}).to_string(),
    });
    let map = json!({"metadata": {"name": "profiles"}, "data": documents});
    serde_json::from_value(map).expect("a ConfigMap")
}

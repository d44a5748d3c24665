//! What an MCPServer names that others own. Read from the spec as it was written: whether a spec is
//! accepted can itself depend on what it names.

use std::collections::BTreeSet;

use hivewright_api::MCPServer;
use serde_json::Value;

/// The names, all in the MCPServer's own namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct References {
    /// Secrets.
    pub(crate) secrets: BTreeSet<String>,
    /// The ConfigMap with the permission profile.
    pub(crate) profile: Option<String>,
}

/// What `server` names.
pub(crate) fn references(server: &MCPServer) -> References {
    let mut secrets = BTreeSet::new();
    for secret in server.spec.secrets.iter().flatten() {
        secrets.insert(secret.name.clone());
    }
    if let Some(template) = &server.spec.pod_template_spec {
        collect(template, &mut secrets);
    }
    for volume in server.spec.volumes.iter().flatten() {
        let volume = serde_json::to_value(volume).unwrap_or_default();
        collect(&volume, &mut secrets);
    }
    let profile = server.spec.permission_profile.as_ref();
    let profile = profile.filter(|profile| profile.kind == "configmap");
    References {
        secrets,
        profile: profile.map(|profile| profile.name.clone()),
    }
}

/// Every reference to a Secret, wherever it is: variables (`secretKeyRef`, `secretRef`), volumes
/// (`secret.secretName`) and projected volumes (`secret.name`).
fn collect(value: &Value, secrets: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let name = match key.as_str() {
                    "secretKeyRef" | "secretRef" => value["name"].as_str(),
                    "secret" => value["secretName"]
                        .as_str()
                        .or_else(|| value["name"].as_str()),
                    _ => None,
                };
                secrets.extend(name.map(str::to_owned));
                collect(value, secrets);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(spec: &Value) -> References {
        let server = json!({ "apiVersion": "toolhive.stacklok.dev/v1alpha1", "kind": "MCPServer",
            "metadata": { "name": "s", "namespace": "ns" }, "spec": spec });
        references(&serde_json::from_value(server).unwrap())
    }

    #[test]
    fn secrets_are_found_wherever_a_pod_can_name_them() {
        let names = of(&json!({
            "image": "i", "transport": "stdio",
            "secrets": [{ "name": "plain", "key": "k" }],
            "volumes": [{ "name": "v", "mountPath": "/v", "secret": { "secretName": "volume" } }],
            "podTemplateSpec": { "spec": {
                "containers": [{
                    "name": "mcp",
                    "env": [{ "name": "A", "valueFrom": { "secretKeyRef": { "name": "key", "key": "k" } } }],
                    "envFrom": [{ "secretRef": { "name": "whole" } }],
                }],
                "volumes": [{ "name": "p", "projected": { "sources": [{ "secret": { "name": "part" } }] } }],
            } },
        }));
        let found: Vec<_> = names.secrets.iter().map(String::as_str).collect();
        assert_eq!(found, ["key", "part", "plain", "volume", "whole"]);
        assert_eq!(names.profile, None);
    }

    #[test]
    fn only_a_profile_of_ones_own_is_a_configmap() {
        let of = |kind: &str| {
            let profile = json!({ "type": kind, "name": "network" });
            of(&json!({ "image": "i", "transport": "stdio", "permissionProfile": profile })).profile
        };
        assert_eq!(of("builtin"), None);
        assert_eq!(of("configmap").as_deref(), Some("network"));
    }
}

//! What Prometheus is on the cluster: the right to watch pods, two ConfigMaps and one pod.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use super::{NAME, NAMESPACE, PORT, PrometheusError, image::USER};
use crate::place::Place;
use crate::stamp::Stamp;

/// The configuration, in the project.
const CONFIG: &str = "kind/tools/prometheus/prometheus.yml";

/// How long samples are kept: a whole run of the scenarios, and the look at it afterwards.
const RETENTION: &str = "--storage.tsdb.retention.time=12h";

/// Every object, as one list.
pub(super) fn all(
    place: &Place,
    image: &str,
    rules: &BTreeMap<String, String>,
) -> Result<Value, PrometheusError> {
    let config = fs::read_to_string(place.project.join(CONFIG))?;
    let mut stamp = Stamp::new().text(&config);
    for (name, text) in rules {
        stamp = stamp.text(name).text(text);
    }
    let mut items = vec![json!({
        "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE },
    })];
    items.extend(rights());
    items.push(config_map(
        "prometheus",
        &json!({ "prometheus.yml": config }),
    ));
    items.push(config_map("rules", &json!(rules)));
    items.push(json!({
        "apiVersion": "v1", "kind": "Service", "metadata": meta(NAME),
        "spec": { "selector": labels(), "ports": [{ "name": "http", "port": PORT }] },
    }));
    items.push(deployment(image, &stamp.hex()));
    Ok(json!({ "apiVersion": "v1", "kind": "List", "items": items }))
}

fn meta(name: &str) -> Value {
    json!({ "name": name, "namespace": NAMESPACE })
}

fn labels() -> Value {
    json!({ "app.kubernetes.io/name": NAME })
}

fn config_map(name: &str, data: &Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": meta(name), "data": data })
}

/// All that discovery asks for: pods, in every namespace. Nothing of Prometheus writes.
fn rights() -> Vec<Value> {
    let name = format!("{NAMESPACE}-{NAME}");
    let group = "rbac.authorization.k8s.io";
    vec![
        json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta(NAME) }),
        json!({
            "apiVersion": format!("{group}/v1"), "kind": "ClusterRole",
            "metadata": { "name": name },
            "rules": [{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"] }],
        }),
        json!({
            "apiVersion": format!("{group}/v1"), "kind": "ClusterRoleBinding",
            "metadata": { "name": name },
            "roleRef": { "apiGroup": group, "kind": "ClusterRole", "name": name },
            "subjects": [{ "kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE }],
        }),
    ]
}

fn deployment(image: &str, stamp: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(NAME),
        "spec": {
            // Two of them would write one folder if it were a volume that outlives the pod.
            "strategy": { "type": "Recreate" },
            "selector": { "matchLabels": labels() },
            "template": {
                // Another configuration means another pod: kubelet takes a minute to bring a changed
                // ConfigMap to one that runs.
                "metadata": {
                    "labels": labels(), "annotations": { "hivewright.dev/configuration": stamp },
                },
                "spec": pod(image),
            },
        },
    })
}

fn pod(image: &str) -> Value {
    json!({
        "serviceAccountName": NAME,
        "terminationGracePeriodSeconds": 5,
        "securityContext": {
            "runAsNonRoot": true, "runAsUser": USER, "fsGroup": USER,
            "seccompProfile": { "type": "RuntimeDefault" },
        },
        "containers": [{
            "name": NAME, "image": image, "imagePullPolicy": "IfNotPresent",
            "args": [
                "--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus",
                RETENTION, "--enable-feature=exemplar-storage", "--web.enable-lifecycle",
            ],
            "ports": [{ "name": "http", "containerPort": PORT }],
            "readinessProbe": { "httpGet": { "path": "/-/ready", "port": "http" }, "periodSeconds": 1 },
            "securityContext": {
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                "capabilities": { "drop": ["ALL"] },
            },
            "resources": {
                "requests": { "cpu": "20m", "memory": "64Mi" }, "limits": { "memory": "1Gi" },
            },
            "volumeMounts": [
                { "name": "config", "mountPath": "/etc/prometheus", "readOnly": true },
                { "name": "data", "mountPath": "/prometheus" },
            ],
        }],
        "volumes": [
            { "name": "config", "projected": { "sources": [
                { "configMap": { "name": NAME } },
                { "configMap": { "name": "rules" } },
            ] } },
            { "name": "data", "emptyDir": {} },
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(rules: &[(&str, &str)]) -> Vec<Value> {
        let place = Place {
            project: concat!(env!("CARGO_MANIFEST_DIR"), "/..").into(),
            cache: "/nonexistent".into(),
            cluster: "none".to_owned(),
        };
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        let rules = rules.iter().map(own).collect();
        let list = all(&place, "image:1", &rules).expect("readable");
        list["items"].as_array().expect("a list").clone()
    }

    fn configuration(items: &[Value]) -> &Value {
        let pod = items.iter().find(|item| item["kind"] == "Deployment");
        let pod = &pod.expect("a Deployment")["spec"]["template"];
        &pod["metadata"]["annotations"]["hivewright.dev/configuration"]
    }

    #[test]
    fn other_rules_make_another_pod() {
        let (none, one) = (items(&[]), items(&[("a.yaml", "groups: []")]));
        assert_eq!(configuration(&none), configuration(&items(&[])));
        assert_ne!(configuration(&none), configuration(&one));
    }

    #[test]
    fn the_guide_shows_what_is_run() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let read = |path: &str| fs::read_to_string(format!("{root}/{path}")).expect("readable");
        let (run, guide) = (read(CONFIG), read("docs/guides/metrics.md"));
        let (_, shown) = guide
            .split_once("scrape_configs:")
            .expect("a configuration");
        let (shown, _) = shown.split_once("```").expect("its end");
        let run: Vec<&str> = run.lines().map(str::trim).collect();
        for line in shown.lines().map(str::trim).filter(|line| !line.is_empty()) {
            assert!(run.contains(&line), "{line}");
        }
    }

    #[test]
    fn it_may_read_pods_and_nothing_else() {
        let items = items(&[]);
        let roles = items.iter().filter(|item| item["kind"] == "ClusterRole");
        let granted: Vec<&Value> = roles.map(|role| &role["rules"]).collect();
        let only = json!([{
            "apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"],
        }]);
        assert_eq!(granted, [&only]);
    }
}

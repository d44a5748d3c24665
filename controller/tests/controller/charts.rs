//! The charts: they lint, render, refuse wrong values, and start what the program understands.

use crate::support::helm;
use clap::Parser as _;
use hivewright_controller::args::{Args, Command};
use hivewright_controller::crd;
use serde_json::{Value, json};

/// Settings that change what is rendered.
const VARIANTS: &[&[&str]] = &[
    &[],
    &["--set", "journal.enabled=false"],
    &[
        "--set-json",
        r#"journal={"maxBytes":268435456,"maxAge":"12h","persistence":{"enabled":true}}"#,
    ],
    &[
        "--set",
        "journal.emptyDir.medium=Memory,journal.emptyDir.sizeLimit=8Mi,telemetry.otlp.caConfigMap.name=ca",
    ],
    &[
        "--set",
        "replicas=3,networkPolicy.enabled=true,dashboards.enabled=true",
    ],
    &[
        "--set",
        "watchNamespaces={a,b},metrics.podMonitor.enabled=true,metrics.serviceMonitor.enabled=true",
    ],
    &[
        "--set",
        "imagePullSecrets={pull},serviceAccount.name=other,priorityClassName=high,log.format=text",
    ],
    &[
        "--set",
        "mcpServers.imagePullPolicy=Always,networkPolicyEnforcement=enforced,allowedHosts={a.example,b.example}",
    ],
    &[
        "--set-json",
        r#"watchSecrets=false,nodeSelector={"a":"b"},tolerations=[{"operator":"Exists"}],podLabels={"x":"y"}"#,
    ],
];

#[test]
fn both_charts_lint() {
    for name in ["hivewright", "hivewright-crds"] {
        let done = helm::run(&[
            "lint",
            "--strict",
            "--kube-version=1.34.0",
            &helm::chart(name),
        ]);
        assert!(
            done.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&done.stdout)
        );
    }
}

#[test]
fn every_variant_renders_objects_with_a_kind_and_a_name() {
    for values in VARIANTS {
        for object in helm::all(values) {
            assert!(
                object["kind"].is_string() && object["metadata"]["name"].is_string(),
                "{values:?}: {object}"
            );
        }
    }
}

#[test]
fn the_program_understands_every_command_line_that_the_chart_writes() {
    for values in VARIANTS {
        let deployment = &helm::objects(values, "Deployment")[0];
        let container = &deployment["spec"]["template"]["spec"]["containers"][0];
        let words: Vec<String> = serde_json::from_value(container["args"].clone()).unwrap();
        // The identity comes from the environment, which the test must not set.
        let fixed = ["hivewright-controller".to_owned()]
            .into_iter()
            .chain(words);
        let args = Args::try_parse_from(fixed.chain(["--lease-identity=test".to_owned()])).unwrap();
        let Command::Run(run) = args.command else {
            panic!("the chart runs something else")
        };
        assert!(run.lease.leader_elect);
        let env = container["env"].as_array().unwrap();
        assert!(
            env.iter().any(|entry| entry["name"] == "POD_NAME"),
            "{container}"
        );
        let port = &container["ports"][0];
        assert_eq!(port["containerPort"], run.admin_port);
    }
}

#[test]
fn the_pod_meets_the_restricted_standard() {
    let deployment = &helm::objects(&[], "Deployment")[0];
    let pod = &deployment["spec"]["template"]["spec"];
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(
        pod["securityContext"]["seccompProfile"]["type"],
        "RuntimeDefault"
    );
    let container = &pod["containers"][0]["securityContext"];
    assert_eq!(container["allowPrivilegeEscalation"], false);
    assert_eq!(container["readOnlyRootFilesystem"], true);
    assert_eq!(container["capabilities"], json!({ "drop": ["ALL"] }));
}

#[test]
fn values_that_mean_nothing_are_refused() {
    for wrong in [
        "replica=2",
        "replicas=two",
        "controller.image.repositry=x",
        "watchNamespaces={UPPER}",
        "log.format=xml",
        "proxy.image.pullPolicy=sometimes",
        "networkPolicyEnforcement=perhaps",
        "networkPolicyEnforcement=unknown",
        "watchSecrets=perhaps",
        "metrics.podMonitor.enable=true",
        "journal.maxAge=1w",
        "journal.maxBytes=10",
        "journal.persistence.size=big",
        "journal.emptyDir.medium=Disk",
        "replicas=2,journal.persistence.enabled=true",
    ] {
        let done = helm::template(&["--set", wrong]);
        assert!(!done.status.success(), "{wrong} was accepted");
    }
}

#[test]
fn the_definition_in_the_chart_is_the_one_that_the_program_prints() {
    let path = helm::chart("hivewright-crds/files/mcpservers.yaml");
    let shipped = std::fs::read_to_string(path).unwrap_or_default();
    let printed = crd::yaml().unwrap();
    assert!(
        shipped == printed,
        "run: cargo run -p hivewright-controller -- crd > charts/hivewright-crds/files/mcpservers.yaml"
    );
}

#[test]
fn the_definition_survives_the_removal_of_its_chart_unless_told_otherwise() {
    let render = |words: &[&str]| -> Value {
        let chart = helm::chart("hivewright-crds");
        let fixed = ["template", "test", &chart, "--kube-version=1.34.0"];
        let done = helm::run(&[&fixed, words].concat());
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        serde_yaml_ng::from_slice(&done.stdout).unwrap()
    };
    let kept = render(&[]);
    assert_eq!(
        kept["metadata"]["annotations"]["helm.sh/resource-policy"],
        "keep"
    );
    assert!(render(&["--set", "keep=false"])["metadata"]["annotations"].is_null());
    let printed: Value = serde_yaml_ng::from_str(&crd::yaml().unwrap()).unwrap();
    let same = as_floats(&kept["spec"]) == as_floats(&printed["spec"]);
    assert!(same, "the template changes the definition");
}

/// Helm writes every number of a document that it has read as a float.
fn as_floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.iter().map(as_floats).collect(),
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, value)| (key.clone(), as_floats(value)))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

#[test]
fn the_controllers_own_network_policy_lets_it_knock_at_proxies_where_it_has_to() {
    let egress = |more: &str| {
        let values = format!("networkPolicy.enabled=true{more}");
        helm::objects(&["--set", &values], "NetworkPolicy")[0]["spec"]["egress"].clone()
    };
    let to_proxies = |rules: &Value| {
        rules
            .as_array()
            .unwrap()
            .iter()
            .any(|rule| !rule["to"].is_null())
    };
    let everywhere = egress("");
    let ports = json!([{ "port": 9464 }, { "port": 9467 }]);
    assert_eq!(everywhere[2]["ports"], ports);
    assert_eq!(everywhere[2]["to"][0]["namespaceSelector"], json!({}));
    let listed = egress(",watchNamespaces={a,b}");
    let names = &listed[2]["to"][0]["namespaceSelector"]["matchExpressions"][0]["values"];
    assert_eq!(*names, json!(["a", "b"]));
    assert!(!to_proxies(&egress(",networkPolicyEnforcement=enforced")));
}

#[test]
fn a_disruption_budget_comes_with_the_second_replica() {
    assert!(helm::objects(&[], "PodDisruptionBudget").is_empty());
    assert_eq!(
        helm::objects(&["--set", "replicas=2"], "PodDisruptionBudget").len(),
        1
    );
}

#[test]
fn a_journal_on_a_claim_has_one_writer_and_outlives_the_release() {
    let values = &["--set", "journal.persistence.enabled=true"];
    let deployment = &helm::objects(values, "Deployment")[0];
    assert_eq!(deployment["spec"]["strategy"]["type"], "Recreate");
    let claim = &helm::objects(values, "PersistentVolumeClaim")[0];
    let volume = &deployment["spec"]["template"]["spec"]["volumes"][0];
    assert_eq!(
        volume["persistentVolumeClaim"]["claimName"],
        claim["metadata"]["name"]
    );
    assert_eq!(
        claim["metadata"]["annotations"]["helm.sh/resource-policy"],
        "keep"
    );
    let other = [
        "--set",
        "journal.persistence.enabled=true,journal.persistence.existingClaim=mine",
    ];
    assert!(helm::objects(&other, "PersistentVolumeClaim").is_empty());
}

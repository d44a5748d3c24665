//! The CustomResourceDefinition as users and the API server meet it.

use std::sync::LazyLock;

use hivewright_api::{MCPServer, crd, names};
use rstest::rstest;
use serde_json::{Value, json};

fn definition() -> Value {
    serde_json::to_value(crd()).expect("a definition is JSON")
}

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone());

fn schema() -> &'static Value {
    &SCHEMA
}

/// The schema at a path such as `spec.env[].name`.
fn at(path: &str) -> Option<&'static Value> {
    path.split('.').try_fold(schema(), |schema, step| {
        let (name, is_list) = step
            .strip_suffix("[]")
            .map_or((step, false), |name| (name, true));
        let found = schema["properties"].get(name)?;
        Some(if is_list { &found["items"] } else { found })
    })
}

#[test]
fn names_are_those_that_existing_manifests_and_habits_use() {
    let definition = definition();
    assert_eq!(
        definition["metadata"]["name"],
        "mcpservers.toolhive.stacklok.dev"
    );
    assert_eq!(definition["spec"]["group"], names::GROUP);
    assert_eq!(definition["spec"]["scope"], "Namespaced");
    assert_eq!(definition["spec"]["versions"][0]["name"], names::VERSION);
    assert_eq!(
        definition["spec"]["versions"][0]["subresources"],
        json!({"status": {}})
    );
    assert_eq!(
        definition["spec"]["names"],
        json!({"kind": names::KIND, "plural": "mcpservers", "singular": "mcpserver",
            "shortNames": ["mcpserver", "mcpservers"], "categories": ["toolhive"]})
    );
}

#[test]
fn kubectl_get_prints_status_url_and_age_and_more_when_wide() {
    let columns = definition()["spec"]["versions"][0]["additionalPrinterColumns"].clone();
    let printed: Vec<_> = columns
        .as_array()
        .expect("columns")
        .iter()
        .map(|column| {
            let wide = column["priority"] == 1;
            (
                column["name"].as_str().expect("a name"),
                column["jsonPath"].as_str().expect("a path"),
                wide,
            )
        })
        .collect();
    assert_eq!(
        printed,
        [
            ("Status", ".status.phase", false),
            ("URL", ".status.url", false),
            ("Ready", ".status.ready", true),
            (
                "Reason",
                ".status.conditions[?(@.type=='Ready')].reason",
                true
            ),
            ("Transport", ".spec.transport", true),
            ("Image", ".spec.image", true),
            ("Restarts", ".status.restarts", true),
            ("Age", ".metadata.creationTimestamp", false),
        ]
    );
}

/// Every field that the upstream documentation has named in any version of v1alpha1.
const DOCUMENTED: &str = include_str!("documented-fields.txt");

#[test]
fn every_documented_field_is_in_the_schema() {
    let missing: Vec<_> = DOCUMENTED
        .lines()
        .filter(|path| !path.is_empty() && at(path).is_none())
        .collect();
    assert!(
        missing.is_empty(),
        "strict decoding would refuse manifests with {missing:?}"
    );
}

#[rstest]
#[case("spec.transport", "enum", json!(["stdio", "sse", "streamable-http"]))]
#[case("spec.transport", "default", json!("stdio"))]
#[case("spec.port", "maximum", json!(65535.0))]
#[case("spec.proxyPort", "minimum", json!(1.0))]
#[case("spec.env", "x-kubernetes-list-map-keys", json!(["name"]))]
#[case("spec.secrets", "x-kubernetes-list-type", json!("atomic"))]
#[case("spec.backendReplicas", "maximum", json!(16.0))]
#[case("spec.isolation", "enum", json!(["shared", "perSession"]))]
#[case("spec.sessionPool.max", "minimum", json!(1.0))]
#[case("spec.sessionPool.warm", "maximum", json!(16.0))]
#[case("spec.podTemplateSpec", "x-kubernetes-preserve-unknown-fields", json!(true))]
#[case("spec.volumes[]", "x-kubernetes-preserve-unknown-fields", json!(true))]
#[case("spec.groupRef", "x-kubernetes-preserve-unknown-fields", json!(true))]
#[case("status.conditions", "x-kubernetes-list-map-keys", json!(["type"]))]
fn a_field_has_its_rule(#[case] path: &str, #[case] rule: &str, #[case] value: Value) {
    assert_eq!(at(path).expect("the field exists")[rule], value);
}

/// What older manifests say must stay sayable: neither version may refuse what the other takes.
#[test]
fn both_versions_are_served_with_one_schema_and_the_same_columns() {
    let definition = definition();
    let versions = definition["spec"]["versions"].as_array().expect("versions");
    let facts: Vec<_> = versions
        .iter()
        .map(|version| (&version["name"], &version["served"], &version["storage"]))
        .collect();
    let (yes, no) = (json!(true), json!(false));
    assert_eq!(
        facts,
        [
            (&json!("v1alpha1"), &yes, &yes),
            (&json!("v1beta1"), &yes, &no)
        ]
    );
    for same in ["schema", "additionalPrinterColumns", "subresources"] {
        assert_eq!(versions[0][same], versions[1][same]);
    }
    assert!(definition["spec"]["conversion"].is_null());
}

#[rstest]
fn a_rule_of_the_schema_says_what_to_change(
    #[values(
        "metadata.name.size() <= 50",
        "self.port in [9464, 9466, 9467]",
        "self.proxyPort in [9464, 9466, 9467]",
        "self.secrets.all(",
        "self.mountPath.startsWith('/')",
        "self.hostPath.startsWith('/')",
        "self.name in ['none', 'network', 'stdio']",
        "self.port == self.proxyPort",
        "self.targetPort == self.mcpPort"
    )]
    rule: &str,
) {
    let places = ["spec", "spec.volumes[]", "spec.permissionProfile"];
    let mut rules: Vec<_> = places.iter().filter_map(|place| at(place)).collect();
    rules.push(schema());
    rules.retain(|schema| schema["x-kubernetes-validations"].is_array());
    let found = rules
        .iter()
        .flat_map(|schema| {
            schema["x-kubernetes-validations"]
                .as_array()
                .expect("rules")
        })
        .find(|found| {
            found["rule"]
                .as_str()
                .is_some_and(|text| text.contains(rule))
        })
        .expect("the rule exists");
    let message = found["message"].as_str().expect("a message");
    assert!(
        message.contains("choose") || message.contains("remove"),
        "{message}"
    );
}

/// A null must count as absent, which the API server only does for fields that are not nullable.
#[test]
fn no_field_is_nullable_and_none_has_a_format_that_kubernetes_does_not_know() {
    let text = schema().to_string();
    assert!(!text.contains("\"nullable\""));
    assert!(
        !text.contains("\"format\":\"uint"),
        "the API server warns of unknown formats"
    );
}

#[test]
fn every_field_has_a_description() {
    fn walk(schema: &Value, path: &str, bare: &mut Vec<String>) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}.{name}");
            if property["description"].as_str().is_none_or(str::is_empty) {
                bare.push(path.clone());
            }
            walk(property, &path, bare);
            walk(&property["items"], &path, bare);
        }
    }
    let mut bare = Vec::new();
    walk(at("spec").expect("a spec"), "spec", &mut bare);
    assert!(bare.is_empty(), "{bare:?}");
}

#[rstest]
fn a_documented_manifest_loses_nothing_on_its_way_through_the_types(
    #[values(
        "fetch",
        "github",
        "osv",
        "v1beta1-fetch",
        "v1beta1-github",
        "v1beta1-osv"
    )]
    name: &str,
) {
    let manifests = concat!(env!("CARGO_MANIFEST_DIR"), "/../../e2e/manifests");
    let text = std::fs::read_to_string(format!("{manifests}/{name}.yaml")).expect("a manifest");
    let written: Value = serde_yaml_ng::from_str(&text).expect("a manifest");
    let typed: MCPServer = serde_yaml_ng::from_str(&text).expect("a manifest");
    let kept = serde_json::to_value(typed).expect("JSON");
    assert_eq!(kept["spec"], written["spec"]);
    assert_eq!(written["kind"], names::KIND);
}

#[test]
fn a_volume_keeps_whatever_source_it_has() {
    let volume =
        json!({"name": "v", "mountPath": "/v", "persistentVolumeClaim": {"claimName": "c"}});
    let typed: hivewright_api::spec::Volume =
        serde_json::from_value(volume.clone()).expect("a volume");
    assert_eq!(serde_json::to_value(typed).expect("JSON"), volume);
}

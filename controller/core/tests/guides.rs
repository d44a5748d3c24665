//! Every manifest in the guides and the README is one that works: MCPServers are accepted, and other
//! kinds have no field that Kubernetes does not know.

mod world;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::{fs, io};

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim};
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::api::rbac::v1::Role;
use serde::de::DeserializeOwned;
use serde::{Deserialize as _, Serialize};
use serde_json::Value;
use world::World;

/// Kinds whose types are not in k8s-openapi; their schemas are those of their own projects.
const OF_OTHERS: &[&str] = &["HTTPRoute"];

/// A manifest and the page that it is on.
struct Manifest {
    page: String,
    object: Value,
}

impl Manifest {
    fn kind(&self) -> &str {
        self.object["kind"].as_str().expect("a manifest has a kind")
    }

    fn name(&self) -> String {
        let metadata = &self.object["metadata"];
        format!("{}: {} {}", self.page, self.kind(), metadata["name"])
    }
}

fn pages() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let guides = fs::read_dir(root.join("docs/guides")).expect("the guides are there");
    let mut pages: Vec<PathBuf> = guides
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()
        .expect("readable");
    pages.push(root.join("README.md"));
    pages
}

fn manifests() -> Vec<Manifest> {
    let mut all = Vec::new();
    for path in pages() {
        let page = path.file_name().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(&path).expect("readable");
        for document in text.split("```yaml\n").skip(1) {
            let yaml = document.split("```").next().unwrap_or_default();
            let documents = serde_yaml_ng::Deserializer::from_str(yaml);
            all.extend(documents.map(|document| Manifest {
                page: page.to_string(),
                object: Value::deserialize(document).expect("a manifest is YAML"),
            }));
        }
    }
    all
}

/// The ConfigMaps of one page, by name.
fn profiles(all: &[Manifest], page: &str) -> BTreeMap<String, Arc<ConfigMap>> {
    let maps = all
        .iter()
        .filter(|manifest| manifest.page == page && manifest.kind() == "ConfigMap");
    maps.map(|manifest| {
        let map: ConfigMap = serde_json::from_value(manifest.object.clone()).expect("a ConfigMap");
        (map.metadata.name.clone().expect("a name"), Arc::new(map))
    })
    .collect()
}

/// Every field of `written` that is not in `read`.
fn lost(path: &str, written: &Value, read: &Value, found: &mut Vec<String>) {
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => {
            for (key, value) in written {
                match read.get(key) {
                    Some(other) => lost(&format!("{path}.{key}"), value, other, found),
                    None => found.push(format!("{path}.{key}")),
                }
            }
        }
        (Value::Array(written), Value::Array(read)) => {
            for (one, other) in written.iter().zip(read) {
                lost(&format!("{path}[]"), one, other, found);
            }
        }
        _ => {}
    }
}

fn assert_known<T: DeserializeOwned + Serialize>(manifest: &Manifest) {
    let typed: T = serde_json::from_value(manifest.object.clone())
        .map_err(|error| format!("{}: {error}", manifest.name()))
        .expect("a manifest has the fields of its kind");
    let read = serde_json::to_value(typed).expect("types become JSON");
    let mut found = Vec::new();
    lost("", &manifest.object, &read, &mut found);
    assert!(found.is_empty(), "{}: unknown {found:?}", manifest.name());
}

#[test]
fn every_mcpserver_in_the_guides_is_accepted() {
    let all = manifests();
    let mut servers = 0;
    for manifest in all.iter().filter(|manifest| manifest.kind() == "MCPServer") {
        assert_known::<hivewright_api::MCPServer>(manifest);
        let profile = &manifest.object["spec"]["permissionProfile"];
        let mut world = World::new(world::stored(&manifest.object.to_string()));
        if profile["type"] == "configmap" {
            let name = profile["name"].as_str().expect("a profile has a name");
            world.around.profile = profiles(&all, &manifest.page).get(name).cloned();
        }
        if let Err(refusal) = hivewright_core::validate(&world.observe()) {
            panic!("{}: {refusal}", manifest.name());
        }
        servers += 1;
    }
    assert!(servers >= 10, "only {servers} MCPServers were found");
}

#[test]
fn every_other_object_in_the_guides_has_known_fields_only() {
    for manifest in manifests() {
        match manifest.kind() {
            "MCPServer" => {}
            "ConfigMap" => assert_known::<ConfigMap>(&manifest),
            "PersistentVolumeClaim" => assert_known::<PersistentVolumeClaim>(&manifest),
            "HorizontalPodAutoscaler" => assert_known::<HorizontalPodAutoscaler>(&manifest),
            "Ingress" => assert_known::<Ingress>(&manifest),
            "Role" => assert_known::<Role>(&manifest),
            other => assert!(OF_OTHERS.contains(&other), "{}", manifest.name()),
        }
    }
}

#[test]
fn the_readme_names_every_field_that_does_not_work() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = fs::read_to_string(root.join("README.md")).expect("readable");
    let unsaid: Vec<_> = hivewright_core::unsupported_fields()
        .into_iter()
        .filter(|field| !readme.contains(&format!("`{}`", field.trim_start_matches("spec."))))
        .collect();
    assert!(unsaid.is_empty(), "the README leaves out {unsaid:?}");
}

/// Fields that work for some values, and so are on no list.
const IN_PART: &[&str] = &["replicas"];

#[test]
fn the_readme_says_of_no_field_that_works_that_it_does_not() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = fs::read_to_string(root.join("README.md")).expect("readable");
    let (_, table) = readme
        .split_once("\n| asked for | fields |\n")
        .expect("the table is there");
    let table = table.split("\n\n").next().unwrap_or_default();
    let fields = hivewright_core::unsupported_fields();
    let wrong: Vec<&str> = table
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|said| !IN_PART.contains(said) && !fields.contains(&&*format!("spec.{said}")))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?} work");
}

//! The CustomResourceDefinition, generated from the Rust types.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps,
    JSONSchemaPropsOrArray, JSONSchemaPropsOrBool, ValidationRule,
};
use kube_core::CustomResourceExt;

use crate::{MCPServer, names};

/// The definition to install: two versions with one schema, so that nothing is ever converted. A
/// field set to null counts as absent (the API server prunes nulls
/// of fields that are not nullable), which is what every optional field here means by it.
pub fn crd() -> CustomResourceDefinition {
    let mut crd = MCPServer::crd();
    for version in &mut crd.spec.versions {
        if let Some(schema) = version
            .schema
            .as_mut()
            .and_then(|validation| validation.open_api_v3_schema.as_mut())
        {
            forget_nullable(schema);
            schema.x_kubernetes_validations = Some(vec![name_rule()]);
        }
    }
    let served: Vec<_> = crd.spec.versions.iter().map(newer).collect();
    crd.spec.versions.extend(served);
    crd
}

/// The same under upstream's newer name. Only one version is stored, and it stays the older one,
/// which every stored object has.
fn newer(version: &CustomResourceDefinitionVersion) -> CustomResourceDefinitionVersion {
    CustomResourceDefinitionVersion {
        name: names::VERSION_BETA.to_owned(),
        storage: false,
        ..version.clone()
    }
}

fn forget_nullable(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    for property in schema
        .properties
        .iter_mut()
        .flat_map(|properties| properties.values_mut())
    {
        forget_nullable(property);
    }
    match &mut schema.items {
        Some(JSONSchemaPropsOrArray::Schema(item)) => forget_nullable(item),
        Some(JSONSchemaPropsOrArray::Schemas(items)) => {
            items.iter_mut().for_each(forget_nullable);
        }
        None => {}
    }
    match &mut schema.additional_properties {
        Some(JSONSchemaPropsOrBool::Schema(values)) => forget_nullable(values),
        Some(JSONSchemaPropsOrBool::Bool(_)) | None => {}
    }
}

/// Every derived name must be a DNS label; `metadata.name` is the only part of the metadata that a
/// rule may read besides `generateName` (KEP-2876).
fn name_rule() -> ValidationRule {
    let longest = names::MAX_SERVER_NAME;
    ValidationRule {
        rule: format!(
            "self.metadata.name.size() <= {longest} && !self.metadata.name.contains('.')"
        ),
        message: Some(format!(
            "metadata.name must have at most {longest} characters and no dot, since names made from it, such as {}, must be DNS labels: choose a shorter name of lower-case letters, digits and '-'",
            names::headless_service("NAME"),
        )),
        ..ValidationRule::default()
    }
}

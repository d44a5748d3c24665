//! What a user's pod template may not do.

use hivewright_api::names;
use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
use serde_json::Value;

use super::refuse;
use crate::quantity;
use crate::refusal::Refusal;

/// Checks the patch on its own: every field must be one that a pod template has, since a misspelt
/// one would be lost without a word.
pub(super) fn patch(patch: &Value) -> Result<(), Refusal> {
    let typed: PodTemplateSpec = serde_json::from_value(without_directives(patch))
        .map_err(|error| refuse(type_fault(&error)))?;
    let kept = serde_json::to_value(&typed).expect("a pod template is JSON");
    match lost(patch, &kept, "") {
        Some(place) => Err(refuse(format!(
            "{place} is not a field of a pod template; correct its name"
        ))),
        None => Ok(()),
    }
}

/// Sentence for a template with a value of the wrong type.
pub(super) fn type_fault(error: &serde_json::Error) -> String {
    format!("a value has the wrong type; correct it: {error}")
}

/// Checks the merged template: what Hivewright itself relies on must have survived.
pub(super) fn merged(merged: &PodTemplateSpec, ours: &PodTemplateSpec) -> Result<(), Refusal> {
    let spec = merged
        .spec
        .as_ref()
        .ok_or_else(|| refuse("spec cannot be removed"))?;
    containers(spec)?;
    pod(spec)?;
    labels(merged, ours)
}

fn containers(spec: &PodSpec) -> Result<(), Refusal> {
    let all = || {
        spec.containers
            .iter()
            .chain(spec.init_containers.iter().flatten())
    };
    if let Some(stranger) = all().find(|container| container.image.is_none()) {
        return Err(refuse(format!(
            "container `{}` has no image; the main container must be named `{}`: rename it, or give it an image if it is a sidecar",
            stranger.name,
            names::MCP_CONTAINER,
        )));
    }
    let Some(mcp) = spec
        .containers
        .iter()
        .find(|found| found.name == names::MCP_CONTAINER)
    else {
        return Err(refuse(format!(
            "the main container `{}` cannot be removed",
            names::MCP_CONTAINER
        )));
    };
    if let Some(double) = all().find(|found| found.name != mcp.name && found.image == mcp.image) {
        return Err(refuse(format!(
            "container `{}` runs the server's own image; the main container must be named `{}`: rename it",
            double.name,
            names::MCP_CONTAINER,
        )));
    }
    if mcp.stdin != Some(true) || mcp.tty == Some(true) || mcp.stdin_once == Some(true) {
        return Err(refuse(format!(
            "container `{}` is spoken to over stdin; remove stdin, stdinOnce and tty",
            names::MCP_CONTAINER
        )));
    }
    all().try_for_each(amounts)
}

fn amounts(container: &Container) -> Result<(), Refusal> {
    let resources = container.resources.iter();
    let mut amounts = resources
        .flat_map(|all| [&all.limits, &all.requests])
        .flatten()
        .flatten();
    match amounts.find(|(_, amount)| quantity::parse(&amount.0).is_none()) {
        Some((resource, amount)) => Err(refuse(format!(
            "`{}` is no quantity of {resource} in container `{}`; write it like 100m, 2 or 128Mi",
            amount.0, container.name
        ))),
        None => Ok(()),
    }
}

fn pod(spec: &PodSpec) -> Result<(), Refusal> {
    if spec.host_network == Some(true) {
        return Err(refuse(
            "hostNetwork takes the pod out of reach of the permission profile; remove it",
        ));
    }
    match spec.restart_policy.as_deref() {
        None | Some("Always") => Ok(()),
        Some(_) => Err(refuse("restartPolicy can only be Always; remove it")),
    }
}

fn labels(merged: &PodTemplateSpec, ours: &PodTemplateSpec) -> Result<(), Refusal> {
    let labels = |template: &PodTemplateSpec| {
        template
            .metadata
            .as_ref()
            .and_then(|meta| meta.labels.clone())
            .unwrap_or_default()
    };
    let merged = labels(merged);
    match labels(ours)
        .into_iter()
        .find(|(key, value)| merged.get(key) != Some(value))
    {
        Some((key, _)) => Err(refuse(format!(
            "label {key} is Hivewright's own; remove it"
        ))),
        None => Ok(()),
    }
}

/// The patch as the plain template it would be, so that types and field names can be checked.
fn without_directives(patch: &Value) -> Value {
    match patch {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .filter(|(key, value)| !key.starts_with('$') && !value.is_null())
                .map(|(key, value)| (key.clone(), without_directives(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(without_directives).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => patch.clone(),
    }
}

/// Path of the first field of `patch` that is not in `kept`.
fn lost(patch: &Value, kept: &Value, place: &str) -> Option<String> {
    match patch {
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, value)| !key.starts_with('$') && !value.is_null())
            .find_map(|(key, value)| {
                let place = if place.is_empty() {
                    key.clone()
                } else {
                    format!("{place}.{key}")
                };
                match kept.get(key) {
                    Some(kept) => lost(value, kept, &place),
                    None => Some(place),
                }
            }),
        Value::Array(items) => items.iter().enumerate().find_map(|(i, item)| {
            lost(
                item,
                kept.get(i).unwrap_or(&Value::Null),
                &format!("{place}[{i}]"),
            )
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

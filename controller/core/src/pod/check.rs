//! What a user's pod template may not do.

use std::collections::BTreeSet;
use std::fmt;

use hivewright_api::names;
use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
use serde_json::Value;

use super::refuse;
use crate::quantity;
use crate::refusal::Refusal;
use crate::strict::{self, Fault};
use crate::valid::{Transport, is_own_key};

/// Checks the patch on its own, and gives it as the plain template that it would be: every field
/// must be one that a pod template has, since a misspelt one would be lost without a word.
pub(super) fn patch(patch: &Value) -> Result<PodTemplateSpec, Refusal> {
    strict::typed(&without_directives(patch)).map_err(|fault| {
        refuse(match fault {
            Fault::Unknown(place) => {
                format!("{place} is not a field of a pod template; correct its name")
            }
            Fault::Type(cause) => type_fault(&cause),
        })
    })
}

/// Sentence for a template with a value of the wrong type.
pub(super) fn type_fault(cause: &impl fmt::Display) -> String {
    format!("a value has the wrong type; correct it: {cause}")
}

/// Checks the merged template: what Hivewright itself relies on must have survived.
pub(super) fn merged(
    merged: &PodTemplateSpec,
    ours: &PodTemplateSpec,
    transport: Transport,
) -> Result<(), Refusal> {
    let spec = merged
        .spec
        .as_ref()
        .ok_or_else(|| refuse("spec cannot be removed"))?;
    containers(spec, transport)?;
    pod(spec)?;
    labels(merged, ours)?;
    annotations(merged)
}

/// A template that lists containers must list the main one: otherwise one of them may be meant to
/// be it, under another name.
pub(super) fn main_is_named(theirs: &PodTemplateSpec, image: &str) -> Result<(), Refusal> {
    let listed = || theirs.spec.iter().flat_map(|spec| &spec.containers);
    if listed().next().is_none() || listed().any(|found| found.name == names::MCP_CONTAINER) {
        return Ok(());
    }
    let double = listed().find(|found| found.image.as_deref() == Some(image));
    Err(refuse(match double {
        Some(double) => format!(
            "container `{}` runs the server's own image; the main container must be named `{}`: rename it",
            double.name,
            names::MCP_CONTAINER,
        ),
        None => format!(
            "containers are listed without the main one; add a container named `{}`, with nothing else if nothing of it is to change",
            names::MCP_CONTAINER
        ),
    }))
}

fn every(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    spec.containers
        .iter()
        .chain(spec.init_containers.iter().flatten())
}

fn containers(spec: &PodSpec, transport: Transport) -> Result<(), Refusal> {
    if let Some(stranger) = every(spec).find(|container| container.image.is_none()) {
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
    stdin(mcp, transport)?;
    apart(spec)?;
    every(spec).try_for_each(|container| {
        amounts(container)?;
        one_source(container)?;
        mounts(container, spec)
    })
}

fn stdin(mcp: &Container, transport: Transport) -> Result<(), Refusal> {
    let spoken = mcp.stdin == Some(true) && mcp.tty != Some(true) && mcp.stdin_once != Some(true);
    match transport {
        Transport::Sse(_) | Transport::StreamableHttp(_) => Ok(()),
        Transport::Stdio if spoken => Ok(()),
        Transport::Stdio => Err(refuse(format!(
            "container `{}` is spoken to over stdin; remove stdin, stdinOnce and tty",
            names::MCP_CONTAINER
        ))),
    }
}

fn apart(spec: &PodSpec) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    match every(spec).find(|container| !seen.insert(&container.name)) {
        Some(double) => Err(refuse(format!(
            "`{}` is the name of two containers; rename one of them",
            double.name
        ))),
        None => Ok(()),
    }
}

/// A variable of the spec that the template gives another kind of source would have both.
fn one_source(container: &Container) -> Result<(), Refusal> {
    let mut env = container.env.iter().flatten();
    let given = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
    match env.find(|variable| given(&variable.value) && variable.value_from.is_some()) {
        Some(variable) => Err(refuse(format!(
            "variable `{}` of container `{}` has both a value and a source; remove it here, or from spec.env or spec.secrets",
            variable.name, container.name
        ))),
        None => Ok(()),
    }
}

fn mounts(container: &Container, spec: &PodSpec) -> Result<(), Refusal> {
    let known = |name: &str| {
        let mut volumes = spec.volumes.iter().flatten();
        volumes.any(|volume| volume.name == name)
    };
    let mut mounts = container.volume_mounts.iter().flatten();
    match mounts.find(|mount| !known(&mount.name)) {
        Some(mount) => Err(refuse(format!(
            "container `{}` mounts volume `{}`, which the pod does not have; add it to spec.volumes here",
            container.name, mount.name
        ))),
        None => Ok(()),
    }
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
    if spec.ephemeral_containers.is_some() {
        return Err(refuse(
            "ephemeralContainers cannot be part of a template; remove them",
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

/// Annotations under our prefix say what we did, not what a user wants.
fn annotations(merged: &PodTemplateSpec) -> Result<(), Refusal> {
    let annotations = merged
        .metadata
        .iter()
        .flat_map(|meta| meta.annotations.iter().flatten());
    let mut keys = annotations.map(|(key, _)| key);
    match keys.find(|key| is_own_key(key)) {
        Some(key) => Err(refuse(format!(
            "annotation {key} is Hivewright's own; remove it"
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
                .filter(|(key, _)| !key.starts_with('$'))
                .map(|(key, value)| (key.clone(), without_directives(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(without_directives).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => patch.clone(),
    }
}

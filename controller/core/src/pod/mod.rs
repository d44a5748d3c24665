//! The pod that runs the user's image: ours, with the user's template merged onto it.
//!
//! ```text
//!  spec ──base──> PodTemplateSpec ──merge(podTemplateSpec)──> PodTemplateSpec ──check──> the pod
//!                                          │                                              │
//!                                        clash (names and paths of volumes)   gateway, secrets
//! ```

mod base;
mod check;
mod clash;
mod gateway;
mod marks;
mod merge;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::Value;

pub(crate) use base::Base;
pub(crate) use gateway::through_gateway;
pub(crate) use marks::{keep_secrets_mark, mark_restart, mark_secrets};

use crate::refusal::{Refusal, RefusalReason};

const FIELD: &str = "spec.podTemplateSpec";

/// The pod template of this server, or what to change in the user's.
pub(crate) fn template(base: &Base<'_>, patch: Option<&Value>) -> Result<PodTemplateSpec, Refusal> {
    let ours = base.template();
    let Some(patch) = patch else {
        return Ok(ours);
    };
    let theirs = check::patch(patch)?;
    clash::volumes(base.mounts, &theirs)?;
    let mut merged = serde_json::to_value(&ours).expect("a pod template is JSON");
    merge::strategic(&mut merged, patch).map_err(|error| refuse(error.to_string()))?;
    let mut merged: PodTemplateSpec =
        serde_json::from_value(merged).map_err(|error| refuse(check::type_fault(&error)))?;
    base::keep_gate(&mut merged);
    check::merged(&merged, &ours, base.transport)?;
    check::main_is_named(&theirs, base.image)?;
    Ok(merged)
}

fn refuse(sentence: impl Into<String>) -> Refusal {
    Refusal::new(RefusalReason::InvalidPodTemplate, FIELD, sentence)
}

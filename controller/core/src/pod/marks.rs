//! The marks by which a changed Secret, or the user's word, means a new pod.

use std::collections::BTreeMap;

use hivewright_api::names;
use k8s_openapi::api::core::v1::PodTemplateSpec;

use crate::observed::SecretFacts;
use crate::render::hash;

/// What stands for the version of a Secret that does not exist.
const ABSENT: &str = "absent";

/// Marks the template with the versions of these Secrets, which it reads once, into variables. A
/// template that reads none has no mark.
pub(crate) fn mark_secrets<'a>(
    template: &mut PodTemplateSpec,
    read: impl Iterator<Item = &'a str>,
    versions: &BTreeMap<String, SecretFacts>,
) {
    let text = read.fold(String::new(), |text, name| {
        let version = versions.get(name).map_or(ABSENT, |facts| &facts.version);
        text + &format!("{name}={version}\n")
    });
    if text.is_empty() {
        return;
    }
    mark(template, names::SECRETS_CHECKSUM, hash(&text));
}

/// Leaves the mark as it stands: to take it away would mean new pods, just when none are wanted.
pub(crate) fn keep_secrets_mark(template: &mut PodTemplateSpec, present: &str) {
    mark(template, names::SECRETS_CHECKSUM, present.to_owned());
}

/// Marks the template with the user's request for new pods.
pub(crate) fn mark_restart(template: &mut PodTemplateSpec, at: &str) {
    mark(template, names::RESTARTED_AT, at.to_owned());
}

fn mark(template: &mut PodTemplateSpec, name: &str, value: String) {
    let meta = template.metadata.get_or_insert_default();
    let annotations = meta.annotations.get_or_insert_default();
    annotations.insert(name.to_owned(), value);
}

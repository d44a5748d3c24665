//! Image and environment of the server's container.

use std::collections::BTreeSet;

use hivewright_api::spec::EnvVar;

use crate::refusal::{Refusal, RefusalReason};

/// Checks that an image can be one: the container runtime would say so much later.
pub(super) fn image(image: &str) -> Result<&str, Refusal> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-/:@+".contains(c);
    let begins = image
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_alphanumeric());
    if begins && image.chars().all(fits) && !image.ends_with(['/', ':', '@']) {
        return Ok(image);
    }
    Err(Refusal::new(
        RefusalReason::InvalidImage,
        "spec.image",
        format!("`{image}` cannot be an image; write it like registry.example.com/team/server:1.0"),
    ))
}

/// Checks the names of environment variables in the list of this field.
pub(super) fn env(field: &str, env: &[EnvVar]) -> Result<Vec<(String, String)>, Refusal> {
    let mut seen = BTreeSet::new();
    env.iter()
        .map(|EnvVar { name, value }| {
            if !is_variable(name) {
                let sentence = format!(
                    "`{name}` cannot be the name of a variable; use letters, digits and '_'"
                );
                Err(refuse(field, sentence))
            } else if seen.insert(name) {
                Ok((name.clone(), value.clone()))
            } else {
                let sentence = format!("`{name}` is given twice; remove one of them");
                Err(refuse(field, sentence))
            }
        })
        .collect()
}

/// Printable ASCII without `=`: what Kubernetes allows since 1.34 (KEP-4369).
pub(super) fn is_variable(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_graphic() && c != '=';
    !name.is_empty() && name.chars().all(fits)
}

fn refuse(field: &str, sentence: String) -> Refusal {
    Refusal::new(RefusalReason::InvalidEnv, field, sentence)
}

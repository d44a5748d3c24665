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

/// Checks the names of environment variables.
pub(super) fn env(env: &[EnvVar]) -> Result<Vec<(String, String)>, Refusal> {
    let mut seen = BTreeSet::new();
    env.iter()
        .map(|var| {
            name(&var.name)?;
            if seen.insert(&var.name) {
                Ok((var.name.clone(), var.value.clone()))
            } else {
                Err(refuse(format!(
                    "`{}` is given twice; remove one of them",
                    var.name
                )))
            }
        })
        .collect()
}

/// Printable ASCII without `=`: what Kubernetes allows since 1.34 (KEP-4369).
fn name(name: &str) -> Result<(), Refusal> {
    let fits = |c: char| c.is_ascii_graphic() && c != '=';
    if !name.is_empty() && name.chars().all(fits) {
        return Ok(());
    }
    Err(refuse(format!(
        "`{name}` cannot be the name of a variable; use letters, digits and '_'"
    )))
}

fn refuse(sentence: String) -> Refusal {
    Refusal::new(RefusalReason::InvalidEnv, "spec.env", sentence)
}

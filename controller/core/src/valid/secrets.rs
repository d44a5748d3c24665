//! Keys of Secrets as environment variables.

use hivewright_api::spec::SecretEnv;

use super::container::is_variable;
use super::names::{is_data_key, is_subdomain};
use crate::refusal::{Refusal, RefusalReason};

/// An environment variable whose value stands in a Secret. The value itself is never seen here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretVariable {
    pub(crate) variable: String,
    pub(crate) secret: String,
    pub(crate) key: String,
}

impl SecretVariable {
    /// How a sentence names its source.
    fn source(&self) -> String {
        format!("key `{}` of Secret `{}`", self.key, self.secret)
    }
}

/// Checks the names, and that each variable has one source. `plain` are those of `spec.env`.
pub(super) fn parse(
    secrets: &[SecretEnv],
    plain: &[(String, String)],
) -> Result<Vec<SecretVariable>, Refusal> {
    let mut parsed: Vec<SecretVariable> = Vec::new();
    for secret in secrets {
        let one = variable(secret)?;
        let name = &one.variable;
        if let Some(other) = parsed.iter().find(|other| other.variable == *name) {
            return Err(refuse(format!(
                "`{name}` is to come from {} and from {}; choose another targetEnvName for one of them",
                other.source(),
                one.source()
            )));
        }
        if plain.iter().any(|(taken, _)| taken == name) {
            return Err(refuse(format!(
                "`{name}` is to come from {} and from spec.env; remove one of them, or choose another targetEnvName",
                one.source()
            )));
        }
        parsed.push(one);
    }
    Ok(parsed)
}

fn variable(secret: &SecretEnv) -> Result<SecretVariable, Refusal> {
    if !is_subdomain(&secret.name) {
        return Err(refuse(format!(
            "`{}` cannot be the name of a Secret; use lower-case letters, digits, '-' and '.'",
            secret.name
        )));
    }
    if !is_data_key(&secret.key) {
        return Err(refuse(format!(
            "`{}` cannot be a key of Secret `{}`; use letters, digits, '-', '_' and '.'",
            secret.key, secret.name
        )));
    }
    let variable = secret.target_env_name.as_ref().unwrap_or(&secret.key);
    if !is_variable(variable) {
        return Err(refuse(format!(
            "targetEnvName `{variable}` cannot be the name of a variable; use letters, digits and '_'"
        )));
    }
    Ok(SecretVariable {
        variable: variable.clone(),
        secret: secret.name.clone(),
        key: secret.key.clone(),
    })
}

fn refuse(sentence: String) -> Refusal {
    Refusal::new(RefusalReason::InvalidSecret, "spec.secrets", sentence)
}

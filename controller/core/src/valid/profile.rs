//! Which permission profile applies.

use hivewright_api::spec::PermissionProfile;
use k8s_openapi::api::core::v1::ConfigMap;

use super::names::{is_data_key, is_subdomain};
use crate::profile::{self, Profile};
use crate::refusal::{Refusal, RefusalReason};

/// The field of all profiles.
const FIELD: &str = "spec.permissionProfile";

/// `stdio` is an older name of `none`; no profile at all means `network`. `found` is the ConfigMap
/// that the profile names, if it exists.
pub(super) fn parse(
    profile: Option<&PermissionProfile>,
    found: Option<&ConfigMap>,
) -> Result<Profile, Refusal> {
    let Some(given) = profile else {
        return Ok(Profile::network());
    };
    match (given.kind.as_str(), given.name.as_str()) {
        ("builtin", "none" | "stdio") => Ok(Profile::none()),
        ("builtin", "network") => Ok(Profile::network()),
        ("builtin", other) => Err(invalid(
            "spec.permissionProfile.name",
            format!("there is no built-in profile `{other}`; use none or network"),
        )),
        ("configmap", name) => from_config_map(name, given.key.as_deref(), found),
        (other, _) => Err(invalid(
            "spec.permissionProfile.type",
            format!("`{other}` is no type of profile; use builtin or configmap"),
        )),
    }
}

fn from_config_map(
    name: &str,
    key: Option<&str>,
    found: Option<&ConfigMap>,
) -> Result<Profile, Refusal> {
    if !is_subdomain(name) {
        return Err(invalid(
            "spec.permissionProfile.name",
            format!(
                "`{name}` cannot be the name of a ConfigMap; use lower-case letters, digits, '-' and '.'"
            ),
        ));
    }
    if let Some(key) = key.filter(|key| !is_data_key(key)) {
        return Err(invalid(
            "spec.permissionProfile.key",
            format!(
                "`{key}` cannot be a key of a ConfigMap; use letters, digits, '-', '_' and '.'"
            ),
        ));
    }
    let Some(found) = found else {
        return Err(missing(format!(
            "there is no ConfigMap `{name}` in the server's namespace; create it"
        )));
    };
    let (key, json) = document(name, key, found)?;
    profile::parse(json)
        .map_err(|fault| invalid(FIELD, format!("key `{key}` of ConfigMap `{name}`: {fault}")))
}

/// The key that is meant, with what stands there.
fn document<'a>(
    name: &str,
    key: Option<&'a str>,
    found: &'a ConfigMap,
) -> Result<(&'a str, &'a str), Refusal> {
    let data = || found.data.iter().flatten();
    let keys = || {
        let keys: Vec<_> = data().map(|(key, _)| format!("`{key}`")).collect();
        keys.join(", ")
    };
    let mut wanted = data().filter(|(found, _)| key.is_none_or(|key| key == found.as_str()));
    match (key, wanted.next(), wanted.next()) {
        (_, Some((key, json)), None) => Ok((key, json)),
        (Some(key), _, _) => Err(missing(format!(
            "ConfigMap `{name}` has no key `{key}`; add it, or name one of those it has: {}",
            if data().next().is_none() {
                "none".to_owned()
            } else {
                keys()
            }
        ))),
        (None, None, _) => Err(missing(format!(
            "ConfigMap `{name}` is empty; add the profile to it"
        ))),
        (None, Some(_), Some(_)) => Err(invalid(
            "spec.permissionProfile.key",
            format!(
                "ConfigMap `{name}` has the keys {}; say which of them is the profile",
                keys()
            ),
        )),
    }
}

fn invalid(field: &str, sentence: String) -> Refusal {
    Refusal::new(RefusalReason::InvalidProfile, field, sentence)
}

fn missing(sentence: String) -> Refusal {
    Refusal::new(RefusalReason::ProfileNotFound, FIELD, sentence)
}

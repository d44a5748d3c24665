//! What the server may reach.

use hivewright_api::spec::PermissionProfile;

use crate::refusal::{Refusal, RefusalReason};

/// A built-in permission profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// No egress at all.
    None,
    /// Egress everywhere but the cloud's metadata address.
    Network,
}

impl Profile {
    /// `stdio` is an older name of `none`; no profile at all means `network`.
    pub(super) fn parse(profile: Option<&PermissionProfile>) -> Result<Self, Refusal> {
        let Some(profile) = profile else {
            return Ok(Self::Network);
        };
        if profile.kind != "builtin" {
            return Err(refuse(
                "spec.permissionProfile.type",
                format!("`{}` is no type of profile; use builtin", profile.kind),
            ));
        }
        match profile.name.as_str() {
            "none" | "stdio" => Ok(Self::None),
            "network" => Ok(Self::Network),
            other => Err(refuse(
                "spec.permissionProfile.name",
                format!("there is no built-in profile `{other}`; use none or network"),
            )),
        }
    }
}

fn refuse(field: &str, sentence: String) -> Refusal {
    Refusal::new(RefusalReason::InvalidProfile, field, sentence)
}

//! The profile as JSON.

use serde::Deserialize;

use super::{Fault, Profile, mounts, reach};

/// The document. What it does not know is refused: a rule that is not followed must not look as
/// if it were.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// For people only.
    #[serde(default, rename = "name")]
    _name: Option<String>,
    #[serde(default)]
    read: Option<Vec<String>>,
    #[serde(default)]
    write: Option<Vec<String>>,
    #[serde(default)]
    network: Option<Network>,
    #[serde(default)]
    privileged: Option<bool>,
}

/// What may pass, either way.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Network {
    #[serde(default)]
    pub(super) mode: Option<String>,
    #[serde(default)]
    pub(super) outbound: Option<Outbound>,
    #[serde(default)]
    pub(super) inbound: Option<Inbound>,
}

/// What the server may reach.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outbound {
    #[serde(default)]
    pub(super) insecure_allow_all: Option<bool>,
    #[serde(default)]
    pub(super) allow_host: Option<Vec<String>>,
    #[serde(default)]
    pub(super) allow_port: Option<Vec<i64>>,
}

/// Under which names clients may reach the server.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inbound {
    #[serde(default)]
    pub(super) allow_host: Option<Vec<String>>,
}

/// Reads a profile.
pub(crate) fn parse(json: &str) -> Result<Profile, Fault> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let document: Document = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = match error.path().to_string().as_str() {
            "." => "the profile".to_owned(),
            path => path.to_owned(),
        };
        Fault::new(path, format!("{}; correct it", error.inner()))
    })?;
    reader
        .end()
        .map_err(|error| Fault::new("the profile", format!("{error}; remove what follows it")))?;
    let network = document.network.unwrap_or_default();
    Ok(Profile {
        egress: reach::egress(&network)?,
        inbound: reach::inbound(&network)?,
        mounts: mounts::parse(
            document.read.as_deref().unwrap_or_default(),
            document.write.as_deref().unwrap_or_default(),
        )?,
        privileged: document.privileged.unwrap_or_default(),
    })
}

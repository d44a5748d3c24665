//! Volumes of the server's pod, each mounted into its main container.

use hivewright_api::spec::Volume;
use k8s_openapi::api::core::v1;
use serde_json::{Value, json};

use super::names::is_label;
use crate::profile::{Place, Profile};
use crate::refusal::{Refusal, RefusalReason};
use crate::strict::{self, Fault};

/// A volume, and where the main container finds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mounted {
    pub(crate) volume: v1::Volume,
    pub(crate) path: String,
    pub(crate) read_only: bool,
    /// The field of the spec that asked for it.
    pub(crate) field: &'static str,
}

/// The field of all volumes here.
const FIELD: &str = "spec.volumes";

/// Checks the volumes of the spec, each on its own.
pub(super) fn parse(volumes: &[Volume]) -> Result<Vec<Mounted>, Refusal> {
    volumes.iter().map(one).collect()
}

/// What the permission profile mounts. The names keep apart from any that a user would choose.
pub(super) fn of_profile(profile: &Profile) -> Vec<Mounted> {
    let mounts = profile.mounts.iter().enumerate();
    let mounted = mounts.map(|(i, mount)| {
        let mut volume = v1::Volume {
            name: format!("hivewright-profile-{i}"),
            ..v1::Volume::default()
        };
        match &mount.from {
            Place::Node(path) => {
                volume.host_path = Some(v1::HostPathVolumeSource {
                    path: path.clone(),
                    ..v1::HostPathVolumeSource::default()
                });
            }
            Place::Claim(claim) => {
                volume.persistent_volume_claim = Some(v1::PersistentVolumeClaimVolumeSource {
                    claim_name: claim.clone(),
                    ..v1::PersistentVolumeClaimVolumeSource::default()
                });
            }
        }
        Mounted {
            volume,
            path: mount.path.clone(),
            read_only: !mount.writable,
            field: "spec.permissionProfile",
        }
    });
    mounted.collect()
}

/// Checks that no two of them want one name or one path.
pub(super) fn apart(all: &[Mounted]) -> Result<(), Refusal> {
    for (i, one) in all.iter().enumerate() {
        let name = &one.volume.name;
        for other in &all[..i] {
            if other.volume.name == *name {
                return Err(refuse(format!(
                    "`{name}` is the name of two volumes; rename one of them"
                )));
            }
            if other.path == one.path {
                return Err(Refusal::new(
                    RefusalReason::InvalidVolume,
                    one.field,
                    format!(
                        "`{}` and `{name}` are both to be mounted at {}; choose another path for one of them",
                        other.volume.name, one.path
                    ),
                ));
            }
        }
    }
    Ok(())
}

fn one(volume: &Volume) -> Result<Mounted, Refusal> {
    let name = &volume.name;
    if !is_label(name) {
        return Err(refuse(format!(
            "`{name}` cannot be the name of a volume; use lower-case letters, digits and '-'"
        )));
    }
    let Some(path) = path(&volume.mount_path) else {
        return Err(refuse(format!(
            "`{name}` cannot be mounted at `{}`; choose an absolute path without ':' and '..', such as /data",
            volume.mount_path
        )));
    };
    Ok(Mounted {
        volume: source(volume)?,
        path,
        read_only: volume.read_only.unwrap_or_default(),
        field: FIELD,
    })
}

/// An absolute path below the root, without slashes at its end; `None` if it is none.
pub(crate) fn path(text: &str) -> Option<String> {
    let path = text.trim_end_matches('/');
    let fits = path.starts_with('/')
        && !path.contains(':')
        && !path.contains(char::is_control)
        && path.split('/').all(|step| step != "..");
    fits.then(|| path.to_owned())
}

/// Exactly one source: the path on the node, or one that Kubernetes knows.
fn source(volume: &Volume) -> Result<v1::Volume, Refusal> {
    let name = &volume.name;
    let mut sources: Vec<(&str, Value)> = volume
        .source
        .iter()
        .filter(|(_, source)| !source.is_null())
        .map(|(kind, source)| (kind.as_str(), source.clone()))
        .collect();
    if let Some(host) = &volume.host_path {
        let host = path(host).ok_or_else(|| {
            refuse(format!(
                "`{name}` has the hostPath `{host}`; choose an absolute path of the node without ':' and '..', such as /srv/data"
            ))
        })?;
        sources.insert(0, ("hostPath", json!({ "path": host })));
    }
    let mut whole = json!({ "name": name });
    for (kind, source) in &sources {
        whole[*kind] = source.clone();
    }
    let typed: v1::Volume = strict::typed(&whole).map_err(|fault| {
        refuse(match fault {
            Fault::Unknown(place) => {
                format!("`{name}`: {place} is not a field of a volume; correct its name")
            }
            Fault::Type(cause) => {
                format!("`{name}`: a value has the wrong type; correct it: {cause}")
            }
        })
    })?;
    match sources.as_slice() {
        [_] => Ok(typed),
        [] => Err(refuse(format!(
            "`{name}` has no source; add hostPath, or a source that Kubernetes knows, such as persistentVolumeClaim"
        ))),
        [(first, _), (second, _), ..] => Err(refuse(format!(
            "`{name}` has several sources, such as {first} and {second}; keep one of them"
        ))),
    }
}

fn refuse(sentence: String) -> Refusal {
    Refusal::new(RefusalReason::InvalidVolume, FIELD, sentence)
}

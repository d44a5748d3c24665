//! Volumes of the spec against those of the user's template: a merge would make one of two.

use hivewright_api::names;
use k8s_openapi::api::core::v1::PodTemplateSpec;

use crate::refusal::{Refusal, RefusalReason};
use crate::valid::{Mounted, mount_path};

/// Refuses a template with a volume of the same name, or a mount of the main container at the same
/// path, as one of `mounts`.
pub(super) fn volumes(mounts: &[Mounted], theirs: &PodTemplateSpec) -> Result<(), Refusal> {
    let Some(pod) = &theirs.spec else {
        return Ok(());
    };
    for volume in pod.volumes.iter().flatten() {
        if let Some(ours) = mounts.iter().find(|ours| ours.volume.name == volume.name) {
            let sentence = format!(
                "`{}` is the name of a volume in podTemplateSpec too; rename one of them",
                volume.name
            );
            return Err(refuse(ours, sentence));
        }
    }
    let mut main = pod.containers.iter();
    let main = main.find(|container| container.name == names::MCP_CONTAINER);
    for mount in main
        .iter()
        .flat_map(|main| main.volume_mounts.iter().flatten())
    {
        let same = |ours: &&Mounted| Some(&ours.path) == mount_path(&mount.mount_path).as_ref();
        if let Some(ours) = mounts.iter().find(same) {
            let sentence = format!(
                "`{}` and `{}` of podTemplateSpec are both to be mounted at {}; choose another path for one of them",
                ours.volume.name, mount.name, ours.path
            );
            return Err(refuse(ours, sentence));
        }
    }
    Ok(())
}

fn refuse(ours: &Mounted, sentence: String) -> Refusal {
    Refusal::new(RefusalReason::InvalidVolume, ours.field, sentence)
}

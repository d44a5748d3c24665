//! The node image: the published one where it can be pulled, otherwise one from packages.
//!
//! ```text
//!  in the engine, made of these inputs --------------------------------------> use it
//!  published one there, or to be pulled -------------------------------------> use it
//!  otherwise   kube, agent (Go)     --\
//!              minbase, packages    ---+--> root file system --> control-plane images --> node image
//! ```

use std::io;

use crate::command::CommandError;
use crate::docker::{self, Image};
use crate::machine;
use crate::missing::Needs;
use crate::place::Place;
use crate::roots::{self, Root};
use crate::stamp::{Stamp, StampError};
use crate::step::{Done, Log, StepFailed, step};
use crate::tools::{self, Tool};

/// The version of Kubernetes, of kubectl and of the published node image. The test below holds it
/// to `kind/node/versions`.
pub const KUBE_VERSION: &str = "v1.34.4";

/// The image that kind publishes.
const PUBLISHED: &str = "kindest/node:v1.34.4";

/// What building it takes.
const NEEDS: Needs = Needs {
    what: "the node image",
    programs: &["go", "cc", "tar"],
    root: true,
};

/// The files under `kind/node` that decide what the image holds beside the roots and the binaries.
const SCRIPTS: [&str; 7] = [
    "versions",
    "lib.sh",
    "rootfs.sh",
    "inside.sh",
    "core.sh",
    "image.sh",
    "pause.c",
];

/// Why there is no node image.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// It can neither be pulled nor built.
    #[error("{0}")]
    Unmet(String),
    /// The sources could not be read.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// kubectl could not be put into the cache.
    #[error("the cache could not be written")]
    Cache(#[from] io::Error),
    /// A command failed.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// The image that the cluster is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeImage {
    /// Its name in the engine.
    pub name: String,
    /// Whether it is ours, with a static network and a policy agent, and not kind's.
    pub built: bool,
}

/// Makes sure that there is a node image, and kubectl with it.
///
/// # Errors
/// When a step failed; it has said so.
pub async fn ensure(place: &Place) -> Result<NodeImage, StepFailed> {
    let found = step(place, "node image", async |log: &Log| {
        find(place, log).await
    })
    .await?;
    if let Some(image) = found {
        return Ok(image);
    }
    let binaries = async {
        step(place, "policy agent", async |log: &Log| {
            tools::ensure(place, Tool::PolicyAgent, log).await
        })
        .await?;
        step(place, "kubernetes", async |log: &Log| {
            tools::ensure(place, Tool::Kube, log).await
        })
        .await
    };
    // Debian's packages come over the network while Go keeps the cores busy.
    let packages = async {
        step(place, "debian root", async |log: &Log| {
            roots::ensure(place, Root::Minbase, log).await
        })
        .await?;
        step(place, "node packages", async |log: &Log| {
            roots::ensure(place, Root::NodePackages, log).await
        })
        .await
    };
    tokio::try_join!(binaries, packages)?;
    step(place, "node image build", async |log: &Log| {
        build(place, log).await
    })
    .await
}

/// The image in the engine that can be used as it is.
async fn find(place: &Place, log: &Log) -> Result<Done<Option<NodeImage>>, NodeError> {
    let ours = name(place)?;
    if docker::image(place, &ours).await? != Image::Absent && kubectl_is_ours(place)? {
        let image = NodeImage {
            name: ours.clone(),
            built: true,
        };
        return Ok(Done::new(Some(image), ours));
    }
    let there = docker::image(place, PUBLISHED).await? != Image::Absent;
    if there || docker::pull(place, PUBLISHED, log).await? {
        kubectl_of(place, log).await?;
        let image = NodeImage {
            name: PUBLISHED.to_owned(),
            built: false,
        };
        return Ok(Done::new(Some(image), PUBLISHED));
    }
    match machine::unmet(place, &NEEDS) {
        Some(sentence) => Err(NodeError::Unmet(sentence)),
        None => Ok(Done::new(
            None,
            "none yet, and it cannot be pulled; building it from packages",
        )),
    }
}

/// Whether kubectl and kubeadm, which come with the node image that we build, are in the cache: the
/// engine keeps the image when the cache is deleted.
fn kubectl_is_ours(place: &Place) -> Result<bool, StampError> {
    tools::is_current(place, Tool::Kube)
}

/// kubectl of the node's version, out of the published image.
async fn kubectl_of(place: &Place, log: &Log) -> Result<(), NodeError> {
    let kubectl = place.bin().join("kubectl");
    if kubectl.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(place.bin())?;
    let container = docker::docker(place, ["create", PUBLISHED]).text().await?;
    let from = format!("{container}:/usr/bin/kubectl");
    let copy = docker::docker(place, ["cp", &from])
        .arg(&kubectl)
        .run(log.file())
        .await;
    docker::docker(place, ["rm", &container])
        .run(log.file())
        .await?;
    Ok(copy?)
}

async fn build(place: &Place, log: &Log) -> Result<Done<NodeImage>, NodeError> {
    let name = name(place)?;
    let scripts = place.project.join("kind/node");
    let run = |script: &str| {
        place
            .cmd("bash")
            .arg(scripts.join(script))
            .bound(roots::SCRIPT_BOUND)
    };
    run("rootfs.sh").run(log.file()).await?;
    run("core.sh").run(log.file()).await?;
    let label = docker::label(&stamp(place)?);
    run("image.sh")
        .args([&name, &label])
        .run(log.file())
        .await?;
    Ok(Done::new(
        NodeImage {
            name: name.clone(),
            built: true,
        },
        name,
    ))
}

fn name(place: &Place) -> Result<String, StampError> {
    Ok(format!("hivewright/node:{}", stamp(place)?))
}

fn stamp(place: &Place) -> Result<String, StampError> {
    let dir = place.project.join("kind/node");
    let mut stamp = Stamp::new()
        .text(&tools::stamp(place, Tool::Kube)?)
        .text(&tools::stamp(place, Tool::PolicyAgent)?)
        .text(&tools::stamp(place, Tool::Kind)?)
        .text(&Root::NodePackages.stamp(place)?)
        .tree(&dir.join("files"))?;
    for script in SCRIPTS {
        stamp = stamp.file(&dir.join(script))?;
    }
    Ok(stamp.hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE_DIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../kind/node");

    #[test]
    fn one_version_of_kubernetes_everywhere() {
        let versions = std::fs::read_to_string(format!("{NODE_DIR}/versions")).expect("readable");
        assert!(
            versions.contains(&format!("KUBE_VERSION={KUBE_VERSION}\n")),
            "{versions}"
        );
        let module = std::fs::read_to_string(format!("{NODE_DIR}/kube/go.mod")).expect("readable");
        assert!(module.contains(&format!("k8s.io/kubernetes {KUBE_VERSION}\n")));
        assert!(PUBLISHED.ends_with(KUBE_VERSION));
    }

    #[test]
    fn every_script_of_the_node_counts_towards_its_hash() {
        let counted = ["minbase.sh", "packages.sh", "packages", "files", "kube"];
        for entry in std::fs::read_dir(NODE_DIR).expect("readable") {
            let name = entry
                .expect("readable")
                .file_name()
                .into_string()
                .expect("UTF-8");
            let name = name.as_str();
            assert!(
                SCRIPTS.contains(&name) || counted.contains(&name),
                "{name} is not hashed"
            );
        }
    }
}

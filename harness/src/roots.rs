//! Root file systems from Debian's packages: the parts of images that no Go or Rust build makes.

use std::io;
use std::time::Duration;

use crate::command::CommandError;
use crate::machine;
use crate::place::Place;
use crate::stamp::{Made, Stamp, StampError};
use crate::step::{Done, Log};

/// Time for one script: a few hundred MB of packages on a slow line.
pub const SCRIPT_BOUND: Duration = Duration::from_mins(30);

/// Why a root file system could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// Something that it takes is missing.
    #[error("{0}")]
    Unmet(String),
    /// The sources could not be read.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// The cache could not be written.
    #[error("the cache could not be written")]
    Cache(#[from] io::Error),
    /// A script failed.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// A cached root, each made from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// The smallest Debian.
    Minbase,
    /// With the node's packages.
    NodePackages,
}

impl Root {
    fn name(self) -> &'static str {
        match self {
            Self::Minbase => "minbase",
            Self::NodePackages => "node-packages",
        }
    }

    fn script(self) -> &'static str {
        match self {
            Self::Minbase => "minbase.sh",
            Self::NodePackages => "packages.sh",
        }
    }

    /// What it is made of.
    ///
    /// # Errors
    /// When the scripts cannot be read.
    pub fn stamp(self, place: &Place) -> Result<String, StampError> {
        let dir = place.project.join("kind/node");
        let stamp = Stamp::new()
            .file(&dir.join("versions"))?
            .file(&dir.join(self.script()))?;
        Ok(match self {
            Self::Minbase => stamp,
            Self::NodePackages => stamp
                .text(&Self::Minbase.stamp(place)?)
                .file(&dir.join("packages"))?,
        }
        .hex())
    }
}

/// Makes sure that a root is in the cache.
///
/// # Errors
/// What is missing, or what failed.
pub async fn ensure(place: &Place, root: Root, log: &Log) -> Result<Done<()>, RootError> {
    let made = Made::new(
        &place.cache,
        root.name(),
        place.cache.join("roots").join(root.name()),
    );
    let stamp = root.stamp(place)?;
    if made.is_current(&stamp) {
        return Ok(Done::new((), "as before"));
    }
    if root == Root::Minbase {
        debootstrap(place, log).await?;
    }
    made.begin()?;
    let script = place.project.join("kind/node").join(root.script());
    place
        .cmd("bash")
        .arg(script)
        .bound(SCRIPT_BOUND)
        .run(log.file())
        .await?;
    made.finish(&stamp)?;
    Ok(Done::new((), "made"))
}

async fn debootstrap(place: &Place, log: &Log) -> Result<(), RootError> {
    if machine::find(place, "debootstrap").is_some() || !machine::is_debian() {
        return Ok(());
    }
    for args in [
        &["-q", "update"][..],
        &[
            "-q",
            "install",
            "-y",
            "--no-install-recommends",
            "debootstrap",
        ],
    ] {
        let apt = place
            .cmd("apt-get")
            .args(args)
            .env("DEBIAN_FRONTEND", "noninteractive");
        apt.bound(SCRIPT_BOUND).run(log.file()).await?;
    }
    Ok(())
}

//! Programs from npm packages, pinned by a `package.json` and its lock file, under the cache.
//!
//! ```text
//!  FOLDER/{package,package-lock}.json ──copied──> CACHE/npm/NAME ──npm ci──> node_modules
//! ```
//!
//! The lock file holds a hash of every package and no address: which registry they come from is the
//! machine's to say.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::command::CommandError;
use crate::place::Place;
use crate::stamp::{Made, Stamp, StampError};
use crate::step::Log;

/// Time for one lock file's packages from a cold cache: 200 MB at most.
const INSTALL_BOUND: Duration = Duration::from_mins(10);

/// The files that pin everything.
const PINS: [&str; 2] = ["package.json", "package-lock.json"];

/// The official conformance suite, and the Node that runs it and everything else of npm here.
pub const CONFORMANCE: Npm = Npm {
    name: "conformance",
    folder: "kind/tools/conformance",
};

/// The rules of accessibility that the status page is held to.
pub const AXE: Npm = Npm {
    name: "axe",
    folder: "kind/tools/axe",
};

/// A lock file's packages.
#[derive(Debug, Clone, Copy)]
pub struct Npm {
    /// Its name under the cache.
    pub name: &'static str,
    /// Where its `package.json` and `package-lock.json` are in the project.
    pub folder: &'static str,
}

/// Why packages are not there.
#[derive(Debug, thiserror::Error)]
pub enum NpmError {
    /// The pins could not be read.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// The cache could not be written.
    #[error("the cache could not be written")]
    Cache(#[from] io::Error),
    /// npm is missing, or could not install.
    #[error("the npm packages of {folder} could not be installed")]
    Install {
        /// The pins' folder.
        folder: &'static str,
        /// What failed.
        source: CommandError,
    },
    /// There is no pinned Node for this machine.
    #[error("no Node for this machine is pinned in {folder}; it takes Linux on x86-64 or arm64", folder = CONFORMANCE.folder)]
    NoNode,
}

/// The packages, if they are there as pinned.
///
/// # Errors
/// When the pins cannot be read.
pub fn find(place: &Place, npm: &Npm) -> Result<Option<PathBuf>, NpmError> {
    let (folder, made) = product(place, npm);
    Ok(made.is_current(&stamp(place, npm)?).then_some(folder))
}

fn product(place: &Place, npm: &Npm) -> (PathBuf, Made) {
    let folder = place.cache.join("npm").join(npm.name);
    let name = format!("npm-{}", npm.name);
    let made = Made::new(&place.cache, &name, folder.join("node_modules"));
    (folder, made)
}

fn stamp(place: &Place, npm: &Npm) -> Result<String, NpmError> {
    let mut stamp = Stamp::new();
    for pin in PINS {
        stamp = stamp.file(&place.project.join(npm.folder).join(pin))?;
    }
    Ok(stamp.hex())
}

/// Makes sure that the packages are there as pinned, and returns the folder that holds their
/// `node_modules`. No package's install script is run.
///
/// # Errors
/// What is missing or failed.
pub async fn ensure(place: &Place, npm: &Npm, log: &Log) -> Result<PathBuf, NpmError> {
    let (folder, made) = product(place, npm);
    let stamp = stamp(place, npm)?;
    if made.is_current(&stamp) {
        return Ok(folder);
    }
    made.begin()?;
    std::fs::create_dir_all(&folder)?;
    for pin in PINS {
        std::fs::copy(place.project.join(npm.folder).join(pin), folder.join(pin))?;
    }
    let ci = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    let ci = place.cmd("npm").args(ci).current_dir(&folder);
    let ran = ci.bound(INSTALL_BOUND).run(log.file()).await;
    ran.map_err(|source| NpmError::Install {
        folder: npm.folder,
        source,
    })?;
    made.finish(&stamp)?;
    Ok(folder)
}

/// The pinned Node: what the packages here need is newer than what distributions have.
///
/// # Errors
/// As [`ensure`], or this machine is of a kind that none is pinned for.
pub async fn node(place: &Place, log: &Log) -> Result<PathBuf, NpmError> {
    let folder = ensure(place, &CONFORMANCE, log).await?;
    let machine = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        _ => return Err(NpmError::NoNode),
    };
    let node = folder.join(format!("node_modules/node-linux-{machine}/bin/node"));
    if node.is_file() {
        Ok(node)
    } else {
        Err(NpmError::NoNode)
    }
}

/// A copy of our own scripts beside `node_modules`, where their imports are looked for.
///
/// # Errors
/// When they cannot be read, or the cache cannot be written.
pub fn beside(scripts: &Path, folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(scripts)? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "mjs") {
            std::fs::copy(&path, folder.join(path.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lock_file_has_hashes_and_no_address_of_a_registry() {
        let project = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        for folder in [
            CONFORMANCE.folder,
            AXE.folder,
            "e2e/clients/node",
            "e2e/servers/real/node",
            "harness/peers/npm",
        ] {
            let lock = std::fs::read_to_string(project.join(folder).join("package-lock.json"));
            let lock = lock.expect("every package.json has its lock file");
            assert!(lock.contains("\"integrity\": \"sha512-"), "{folder}");
            assert!(!lock.contains("\"resolved\""), "{folder}");
        }
    }
}

//! Python programs from pinned packages, in virtual environments under the cache.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::Mutex;

use crate::command::{Cmd, CommandError};
use crate::machine;
use crate::place::Place;
use crate::stamp::{Made, Stamp, StampError};

/// Making one environment: a download of 20 to 60 MB the first time.
const SETUP_BOUND: Duration = Duration::from_mins(10);

/// Tests of one process take turns; the second finds everything made.
static TURN: Mutex<()> = Mutex::const_new(());

/// An environment.
#[derive(Debug, Clone, Copy)]
pub struct Venv {
    /// Its name under the cache.
    pub name: &'static str,
    /// The file in the project that pins all its packages.
    pub pins: &'static str,
}

/// Why an environment is not there.
#[derive(Debug, thiserror::Error)]
pub enum VenvError {
    /// The pins could not be read.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// The cache could not be written.
    #[error("the cache could not be written")]
    Cache(#[from] io::Error),
    /// Python or its venv module is missing.
    #[error(
        "python3 cannot make a virtual environment; install Python 3.11 or newer with its venv \
         module (on Debian: apt-get install python3-venv)"
    )]
    NoVenv(#[source] CommandError),
    /// The packages could not be had.
    #[error("the Python packages of {pins} could not be installed")]
    Install {
        /// The file that pins them.
        pins: &'static str,
        /// What failed.
        source: CommandError,
    },
}

/// Makes sure that the environment is there as pinned, and returns its interpreter. Only wheels are
/// installed: nothing is compiled and no package runs code of its own.
///
/// # Errors
/// What is missing or failed.
pub async fn ensure(place: &Place, venv: &Venv) -> Result<PathBuf, VenvError> {
    let _turn = TURN.lock().await;
    let folder = place.cache.join(venv.name);
    let pins = place.project.join(venv.pins);
    let stamp = Stamp::new().file(&pins)?.hex();
    let made = Made::new(&place.cache, venv.name, folder.clone());
    let python = folder.join("bin/python");
    if made.is_current(&stamp) {
        return Ok(python);
    }
    made.begin()?;
    if make(&folder).await.is_err() {
        install_venv(place).await.map_err(VenvError::NoVenv)?;
        make(&folder).await.map_err(VenvError::NoVenv)?;
    }
    let install = ["-m", "pip", "install", "--quiet", "--no-deps"];
    let pip = Cmd::new(&python.to_string_lossy())
        .args(install)
        .args(["--only-binary=:all:", "-r"])
        .arg(&pins);
    let installed = pip.bound(SETUP_BOUND).text().await;
    installed.map_err(|source| VenvError::Install {
        pins: venv.pins,
        source,
    })?;
    made.finish(&stamp)?;
    Ok(python)
}

async fn make(folder: &Path) -> Result<(), CommandError> {
    let venv = Cmd::new("python3").args(["-m", "venv", "--clear"]);
    venv.arg(folder).bound(SETUP_BOUND).text().await?;
    Ok(())
}

/// On Debian as root the module is installed, as the rest of the environment is; elsewhere it is the
/// user's to install.
async fn install_venv(place: &Place) -> Result<(), CommandError> {
    if !machine::is_debian() || !machine::is_root() {
        return Ok(());
    }
    let install = [
        "-q",
        "install",
        "-y",
        "--no-install-recommends",
        "python3-venv",
    ];
    for args in [&["-q", "update"][..], &install] {
        let apt = place.cmd("apt-get").args(args);
        let apt = apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt.bound(SETUP_BOUND).text().await?;
    }
    Ok(())
}

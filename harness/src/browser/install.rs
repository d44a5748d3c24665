//! Chromium and its driver: the machine's own, or Debian's packages.

use std::path::PathBuf;
use std::time::Duration;

use crate::command::CommandError;
use crate::machine;
use crate::place::Place;
use crate::step::{Done, Log};

/// Time for apt to fetch and unpack some 130 MB on a slow line.
const INSTALL_BOUND: Duration = Duration::from_mins(15);

/// How long apt waits for another run of itself, seconds, as its option wants it.
const APT_PATIENCE: &str = "DPkg::Lock::Timeout=300";

/// Names under which distributions and vendors install the browser.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// The driver has one name everywhere.
const DRIVER: &str = "chromedriver";

/// Debian's packages: the browser, the driver of the same version, and letters to write with.
const PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "fonts-dejavu-core"];

/// The browser and its driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    /// Chromium, or a browser that is made of it.
    pub browser: PathBuf,
    /// Speaks WebDriver for it.
    pub driver: PathBuf,
}

/// Why there is no browser.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// None is installed, and nobody here may install one.
    #[error(
        "there is no Chromium with its driver on this machine; install both (on Debian: apt-get \
         install chromium chromium-driver), or run `make check` as root on Debian, which does"
    )]
    Missing,
    /// Debian's packages could not be had.
    #[error("Chromium could not be installed from Debian's packages")]
    Apt(#[source] CommandError),
}

/// The programs, if they are there.
///
/// # Errors
/// [`InstallError::Missing`] with the sentence that says how to get them.
pub fn find(place: &Place) -> Result<Programs, InstallError> {
    let browser = BROWSERS.iter().find_map(|name| machine::find(place, name));
    let driver = machine::find(place, DRIVER);
    match (browser, driver) {
        (Some(browser), Some(driver)) => Ok(Programs { browser, driver }),
        _ => Err(InstallError::Missing),
    }
}

/// The programs; on Debian as root they are installed if they are not there.
///
/// # Errors
/// When there are none and they cannot be installed.
pub async fn ensure(place: &Place, log: &Log) -> Result<Done<Programs>, InstallError> {
    let programs = match find(place) {
        Ok(programs) => programs,
        Err(InstallError::Missing) if machine::is_debian() && machine::is_root() => {
            install(place, log).await.map_err(InstallError::Apt)?;
            find(place)?
        }
        Err(error) => return Err(error),
    };
    let note = programs.browser.display().to_string();
    Ok(Done::new(programs, note))
}

async fn install(place: &Place, log: &Log) -> Result<(), CommandError> {
    let install = ["-q", "install", "-y", "--no-install-recommends"];
    for args in [&["-q", "update"][..], &[&install[..], &PACKAGES].concat()] {
        let apt = place.cmd("apt-get").args(["-o", APT_PATIENCE]).args(args);
        let apt = apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt.bound(INSTALL_BOUND).run(log.file()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_a_browser_is_told_how_to_get_one() {
        let sentence = InstallError::Missing.to_string();
        for part in PACKAGES[..2].iter().chain(&["make check"]) {
            assert!(sentence.contains(part), "{part}: {sentence}");
        }
    }
}

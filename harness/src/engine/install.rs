//! A daemon to start: the installed one if it is new enough, else one from Debian's packages.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::probe::{Api, OLDEST_API};
use crate::command::CommandError;
use crate::machine;
use crate::place::Place;
use crate::step::Log;

/// The first release of Docker that speaks [`OLDEST_API`].
const OLDEST_RELEASE: u32 = 25;

/// Time for apt to fetch and unpack some 60 MB on a slow line.
const INSTALL_BOUND: Duration = Duration::from_mins(15);

/// Programs that a daemon looks for on the PATH.
const HELPERS: [&str; 3] = ["containerd", "runc", "iptables"];

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// An engine answers, but is too old.
    #[error(
        "the Docker engine that answers is {version} with API {api}, and {OLDEST_API} is needed; stop it and run again, or upgrade it to Docker {OLDEST_RELEASE} or newer"
    )]
    TooOld {
        /// The engine's version.
        version: String,
        /// The API that it speaks.
        api: Api,
    },
    /// DOCKER_HOST points elsewhere.
    #[error("no Docker engine answers at DOCKER_HOST={0}; start it there, or unset DOCKER_HOST")]
    Remote(String),
    /// Starting one takes root.
    #[error(
        "no Docker engine answers; start it (systemctl start docker), or run this as root to have it started or installed"
    )]
    NotRoot,
    /// Somebody else's daemon runs and hangs.
    #[error("dockerd runs as process {0} but does not answer; end it and run again")]
    Hangs(u32),
    /// No way to install it here.
    #[error(
        "there is no Docker engine on this machine; install Docker Engine {OLDEST_RELEASE} or newer (it is installed for you on Debian only)"
    )]
    NotDebian,
    /// What was installed does not run.
    #[error(
        "the dockerd from Debian's packages does not run on this release; install Docker Engine {OLDEST_RELEASE} or newer yourself"
    )]
    DoesNotRun,
    /// It was started and does not answer.
    #[error("the Docker engine was started but did not answer within {seconds} s; its log is {}", log.display())]
    NoAnswer {
        /// How long was waited.
        seconds: u64,
        /// The daemon's log.
        log: PathBuf,
    },
    /// Files of a dead engine are in the way.
    #[error("files that a dead Docker engine left could not be cleared away")]
    Leftover(#[source] io::Error),
    /// A command failed.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// The daemon's program, installed first if there is none.
pub(super) async fn dockerd(place: &Place, log: &Log) -> Result<PathBuf, EngineError> {
    if let Some(path) = startable(place).await {
        return Ok(path);
    }
    if !machine::is_debian() {
        return Err(EngineError::NotDebian);
    }
    let script = place.project.join("kind/engine.sh");
    place
        .cmd("bash")
        .arg(script)
        .bound(INSTALL_BOUND)
        .run(log.file())
        .await?;
    startable(place).await.ok_or(EngineError::DoesNotRun)
}

/// A dockerd that is new enough and has everything that it starts itself.
async fn startable(place: &Place) -> Option<PathBuf> {
    let found = |program: &str| machine::find(place, program);
    if HELPERS
        .iter()
        .chain(&["docker"])
        .any(|program| found(program).is_none())
    {
        return None;
    }
    let path = found("dockerd")?;
    let version = place
        .cmd(path.to_str()?)
        .arg("--version")
        .text()
        .await
        .ok()?;
    (release(&version)? >= OLDEST_RELEASE).then_some(path)
}

/// The major number in `Docker version 28.5.2+dfsg4, build 3ef3c07`.
fn release(version: &str) -> Option<u32> {
    let number = version.strip_prefix("Docker version ")?;
    number.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_is_read_from_the_version_line() {
        assert_eq!(
            release("Docker version 28.5.2+dfsg4, build 3ef3c07c"),
            Some(28)
        );
        assert_eq!(
            release("Docker version 20.10.24+dfsg1, build 297e128"),
            Some(20)
        );
        assert_eq!(release("podman version 5.0"), None);
    }
}

//! A Docker engine that answers.
//!
//! ```text
//!  answers, new enough ----------------------------------------------> use it
//!  answers, too old -------------------------------------------------> one sentence
//!  silent: DOCKER_HOST is set ---------------------------------------> one sentence
//!          systemd knows docker.service --> systemctl start ---------> use it
//!          dockerd new enough on the PATH or in the cache -----------\
//!          none: Debian and root --> install into the cache ----------> clear leftovers, start, use it
//! ```

mod daemon;
mod install;
mod leftovers;
mod probe;

use std::path::Path;
use std::time::Duration;

pub use install::EngineError;
pub use probe::{Api, OLDEST_API};

use crate::place::Place;
use crate::step::{Done, Log};
use probe::Engine;

/// How long an engine that was just started may take until it answers: it restores its containers
/// first, which takes seconds on a busy machine.
const START_BOUND: Duration = Duration::from_secs(90);

/// Brings up an engine, whatever it takes.
///
/// # Errors
/// One sentence that says what to do.
pub async fn ensure(place: &Place, log: &Log) -> Result<Done<()>, EngineError> {
    if let Some(note) = usable(place).await? {
        return Ok(Done::new((), note));
    }
    if let Some(host) = std::env::var("DOCKER_HOST")
        .ok()
        .filter(|host| !host.is_empty())
    {
        return Err(EngineError::Remote(host));
    }
    if !crate::machine::is_root() {
        return Err(EngineError::NotRoot);
    }
    if systemd_starts_docker(place, log).await? {
        log.note("docker.service was started by systemd");
    } else {
        let dockerd = install::dockerd(place, log).await?;
        daemon::start(place, &dockerd, log).await?;
    }
    let note = wait(place).await?;
    Ok(Done::new((), note))
}

async fn wait(place: &Place) -> Result<String, EngineError> {
    let answer = crate::poll::until(START_BOUND, async || usable(place).await.transpose()).await;
    answer.unwrap_or_else(|| {
        let log = daemon::log_path(place);
        Err(EngineError::NoAnswer {
            seconds: START_BOUND.as_secs(),
            log,
        })
    })
}

/// The words for the terminal if the engine can be used, `None` if it does not answer.
async fn usable(place: &Place) -> Result<Option<String>, EngineError> {
    match probe::engine(place).await? {
        Engine::Answers { version, api } if api >= OLDEST_API => {
            Ok(Some(format!("Docker {version}, API {api}")))
        }
        Engine::Answers { version, api } => Err(EngineError::TooOld { version, api }),
        Engine::Silent | Engine::NoClient => Ok(None),
    }
}

async fn systemd_starts_docker(place: &Place, log: &Log) -> Result<bool, EngineError> {
    // The directory exists exactly when systemd is the running init: sd_booted(3).
    if !Path::new("/run/systemd/system").exists() {
        return Ok(false);
    }
    let known = place
        .cmd("systemctl")
        .args(["cat", "docker.service"])
        .output()
        .await?;
    if !known.status.success() {
        return Ok(false);
    }
    place
        .cmd("systemctl")
        .args(["start", "docker.service"])
        .bound(START_BOUND)
        .run(log.file())
        .await?;
    Ok(true)
}

//! The few questions that every step asks of the Docker engine, and pulling with a bound.

use std::time::Duration;

use crate::command::{Cmd, CommandError};
use crate::place::Place;
use crate::step::Log;

/// The label that carries the content hash of what an image was made of.
pub const INPUTS_LABEL: &str = "dev.hivewright.inputs";

/// Time for a registry to say whether it has an image. Without a network the answer is immediate;
/// this is for networks that swallow packets.
const REACH_BOUND: Duration = Duration::from_secs(15);

/// Time for a pull once the registry has answered: a node image on a slow line.
const PULL_BOUND: Duration = Duration::from_mins(15);

/// What the engine knows of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Image {
    /// Not there.
    Absent,
    /// There, without our label: somebody published it.
    Published,
    /// There, made by this harness of the inputs with this hash.
    Built(String),
}

/// Asks the engine for an image.
///
/// # Errors
/// When the engine does not answer.
pub async fn image(place: &Place, name: &str) -> Result<Image, CommandError> {
    let format = format!("{{{{index .Config.Labels \"{INPUTS_LABEL}\"}}}}");
    let output = docker(place, ["image", "inspect", "-f", &format, name])
        .output()
        .await?;
    if !output.status.success() {
        return Ok(Image::Absent);
    }
    // Docker prints `<no value>` or nothing for a label that is not there, by its version.
    Ok(match output.stdout.trim() {
        "" | "<no value>" => Image::Published,
        stamp => Image::Built(stamp.to_owned()),
    })
}

/// Pulls an image if a registry can be reached. `false`, with the reason in the log, if not.
///
/// # Errors
/// When the registry has the image but pulling it fails: then the network is there, and building
/// from packages would hide what is wrong.
pub async fn pull(place: &Place, name: &str, log: &Log) -> Result<bool, CommandError> {
    let probe = docker(place, ["manifest", "inspect", name])
        .bound(REACH_BOUND)
        .output()
        .await;
    match probe {
        Ok(output) if output.status.success() => {}
        Ok(output) => {
            log.note(&format!(
                "{name} cannot be pulled: {}",
                output.stderr.trim()
            ));
            return Ok(false);
        }
        Err(error @ CommandError::TimedOut { .. }) => {
            log.note(&format!("{name} cannot be pulled: {error}"));
            return Ok(false);
        }
        Err(error) => return Err(error),
    }
    docker(place, ["pull", name])
        .bound(PULL_BOUND)
        .run(log.file())
        .await?;
    Ok(true)
}

/// A docker command.
pub fn docker<'a>(place: &Place, args: impl IntoIterator<Item = &'a str>) -> Cmd {
    place.cmd("docker").args(args)
}

/// The label's `KEY=VALUE` for the build scripts.
pub fn label(stamp: &str) -> String {
    format!("{INPUTS_LABEL}={stamp}")
}

//! Every image that runs in the cluster: our own from this tree, and the servers'.
//!
//! ```text
//!  cargo build (static, all at once) --> one scratch image each, tagged by content --\
//!                                                                                     +--> registry
//!  e2e/servers/NAME: pulled if published, else build.sh --> trusts the stand-ins ----/
//! ```

mod record;
mod scratch;
mod servers;
mod statics;
pub(crate) mod trust;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

pub use record::Record;
pub(crate) use statics::executables;
pub use statics::{Binary, CONFORMANCE, OWN, WORLD};
use trust::Trusting;

use crate::command::CommandError;
use crate::place::Place;
use crate::registry::{self, RegistryError};
use crate::roots::RootError;
use crate::stamp::StampError;
use crate::step::{Done, Log, StepFailed, step};

/// Why an image is not there.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// It can neither be pulled nor built.
    #[error("{0}")]
    Unmet(String),
    /// Cargo built something else than was asked for.
    #[error("cargo built no binary {0}; is it a [[bin]] of that package?")]
    NoBinary(String),
    /// Outbound TLS would not work.
    #[error("no bundle of CA certificates was found; install ca-certificates")]
    NoCertificates,
    /// A server's folder lacks a file.
    #[error("{0} does not say which image it makes; write the image's full name into that file")]
    NoName(String),
    /// The sources could not be read.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// The root that it is derived from could not be made.
    #[error(transparent)]
    Root(#[from] RootError),
    /// It could not be put into the registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The cache could not be written.
    #[error("the cache could not be written")]
    Cache(#[from] io::Error),
    /// A command failed.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Builds our own binaries as the images have them, and says where they are, by name.
///
/// # Errors
/// When the step failed; it has said so.
pub async fn binaries(place: &Place) -> Result<BTreeMap<String, PathBuf>, StepFailed> {
    step(place, "rust binaries", async |log: &Log| {
        let built = statics::build(place, &OWN, log).await?;
        let note = format!("{} built", built.len());
        Ok::<_, ImageError>(Done::new(built, note))
    })
    .await
}

/// Builds or pulls every image, puts all of them into the registry and records their names.
///
/// # Errors
/// When a step failed; it has said so.
pub async fn ensure_all(place: &Place) -> Result<Record, StepFailed> {
    let own = step(place, "rust images", async |log: &Log| {
        statics::ensure(place, &OWN, log).await
    });
    let (mut record, servers) = tokio::try_join!(own, servers::ensure(place))?;
    let trusting = trusting(place, &record, &servers).await?;
    step(place, "push images", async |log: &Log| {
        for reference in record.references() {
            registry::push(place, reference, log).await?;
        }
        for server in &trusting {
            registry::push_as(place, &server.image, &server.reference, log).await?;
        }
        record.extend(servers);
        record.save(place)?;
        let note = format!("{} in the registry", record.references().count());
        Ok::<_, ImageError>(Done::new((), note))
    })
    .await?;
    Ok(record)
}

/// The servers' images, each with the layer that lets it believe the stand-ins.
async fn trusting(
    place: &Place,
    own: &Record,
    servers: &Record,
) -> Result<Vec<Trusting>, StepFailed> {
    step(place, "world certificates", async |log: &Log| {
        let world = own
            .get(WORLD)
            .ok_or_else(|| ImageError::NoBinary(WORLD.to_owned()))?;
        trust::ensure_certificates(place, world, log).await
    })
    .await?;
    step(place, "servers trust", async |log: &Log| {
        let mut made = Vec::new();
        for reference in servers.references() {
            made.push(trust::ensure(place, reference, log).await?);
        }
        let note = format!("{} with the stand-ins' authority", made.len());
        Ok::<_, ImageError>(Done::new(made, note))
    })
    .await
}

/// Builds one binary as for its image, and gives its path: to be run on this machine.
///
/// # Errors
/// What failed.
pub async fn executable(
    place: &Place,
    binary: Binary<'_>,
    log: &Log,
) -> Result<Done<PathBuf>, ImageError> {
    let mut built = statics::build(place, &[binary], log).await?;
    let path = built.remove(binary.bin);
    let path = path.ok_or_else(|| ImageError::NoBinary(binary.bin.to_owned()))?;
    Ok(Done::new(path, "release build"))
}

/// Builds one binary into an image and puts it into the registry: for trying something out.
///
/// # Errors
/// What failed.
pub async fn ensure_one(
    place: &Place,
    binary: Binary<'_>,
    log: &Log,
) -> Result<Done<String>, ImageError> {
    let Done { value: record, .. } = statics::ensure(place, &[binary], log).await?;
    let reference = record.get(binary.image).unwrap_or_default().to_owned();
    registry::push(place, &reference, log).await?;
    Ok(Done::new(reference.clone(), reference))
}

//! From nothing to a cluster that can run our images, and back.

use crate::command::CommandError;
use crate::node;
use crate::place::Place;
use crate::step::{Done, Log, StepFailed, step};
use crate::tools::{self, Tool};
use crate::{cluster, engine, registry};

/// Brings everything up; quick when it is up already.
///
/// # Errors
/// When a step failed; it has said so.
pub async fn up(place: &Place) -> Result<(), StepFailed> {
    step(place, "engine", async |log: &Log| {
        engine::ensure(place, log).await
    })
    .await?;
    let tools = async {
        step(place, "kind", async |log: &Log| {
            tools::ensure(place, Tool::Kind, log).await
        })
        .await?;
        step(place, "helm", async |log: &Log| {
            tools::ensure(place, Tool::Helm, log).await
        })
        .await
    };
    let (image, ()) = tokio::try_join!(node::ensure(place), tools)?;
    step(place, "cluster", async |log: &Log| {
        cluster::ensure(place, &image, log).await
    })
    .await?;
    step(place, "registry", async |log: &Log| {
        registry::ensure(place, &image, log).await
    })
    .await
}

/// The pinned helm alone.
///
/// # Errors
/// When the step failed; it has said so.
pub async fn helm(place: &Place) -> Result<(), StepFailed> {
    step(place, "helm", async |log: &Log| {
        tools::ensure(place, Tool::Helm, log).await
    })
    .await
}

/// Deletes the cluster and the registry's container. The engine, the caches and the images stay.
///
/// # Errors
/// When a step failed; it has said so.
pub async fn down(place: &Place) -> Result<(), StepFailed> {
    step(place, "down", async |log: &Log| {
        cluster::delete(place, log).await?;
        registry::delete(place, log).await?;
        Ok::<_, CommandError>(Done::new((), "cluster deleted, caches kept"))
    })
    .await
}

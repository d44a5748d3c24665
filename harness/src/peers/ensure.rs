//! Makes sure that a bridge is there: pinned, in the cache, quick the second time.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result};

use super::catalog::{NPM, Peer, Source, home};
use crate::{
    command::CommandError,
    images,
    npm::{self, NpmError},
    place::Place,
    stamp::{Made, Stamp},
    step::{Done, Log, step},
    venv::{self, VenvError},
};

/// The crate takes 13 CPU minutes.
pub(super) const BUILD_BOUND: Duration = Duration::from_mins(45);

/// Why a bridge is not there.
#[derive(Debug, thiserror::Error)]
enum PeerError {
    #[error(transparent)]
    Npm(#[from] NpmError),
    #[error(transparent)]
    Venv(#[from] VenvError),
    #[error("the crate does not build")]
    Crate(#[from] CommandError),
    #[error("the cache could not be written")]
    Cache(#[from] io::Error),
}

/// Our own programs, built as they are shipped, and the Node that runs others.
#[derive(Clone, Debug)]
pub(super) struct Own {
    pub(super) proxy: PathBuf,
    pub(super) echo: PathBuf,
    pub(super) load: PathBuf,
    pub(super) node: PathBuf,
}

/// Builds ours as the images have them: optimised, linked statically.
pub(super) async fn own(place: &Place) -> Result<Own> {
    let built = images::binaries(place).await?;
    let get = |name: &str| {
        let path = built.get(name).cloned();
        path.with_context(|| format!("cargo built no {name}"))
    };
    Ok(Own {
        proxy: get("hivewright-proxy")?,
        echo: get("echo-server")?,
        load: get("load")?,
        node: node(place).await?,
    })
}

async fn node(place: &Place) -> Result<PathBuf> {
    let node = step(place, "node", async |log: &Log| {
        let node = npm::node(place, log).await?;
        let told = node.display().to_string();
        Ok::<_, NpmError>(Done::new(node, told))
    });
    Ok(node.await?)
}

/// Installs one of the others.
pub(super) async fn peer(place: &Place, peer: Peer) -> Result<()> {
    let name = format!("bridge {}", peer.name());
    let installed = step(place, &name, async |log: &Log| {
        install(place, peer, log).await?;
        Ok::<_, PeerError>(Done::new((), peer.version()))
    });
    Ok(installed.await?)
}

async fn install(place: &Place, peer: Peer, log: &Log) -> Result<(), PeerError> {
    match peer.source() {
        Source::Tree => {}
        Source::Crate => cargo(place, peer, &home(place, peer.source()), log).await?,
        Source::Npm => drop(npm::ensure(place, &NPM, log).await?),
        Source::Python(venv) => drop(venv::ensure(place, &venv).await?),
    }
    Ok(())
}

async fn cargo(place: &Place, peer: Peer, target: &Path, log: &Log) -> Result<(), PeerError> {
    let stamp = Stamp::new().text(peer.version()).hex();
    let made = Made::new(&place.cache, "bridge-rust", target.to_owned());
    if made.is_current(&stamp) {
        return Ok(());
    }
    made.begin()?;
    let version = format!("mcp-proxy@{}", peer.version());
    let install = place.cmd("cargo").args(["install", "--locked", "--root"]);
    let install = install.arg(target).arg(version).bound(BUILD_BOUND);
    install.run(log.file()).await?;
    Ok(made.finish(&stamp)?)
}

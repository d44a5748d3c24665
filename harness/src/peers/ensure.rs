//! Makes sure that a bridge is there: pinned, in the cache, quick the second time.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, Result};

use super::catalog::{Peer, Source, home};
use crate::{
    images,
    place::Place,
    stamp::{Made, Stamp},
};

/// The crate takes 13 CPU minutes; the others are downloads of up to 245 MB.
const BUILD_BOUND: Duration = Duration::from_mins(45);

/// Our own programs, built as they are shipped.
#[derive(Clone, Debug)]
pub(super) struct Own {
    pub(super) proxy: PathBuf,
    pub(super) echo: PathBuf,
    pub(super) load: PathBuf,
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
    })
}

/// Installs one of the others.
pub(super) async fn peer(place: &Place, peer: Peer) -> Result<()> {
    let pins = place.project.join("harness/peers");
    let target = home(place, peer.source());
    let (name, stamp) = match peer.source() {
        Source::Tree => return Ok(()),
        Source::Crate => ("peer-rust".to_owned(), Stamp::new().text(peer.version())),
        Source::Npm => ("peer-npm".to_owned(), Stamp::new().tree(&pins.join("npm"))?),
        Source::Python(name) => {
            let file = pins.join(format!("python/{name}.txt"));
            (format!("peer-{name}"), Stamp::new().file(&file)?)
        }
    };
    let (made, stamp) = (Made::new(&place.cache, &name, target.clone()), stamp.hex());
    if made.is_current(&stamp) {
        return Ok(());
    }
    eprintln!("installing {} {}", peer.name(), peer.version());
    made.begin()?;
    std::fs::create_dir_all(&target)?;
    match peer.source() {
        Source::Tree => {}
        Source::Crate => cargo(place, peer, &target).await?,
        Source::Npm => npm(place, &pins, &target).await?,
        Source::Python(name) => python(place, &pins, name, &target).await?,
    }
    Ok(made.finish(&stamp)?)
}

async fn cargo(place: &Place, peer: Peer, target: &PathBuf) -> Result<()> {
    let version = format!("mcp-proxy@{}", peer.version());
    let install = place.cmd("cargo").args(["install", "--locked", "--root"]);
    let install = install.arg(target).arg(version).bound(BUILD_BOUND);
    install
        .text()
        .await
        .context("the Rust peer does not build")?;
    Ok(())
}

async fn npm(place: &Place, pins: &std::path::Path, target: &PathBuf) -> Result<()> {
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(pins.join("npm").join(file), target.join(file))?;
    }
    let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    let install = place.cmd("npm").args(install).current_dir(target);
    let done = install.bound(BUILD_BOUND).text().await;
    done.context("npm could not install the peers; install Node.js 20 or newer with npm")?;
    Ok(())
}

async fn python(place: &Place, pins: &std::path::Path, name: &str, target: &PathBuf) -> Result<()> {
    let venv = place
        .cmd("python3")
        .args(["-m", "venv", "--clear"])
        .arg(target);
    let made = venv.bound(BUILD_BOUND).text().await;
    made.context("python3 cannot make a virtual environment; install its venv module")?;
    let python = target.join("bin/python").display().to_string();
    let pip = place
        .cmd(&python)
        .args(["-m", "pip", "install", "--quiet", "--no-deps", "-r"]);
    let pip = pip.arg(pins.join(format!("python/{name}.txt")));
    let done = pip.bound(BUILD_BOUND).text().await;
    done.with_context(|| format!("{name} could not be installed"))?;
    Ok(())
}

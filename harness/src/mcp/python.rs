//! The Python SDK's clients, in a virtual environment of pinned packages under the cache.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::{
    command::Cmd,
    machine,
    place::Place,
    stamp::{Made, Stamp},
};

/// Making the environment: a download of some 20 MB the first time, nothing after.
const SETUP: Duration = Duration::from_mins(5);
/// One run of the client: the interpreter's start, and each call within the SDK's own bound.
const RUN: Duration = Duration::from_mins(1);

/// One environment a machine; tests of one process take turns.
static ENSURE: Mutex<()> = Mutex::const_new(());

/// Which transport of the SDK.
#[derive(Clone, Copy, Debug)]
pub enum Door {
    /// HTTP with SSE.
    Sse,
    /// Streamable HTTP.
    Streamable,
}

/// What the client printed.
#[derive(Clone, Debug, Deserialize)]
pub struct Story {
    /// Name of the server, as it introduced itself.
    pub server: String,
    /// The negotiated revision.
    pub revision: String,
    /// Names of all tools.
    pub tools: Vec<String>,
    /// The text of each call's answer, in order.
    pub texts: Vec<String>,
}

/// Connects to `url`, shakes hands, lists the tools and makes `calls` (name and arguments).
///
/// # Errors
/// Python or its venv module is missing, the packages cannot be had, or the SDK failed: its last
/// lines are in the error.
pub async fn run(place: &Place, door: Door, url: &str, calls: &[(&str, Value)]) -> Result<Story> {
    let python = ensure_environment(place).await?;
    let script = place.project.join("e2e/clients/python_client.py");
    let door = match door {
        Door::Sse => "sse",
        Door::Streamable => "streamable",
    };
    let command = Cmd::new(python.to_str().context("the cache's path is not UTF-8")?)
        .arg(script)
        .args([door, url, &serde_json::to_string(calls)?])
        .bound(RUN);
    let output = command.output().await?;
    ensure!(
        output.status.success(),
        "the Python SDK's client: {}",
        output.stderr.trim()
    );
    serde_json::from_str(&output.stdout).context("the Python client printed no story")
}

async fn ensure_environment(place: &Place) -> Result<PathBuf> {
    let _turn = ENSURE.lock().await;
    let folder = place.cache.join("python-client");
    let pins = place.project.join("e2e/clients/requirements.txt");
    let stamp = Stamp::new().file(&pins)?.hex();
    let made = Made::new(&place.cache, "python-client", folder.clone());
    let python = folder.join("bin/python");
    if made.is_current(&stamp) {
        return Ok(python);
    }
    made.begin()?;
    if make(&folder).await.is_err() {
        install_venv(place).await?;
        make(&folder).await.context(
            "python3 cannot make a virtual environment; install Python 3.11 or newer with its venv \
             module (on Debian: apt-get install python3-venv)",
        )?;
    }
    let pip = Cmd::new(python.to_str().context("the cache's path is not UTF-8")?)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "-r",
        ])
        .arg(&pins)
        .bound(SETUP);
    pip.text()
        .await
        .context("the Python SDK could not be installed")?;
    made.finish(&stamp)?;
    Ok(python)
}

async fn make(folder: &Path) -> Result<()> {
    let venv = Cmd::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(folder)
        .bound(SETUP);
    venv.text().await?;
    Ok(())
}

/// On Debian as root the module is installed, as the rest of the environment is; elsewhere it is the
/// user's to install.
async fn install_venv(place: &Place) -> Result<()> {
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
        let apt = place
            .cmd("apt-get")
            .args(args)
            .env("DEBIAN_FRONTEND", "noninteractive");
        apt.bound(SETUP).text().await?;
    }
    Ok(())
}

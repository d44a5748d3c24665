//! The Python SDK's clients, in a virtual environment of pinned packages under the cache.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    command::Cmd,
    place::Place,
    venv::{self, Venv},
};

/// One run of the client: the interpreter's start, and each call within the SDK's own bound.
const RUN: Duration = Duration::from_mins(1);

/// The SDK and what it needs.
const ENVIRONMENT: Venv = Venv {
    name: "python-client",
    pins: "e2e/clients/requirements.txt",
};

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
    let python = venv::ensure(place, &ENVIRONMENT).await?;
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

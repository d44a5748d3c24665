//! The proxy and the fixture, built from this tree and run on this machine.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::Fixture;
use crate::command::CommandError;
use crate::images;
use crate::place::Place;
use crate::step::{Done, Log};

/// Time for a development build from nothing, on two cores.
const BUILD_BOUND: Duration = Duration::from_mins(20);

/// Time until the proxy has spoken to its server once. It takes milliseconds; a server of the other
/// era is found out by a probe that has a bound of its own.
const START_BOUND: Duration = Duration::from_mins(1);

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// They could not be built.
    #[error(transparent)]
    Build(#[from] CommandError),
    /// Cargo built something else.
    #[error("cargo built no binary {0}; is it a [[bin]] of its package?")]
    NoBinary(&'static str),
    /// The proxy could not be started or read.
    #[error("the proxy could not be started")]
    Start(#[from] std::io::Error),
    /// The proxy ended or hung before it served.
    #[error("the proxy did not serve the {} fixture; run it by hand to see why", .0.era())]
    Silent(Fixture),
}

/// Where the two binaries are.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    proxy: PathBuf,
    fixture: PathBuf,
}

/// A proxy in front of a fixture, ended when dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    /// Where its Streamable HTTP door is.
    pub(super) url: String,
    _child: Child,
    // Read no further, but open: a program whose output is gone may end.
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Programs {
    /// Builds both for development: what is measured here is right or wrong, not fast.
    pub(super) async fn build(place: &Place, log: &Log) -> Result<Done<Self>, ProgramError> {
        let cargo = place
            .cmd("cargo")
            .args([
                "build",
                "--locked",
                "--message-format=json-render-diagnostics",
            ])
            .args(["-p", "hivewright-proxy", "--bin", "hivewright-proxy"])
            .args(["-p", "hivewright-e2e", "--bin", "conformance-fixture"])
            .bound(BUILD_BOUND);
        let mut built = images::executables(&cargo.logged(log.file()).await?);
        let mut take = |name| built.remove(name).ok_or(ProgramError::NoBinary(name));
        let programs = Self {
            proxy: take("hivewright-proxy")?,
            fixture: take("conformance-fixture")?,
        };
        Ok(Done::new(programs, "the proxy and the fixture"))
    }

    /// Serves a fixture on a free port of the loopback address.
    pub(super) async fn serve(
        &self,
        place: &Place,
        fixture: Fixture,
    ) -> Result<Proxy, ProgramError> {
        let mut child = Command::new(&self.proxy)
            .args(["run", "--port", "0", "--"])
            .arg(&self.fixture)
            .args(["--era", fixture.era()])
            .current_dir(&place.project)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let silent = || ProgramError::Silent(fixture);
        let mut lines = BufReader::new(child.stdout.take().ok_or_else(silent)?).lines();
        let told = tokio::time::timeout(START_BOUND, address(&mut lines)).await;
        let url = told.map_err(|_| silent())??.ok_or_else(silent)?;
        Ok(Proxy {
            url,
            _child: child,
            _stdout: lines,
        })
    }
}

/// Reads until the proxy says where it serves.
async fn address(lines: &mut Lines<BufReader<ChildStdout>>) -> std::io::Result<Option<String>> {
    while let Some(line) = lines.next_line().await? {
        if let Some(url) = streamable(&line) {
            return Ok(Some(url));
        }
    }
    Ok(None)
}

/// The address in the settings for clients that the proxy prints in one line when it talks to a
/// program. Under the name `localhost`: the suite tries names that a page of elsewhere could point
/// here, and takes this one for granted.
fn streamable(line: &str) -> Option<String> {
    let settings: Value = serde_json::from_str(line).ok()?;
    let servers = settings["mcpServers"].as_object()?;
    let url = servers.values().next()?["url"].as_str()?;
    Some(url.replacen("127.0.0.1", "localhost", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_proxys_settings_for_clients() {
        let line = r#"{"mcpServers":{"x":{"type":"http","url":"http://127.0.0.1:8/mcp"}}}"#;
        assert_eq!(streamable(line).as_deref(), Some("http://localhost:8/mcp"));
        assert_eq!(streamable("{}"), None);
        assert_eq!(streamable("words"), None);
    }
}

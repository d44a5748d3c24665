//! The driver's process, and the end of everything that it started.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Time until the driver listens. It takes some 50 ms.
const START_BOUND: Duration = Duration::from_secs(30);

/// What the driver says once it listens on a port that it chose.
const LISTENS: &str = "was started successfully on port ";

/// A running driver, killed when dropped.
#[derive(Debug)]
pub(super) struct Driver {
    pub(super) at: SocketAddr,
    child: Child,
    // Read no further, but open: a program whose output is gone may end.
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Driver {
    /// `None`: it ended, or did not listen in time.
    pub(super) async fn start(program: &Path, home: &Path) -> std::io::Result<Option<Self>> {
        let mut child = Command::new(program)
            .arg("--port=0")
            // Without a home of its own the browser would write into the user's.
            .env("HOME", home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let Some(stdout) = child.stdout.take() else {
            return Ok(None);
        };
        let mut stdout = BufReader::new(stdout).lines();
        let port = tokio::time::timeout(START_BOUND, listening(&mut stdout)).await;
        let Ok(Some(port)) = port.unwrap_or(Ok(None)) else {
            return Ok(None);
        };
        Ok(Some(Self {
            at: SocketAddr::from(([127, 0, 0, 1], port)),
            child,
            _stdout: stdout,
        }))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        kill_group(self.child.id());
    }
}

/// Kills a process and its group. Gone already is as good as killed.
pub(super) fn kill_group(id: Option<u32>) {
    let id = id.and_then(|id| i32::try_from(id).ok());
    if let Some(group) = id.and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

async fn listening(lines: &mut Lines<BufReader<ChildStdout>>) -> std::io::Result<Option<u16>> {
    while let Some(line) = lines.next_line().await? {
        if let Some(port) = port(&line) {
            return Ok(Some(port));
        }
    }
    Ok(None)
}

fn port(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once(LISTENS)?;
    rest.trim_end_matches('.').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_the_drivers_line() {
        let line = "ChromeDriver was started successfully on port 40301.";
        assert_eq!(port(line), Some(40301));
        assert_eq!(port("Only local connections are allowed."), None);
    }
}

//! One `hivewright-proxy run`, with one server behind it.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use super::programs::Programs;

/// Time until its door is open: a debug build opens it within half a second on an idle machine.
const OPEN_BOUND: Duration = Duration::from_secs(20);

/// How often the door is tried.
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// Time for its end after SIGTERM: both stages of its drain, and the server's own end.
const END_BOUND: Duration = Duration::from_secs(30);

/// Why there is no bridge, or no good end of it.
#[derive(Debug, thiserror::Error)]
pub(super) enum BridgeError {
    #[error("the proxy could not be started: {0}")]
    Start(#[from] io::Error),
    #[error("the proxy ended at once with {0}")]
    Died(ExitStatus),
    #[error("the proxy opened no door within {} s", OPEN_BOUND.as_secs())]
    Closed,
    #[error("the proxy did not end within {} s after SIGTERM", END_BOUND.as_secs())]
    Hangs,
    #[error("the proxy ended with {0} after SIGTERM")]
    BadEnd(ExitStatus),
}

/// A running proxy; killed when dropped.
#[derive(Debug)]
pub(super) struct Bridge {
    child: Child,
    port: u16,
}

impl Bridge {
    /// Starts `hivewright-proxy run -- COMMAND`, its output in the log `interop-NAME.log`.
    pub(super) async fn start(
        programs: &Programs,
        name: &str,
        command: &[OsString],
        dir: Option<&Path>,
    ) -> Result<Self, BridgeError> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let logs = programs.place.logs();
        std::fs::create_dir_all(&logs)?;
        let log =
            File::create(logs.join(format!("interop-{}.log", name.replace([' ', '/'], "-"))))?;
        let mut run = Command::new(&programs.proxy);
        run.args(["run", "--port", &port.to_string(), "--"])
            .args(command)
            .current_dir(dir.unwrap_or(&programs.place.cache))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .kill_on_drop(true);
        let mut bridge = Self {
            child: run.spawn()?,
            port,
        };
        match timeout(OPEN_BOUND, bridge.opens()).await {
            Ok(opened) => opened.map(|()| bridge),
            Err(_) => Err(BridgeError::Closed),
        }
    }

    async fn opens(&mut self) -> Result<(), BridgeError> {
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))
            .await
            .is_err()
        {
            if let Some(status) = self.child.try_wait()? {
                return Err(BridgeError::Died(status));
            }
            sleep(TRY_AGAIN).await;
        }
        Ok(())
    }

    /// `http://HOST:PORT`.
    pub(super) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends it as a user does, and sees that it ends well.
    pub(super) async fn end(mut self) -> Result<(), BridgeError> {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = id.and_then(Pid::from_raw) {
            kill_process(pid, Signal::TERM).map_err(io::Error::from)?;
        }
        match timeout(END_BOUND, self.child.wait()).await {
            Ok(status) => match status? {
                status if status.success() => Ok(()),
                status => Err(BridgeError::BadEnd(status)),
            },
            Err(_) => Err(BridgeError::Hangs),
        }
    }
}

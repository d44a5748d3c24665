//! A program that runs beside the bench, and ends with it.

use std::{fs::File, path::Path, process::Stdio, time::Duration};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::place::Place;

/// Time for a program to end after SIGTERM. The controller itself takes at most 10 s to drain.
const STOP: Duration = Duration::from_secs(20);

/// A running program; killed when dropped.
#[derive(Debug)]
pub(super) struct Process {
    name: String,
    child: Child,
}

impl Process {
    /// Starts a program with its output in the log `scale-NAME.log`.
    pub(super) fn start(
        place: &Place,
        name: &str,
        program: &Path,
        adapt: impl FnOnce(&mut Command),
    ) -> Result<Self> {
        std::fs::create_dir_all(place.logs())?;
        let log = File::create(place.logs().join(format!("scale-{name}.log")))?;
        let mut command = Command::new(program);
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        adapt(&mut command);
        let child = command
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        Ok(Self {
            name: name.to_owned(),
            child,
        })
    }

    /// Its process id.
    pub(super) fn id(&self) -> Result<u32> {
        let id = self.child.id();
        id.with_context(|| format!("{} has ended; see scale-{}.log", self.name, self.name))
    }

    /// Ends it in good order.
    pub(super) async fn stop(&mut self) -> Result<()> {
        let pid = i32::try_from(self.id()?).ok().and_then(Pid::from_raw);
        kill_process(pid.context("a process has a positive id")?, Signal::TERM)?;
        match tokio::time::timeout(STOP, self.child.wait()).await {
            Ok(status) => {
                status?;
                Ok(())
            }
            Err(_) => bail!("{} did not end within {} s", self.name, STOP.as_secs()),
        }
    }
}

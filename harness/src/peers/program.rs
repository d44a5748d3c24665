//! A running bridge.

use std::{fs, net::TcpListener, path::Path, process::Stdio, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

use super::{catalog::Line, ensure::Own};
use crate::{on_node::Usage, place::Place};

/// The longest that a bridge takes to answer: interpreters with 245 MB of packages are slow to start.
const START: Duration = Duration::from_mins(2);
/// Between two tries.
const TRY: Duration = Duration::from_millis(200);
/// The longest run of the load program, its warm-up included.
const LOAD: Duration = Duration::from_mins(3);

/// What the load program prints.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Report {
    pub(super) calls: u32,
    pub(super) warm_up_calls: u32,
    pub(super) calls_per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) errors: u32,
    pub(super) first_error: Option<String>,
    pub(super) notifications: u32,
}

/// A bridge that answers. It is killed when this is dropped; its server sees the end of its stdin.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    target: String,
    line: Line,
}

/// A port that nobody listens on just now.
pub(super) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Program {
    /// Starts a bridge and waits until it answers.
    pub(super) async fn start(place: &Place, own: &Own, line: Line, port: u16) -> Result<Self> {
        fs::create_dir_all(place.logs())?;
        let log = fs::File::create(place.logs().join(format!("peer-{port}.log")))?;
        let (program, args) = line.command.split_first().context("an empty command")?;
        let mut command = Command::new(program);
        command
            .args(args)
            // Two of the others do not start without: they sign tokens that nobody asks for here.
            .env("JWT_SECRET_KEY", "a-secret-of-this-measurement-0123456789")
            .env(
                "AUTH_ENCRYPTION_SECRET",
                "a-secret-of-this-measurement-0123456789",
            )
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        let child = command.spawn();
        let child = child.with_context(|| format!("{program} cannot be started"))?;
        let target = format!("127.0.0.1:{port}");
        let mut program = Self {
            child,
            target,
            line,
        };
        program.wait(own).await?;
        Ok(program)
    }

    async fn wait(&mut self, own: &Own) -> Result<()> {
        let end = Instant::now() + START;
        while self.load(own, &["--open", "1"]).await.is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "{} ended with {status}; see its log",
                    self.line.command.join(" ")
                );
            }
            ensure!(
                Instant::now() < end,
                "{} does not answer",
                self.line.command.join(" ")
            );
            sleep(TRY).await;
        }
        Ok(())
    }

    /// Runs the load program against it.
    pub(super) async fn load(&self, own: &Own, args: &[&str]) -> Result<Report> {
        let at = [
            "--target",
            &self.target,
            "--path",
            self.line.path,
            "--tool",
            self.line.tool,
        ];
        load(&own.load, &[&at, args].concat()).await
    }

    /// What its own process has used, without the server's.
    pub(super) fn usage(&self) -> Result<Usage> {
        let pid = self.child.id().context("it has ended")?;
        let read = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}"));
        let text = [read("stat")?, read("status")?].concat();
        crate::on_node::usage(&text).context("the kernel's figures cannot be read")
    }

    /// Ends it as a terminal would and waits for its end.
    pub(super) async fn interrupt(mut self) -> Result<()> {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok());
        let pid = pid
            .and_then(rustix::process::Pid::from_raw)
            .context("it has ended")?;
        rustix::process::kill_process(pid, rustix::process::Signal::INT)?;
        self.child.wait().await?;
        Ok(())
    }
}

/// Runs the load program to its end.
pub(super) async fn load(program: &Path, args: &[&str]) -> Result<Report> {
    let run = Command::new(program).args(args).kill_on_drop(true).output();
    let output = tokio::time::timeout(LOAD, run)
        .await
        .context("the load did not end")??;
    ensure!(
        output.status.success(),
        "the load program: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    serde_json::from_slice(&output.stdout).context("the load program printed no report")
}

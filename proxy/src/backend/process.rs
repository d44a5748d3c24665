//! A local command as the server: `hivewright-proxy run -- CMD ARGS`.
//!
//! ```text
//!  supervise: start ──> pump (stdin, stdout, stderr) ──> stop the group ──back-off──> start ...
//! ```

mod child;
mod pump;
mod stop;

use std::time::Duration;

use hivewright_bridge::io::Loss;
use tokio::{select, time::Instant};
use tokio_util::sync::CancellationToken;

use self::{
    child::{Child, start},
    pump::{PumpEnd, pump},
};
pub use self::{
    child::{Command, StartError},
    stop::{STDIN_GRACE, TERM_GRACE},
};
use super::{
    backoff::{Backoff, random},
    counters::Counters,
};
use crate::driver::{Bridge, CommandNews, ServerHealth};

/// First wait before a process that ended is started again. One crash is hardly felt.
pub const RESTART_BASE: Duration = Duration::from_millis(200);
/// Longest wait: a command that was mended is found within half a minute.
pub const RESTART_CAP: Duration = Duration::from_secs(30);
/// A process that has run for this long is sound: its end is followed by the first wait again.
pub const SOUND_AFTER: Duration = Duration::from_secs(10);

/// Keeps the command running behind the bridge until `shutdown`.
///
/// # Errors
/// If the command cannot be started the first time: that is a mistake in the command line. Later
/// failures are tried again.
pub async fn run(
    bridge: Bridge,
    command: Command,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    let counters = Counters::register(bridge.metrics().registry());
    let mut backoff = Backoff::new(RESTART_BASE, RESTART_CAP);
    let mut child = start(&command)?;
    loop {
        counters.started();
        let started = Instant::now();
        attend(&bridge, child, &shutdown).await;
        if started.elapsed() >= SOUND_AFTER {
            backoff.reset();
        }
        child = loop {
            let wait = backoff.wait(random());
            if !shutdown.is_cancelled() {
                bridge.command_news(&CommandNews::Waiting { wait });
            }
            select! {
                // First, so that an end that was asked for is not followed by another start.
                biased;
                () = shutdown.cancelled() => return Ok(()),
                () = tokio::time::sleep(wait) => {}
            }
            tracing::info!(after = ?wait, "starting the command again");
            match start(&command) {
                Ok(child) => break child,
                Err(error) => {
                    let why = error.to_string().into();
                    bridge.command_news(&CommandNews::NotStarted { why });
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "command not started");
                }
            }
        };
    }
}

/// One process, from its start to the end of its group.
async fn attend(bridge: &Bridge, child: Child, shutdown: &CancellationToken) {
    let pid = child.group.as_raw_pid();
    tracing::info!(pid, "command started");
    bridge.command_news(&CommandNews::Started { pid });
    let mut queue = bridge.server_up();
    let mut pipes = child.pipes;
    let mut process = child.process;
    let end = select! {
        end = pump(&mut pipes, &mut queue, bridge, process.wait()) => end,
        () = shutdown.cancelled() => PumpEnd::Shutdown,
    };
    bridge.server_down(loss(bridge, &end));
    let how = end.told();
    bridge.command_news(&CommandNews::Ended { how });
    match &end {
        PumpEnd::Exited(status) => tracing::warn!(status = %status, "command ended"),
        PumpEnd::Dropped | PumpEnd::StdoutClosed | PumpEnd::Shutdown => {
            tracing::info!(reason = end.as_str(), "stopping the command");
        }
    }
    stop::stop(process, child.group, pipes).await;
}

fn loss(bridge: &Bridge, end: &PumpEnd) -> Loss {
    match end {
        PumpEnd::Exited(_) | PumpEnd::StdoutClosed => Loss::ProcessExited,
        PumpEnd::Shutdown => Loss::Draining,
        PumpEnd::Dropped => match &*bridge.status().borrow() {
            ServerHealth::Failed(loss) => *loss,
            // The queue ends only after the driver has said why.
            ServerHealth::Down | ServerHealth::Handshaking | ServerHealth::Initialized(_) => {
                Loss::NotReading
            }
        },
    }
}

#[cfg(test)]
mod tests;

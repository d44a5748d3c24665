//! A local command as the server: `hivewright-proxy run -- CMD ARGS`.
//!
//! ```text
//!  supervise: start ──> pump (stdin, stdout, stderr) ──> stop the group ──back-off──> start ...
//! ```
//!
//! Where each session has a process to itself, `pool` supervises several.

mod child;
mod pool;
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
    pool::{PoolError, run_pool},
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

/// When a command is no longer to run.
#[derive(Clone, Debug)]
struct Stop {
    /// Behind this bridge.
    leave: CancellationToken,
    /// Anywhere; `leave` is its child.
    proxy: CancellationToken,
}

impl Stop {
    /// What the bridge is told.
    fn loss(&self) -> Loss {
        if self.proxy.is_cancelled() {
            Loss::Draining
        } else {
            Loss::ScaledDown
        }
    }
}

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
    let first = start(&command)?;
    let stop = Stop {
        leave: shutdown.clone(),
        proxy: shutdown,
    };
    keep(bridge, command, (Some(first), counters), stop).await;
    Ok(())
}

/// Keeps the command running behind the bridge until it is to stop; `first` runs already.
async fn keep(
    bridge: Bridge,
    command: Command,
    (first, counters): (Option<Child>, Counters),
    stop: Stop,
) {
    let mut backoff = Backoff::new(RESTART_BASE, RESTART_CAP);
    let mut next = match first {
        Some(child) => Some(child),
        None => started(&bridge, &command, &mut backoff, &stop, true).await,
    };
    while let Some(child) = next {
        counters.started();
        let begun = Instant::now();
        let renewed = attend(&bridge, child, &stop).await == Loss::Renewed;
        if begun.elapsed() >= SOUND_AFTER {
            backoff.reset();
        }
        next = started(&bridge, &command, &mut backoff, &stop, renewed).await;
    }
}

/// Starts the command, after a wait unless it is to be `now`, until it starts; none if it is to stop.
async fn started(
    bridge: &Bridge,
    command: &Command,
    backoff: &mut Backoff,
    stop: &Stop,
    mut now: bool,
) -> Option<Child> {
    loop {
        let wait = if std::mem::take(&mut now) {
            Duration::ZERO
        } else {
            backoff.wait(random())
        };
        if !stop.leave.is_cancelled() && !wait.is_zero() {
            bridge.command_news(&CommandNews::Waiting { wait });
        }
        select! {
            // First, so that an end that was asked for is not followed by another start.
            biased;
            () = stop.leave.cancelled() => return None,
            () = tokio::time::sleep(wait) => {}
        }
        tracing::info!(after = ?wait, "starting the command");
        match start(command) {
            Ok(child) => return Some(child),
            Err(error) => {
                let why = error.to_string().into();
                bridge.command_news(&CommandNews::NotStarted { why });
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "command not started");
            }
        }
    }
}

/// One process, from its start to the end of its group; what the bridge was told.
async fn attend(bridge: &Bridge, child: Child, stop: &Stop) -> Loss {
    let pid = child.group.as_raw_pid();
    tracing::info!(pid, "command started");
    bridge.command_news(&CommandNews::Started { pid });
    let mut queue = bridge.server_up();
    let mut pipes = child.pipes;
    let mut process = child.process;
    let end = select! {
        end = pump(&mut pipes, &mut queue, bridge, process.wait()) => end,
        () = stop.leave.cancelled() => PumpEnd::Shutdown,
    };
    let loss = loss(bridge, &end, stop);
    bridge.server_down(loss);
    let how = end.told();
    bridge.command_news(&CommandNews::Ended { how });
    match &end {
        PumpEnd::Exited(status) => tracing::warn!(status = %status, "command ended"),
        PumpEnd::Dropped | PumpEnd::StdoutClosed | PumpEnd::Shutdown => {
            tracing::info!(reason = end.as_str(), "stopping the command");
        }
    }
    stop::stop(process, child.group, pipes).await;
    loss
}

fn loss(bridge: &Bridge, end: &PumpEnd, stop: &Stop) -> Loss {
    match end {
        PumpEnd::Exited(_) | PumpEnd::StdoutClosed => Loss::ProcessExited,
        PumpEnd::Shutdown => stop.loss(),
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

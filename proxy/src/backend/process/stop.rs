//! Ends a process group in the order that MCP asks for (2025-11-25, Lifecycle, Shutdown, stdio):
//! close its stdin, wait, SIGTERM, wait, SIGKILL.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{process, time::timeout};

use super::child::Pipes;

/// Time to end after stdin was closed. Well-written servers do so at once.
pub const STDIN_GRACE: Duration = Duration::from_secs(2);
/// Time to end after SIGTERM. Together with [`STDIN_GRACE`] below the 10 s that service managers
/// and containers give at least.
pub const TERM_GRACE: Duration = Duration::from_secs(5);

/// Stops what is left of the group: also after the leader's own end, because package runners start
/// the server as a child.
pub(super) async fn stop(mut leader: process::Child, group: Pid, pipes: Pipes) {
    let Pipes {
        stdin,
        stdout,
        stderr,
    } = pipes;
    drop(stdin);
    // Kept open until the end, so that a last line does not kill a server that is finishing.
    let _open = (stdout, stderr);
    if timeout(STDIN_GRACE, leader.wait()).await.is_err() {
        signal(group, Signal::TERM);
        // Whether it ended or not, the group is killed next.
        let _ = timeout(TERM_GRACE, leader.wait()).await;
    }
    signal(group, Signal::KILL);
    if let Err(error) = leader.wait().await {
        tracing::warn!(%error, "command not waited for");
    }
}

fn signal(group: Pid, signal: Signal) {
    // The only failure is that nobody is left in the group.
    let _ = kill_process_group(group, signal);
}

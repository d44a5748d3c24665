//! The recorded server behind a bridge.

use std::time::Duration;

use bytes::Bytes;
use hivewright_bridge::io::Loss;
use tokio::{select, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{Action, Player};
use crate::driver::{Bridge, StdinQueue};

/// How long the recorded server stays away after it has ended: the first back-off of a command.
const AWAY: Duration = crate::backend::process::RESTART_BASE;

/// Serves until `shutdown`.
pub async fn serve(bridge: Bridge, mut player: Player, shutdown: CancellationToken) {
    loop {
        let queue = bridge.server_up();
        player.restart();
        let loss = select! {
            loss = play(&bridge, &mut player, queue) => loss,
            () = shutdown.cancelled() => Loss::Draining,
        };
        bridge.server_down(loss);
        select! {
            biased;
            () = shutdown.cancelled() => return,
            () = sleep(AWAY) => {}
        }
    }
}

/// One life of the server; why it ended.
async fn play(bridge: &Bridge, player: &mut Player, mut queue: StdinQueue) -> Loss {
    while let Some(line) = queue.recv().await {
        for action in player.take(&line) {
            match action {
                Action::Say(line) => bridge.server_line(Bytes::from(line)),
                Action::Die => return Loss::ProcessExited,
                Action::Alike(line) => {
                    tracing::warn!(line, "answered as a recorded call with other arguments");
                }
            }
        }
    }
    Loss::NotReading
}

#[cfg(test)]
mod tests;

//! Several processes of one command, each for one session at a time.
//!
//! ```text
//!  Fleet::sizes ──> hire 2 / dismiss 2 ──> keep: start, attend, stop, start anew ...
//! ```

use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    Stop,
    child::{Child, Command, StartError, start},
    keep,
};
use crate::{
    backend::Counters,
    fleet::{Fleet, MAX_PODS, Ordinal},
    together::together,
};

/// Why a pool of processes ends before it is told to.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// The command cannot be started the first time: that is a mistake in the command line. Later
    /// failures are tried again.
    #[error(transparent)]
    Start(#[from] StartError),
    /// One of its tasks has failed.
    #[error("a part of the pool has failed")]
    Task(#[from] JoinError),
}

/// Keeps as many processes of the command running as the fleet, a pool, has bridges, until
/// `shutdown`.
///
/// # Errors
/// See [`PoolError`].
pub async fn run_pool(
    fleet: Fleet,
    command: Command,
    shutdown: CancellationToken,
) -> Result<(), PoolError> {
    let first = start(&command)?;
    let mut helpers = JoinSet::new();
    helpers.spawn(fleet.clone().run_pool(shutdown.clone()));
    let crew = Crew {
        counters: Counters::register(fleet.metrics().registry()),
        fleet,
        command,
        shutdown,
        members: [const { None }; MAX_PODS],
        tasks: JoinSet::new(),
    };
    Ok(together(crew.run(first), helpers).await??)
}

struct Crew {
    fleet: Fleet,
    command: Command,
    counters: Counters,
    shutdown: CancellationToken,
    /// How each process's keeper is told to leave, until it has.
    members: [Option<CancellationToken>; MAX_PODS],
    tasks: JoinSet<Ordinal>,
}

impl Crew {
    async fn run(mut self, first: Child) -> Result<(), JoinError> {
        let mut sizes = self.fleet.sizes();
        let mut first = Some(first);
        while !self.shutdown.is_cancelled() {
            let wanted = *sizes.borrow_and_update();
            for leave in self.members.iter().skip(wanted).flatten() {
                leave.cancel();
            }
            for pod in Ordinal::below(wanted) {
                self.hire(pod, &mut first);
            }
            tokio::select! {
                () = self.shutdown.cancelled() => {}
                _ = sizes.changed() => {}
                Some(left) = self.tasks.join_next() => self.members[left?.index()] = None,
            }
        }
        while let Some(left) = self.tasks.join_next().await {
            left?;
        }
        Ok(())
    }

    /// Starts a keeper, unless there is one. One that is leaving is waited for.
    fn hire(&mut self, pod: Ordinal, first: &mut Option<Child>) {
        if self.members[pod.index()].is_some() {
            return;
        }
        let leave = self.shutdown.child_token();
        self.members[pod.index()] = Some(leave.clone());
        let bridge = self.fleet.bridge(pod).clone();
        let (command, counters) = (self.command.clone(), self.counters.clone());
        let stop = Stop {
            leave,
            proxy: self.shutdown.clone(),
        };
        let first = first.take();
        self.tasks.spawn(async move {
            keep(bridge, command, (first, counters), stop).await;
            pod
        });
    }
}

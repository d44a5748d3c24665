//! Notifications to another session while calls are measured.

use std::thread::{self, JoinHandle};

use anyhow::{Result, anyhow};
use futures::future::try_join_all;

use super::{Plan, connection::Connection, session::Session};

/// Calls of `progress` that run meanwhile, on a thread of their own: reading what they bring must
/// not delay the calls that are measured.
#[derive(Debug)]
pub(super) struct Flood(Option<JoinHandle<Result<u64>>>);

impl Flood {
    /// Starts them in a session of their own.
    pub(super) fn start(plan: &Plan) -> Self {
        let plan = plan.clone();
        Self((plan.flood > 0).then(|| thread::spawn(move || run(&plan))))
    }

    /// Waits for their ends and counts what came.
    pub(super) fn end(self) -> Result<u64> {
        let Some(thread) = self.0 else { return Ok(0) };
        thread.join().map_err(|_| anyhow!("the flood panicked"))?
    }
}

fn run(plan: &Plan) -> Result<u64> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let session = Session::open(plan).await?;
        let steps = (plan.warm_up + plan.seconds) * 1000;
        let calls = (0..plan.flood).map(async |number| {
            let mut on = Connection::open(&plan.target).await?;
            session.progress(&mut on, number + 1, steps).await
        });
        Ok(try_join_all(calls).await?.into_iter().sum())
    })
}

//! Notifications to another session while calls are measured.

use anyhow::Result;
use tokio::task::JoinHandle;

use super::{Plan, connection::Connection, session::Session};

/// Calls of `progress` that run meanwhile.
#[derive(Debug)]
pub(super) struct Flood(Vec<JoinHandle<Result<u64>>>);

impl Flood {
    /// Starts them in a session of their own.
    pub(super) async fn start(plan: &Plan) -> Result<Self> {
        let mut calls = Vec::new();
        if plan.flood > 0 {
            let session = Session::open(plan).await?;
            let steps = (plan.warm_up + plan.seconds) * 1000;
            for number in 0..plan.flood {
                let (session, mut on) = (session.clone(), Connection::open(&plan.target).await?);
                calls.push(tokio::spawn(async move {
                    session.progress(&mut on, number + 1, steps).await
                }));
            }
        }
        Ok(Self(calls))
    }

    /// Waits for their ends and counts what came.
    pub(super) async fn end(self) -> Result<u64> {
        let mut seen = 0;
        for call in self.0 {
            seen += call.await??;
        }
        Ok(seen)
    }
}

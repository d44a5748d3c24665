//! Waits until the server listens.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{
    connect::{Connection, Unready, connect},
    endpoint::Endpoint,
    fault::Fault,
    probe::{USUAL_PORTS, diagnose},
};

/// How long a server may take to listen before its port is called wrong. Package runners fetch
/// dependencies first; nothing is said to be wrong before that could be over.
pub const LISTEN_GRACE: Duration = Duration::from_secs(30);
/// Between two attempts within [`LISTEN_GRACE`]: a refused connection costs microseconds, and a
/// server that is up is to be used at once.
const RETRY_SOON: Duration = Duration::from_millis(250);
/// Between two attempts after it, or after an answer that makes no sense: somebody has to change
/// something first.
const RETRY_LATER: Duration = Duration::from_secs(2);

/// Tries until the server listens and, if its transport lets that be seen without a session, speaks
/// it. Never gives up: drop it when the process is gone. `tell` is called with what is wrong, once
/// for each change: at once if something answers that is not this transport, and only after
/// [`LISTEN_GRACE`] if nothing listens.
pub async fn reach(endpoint: &Endpoint, mut tell: impl FnMut(&Fault)) -> Connection {
    let begun = Instant::now();
    let mut told = None;
    loop {
        let (fault, wait) = match connect(endpoint).await {
            Ok(connection) => return connection,
            Err(Unready::NotThere) if begun.elapsed() < LISTEN_GRACE => (None, RETRY_SOON),
            Err(Unready::NotThere) => (diagnose(endpoint.address, USUAL_PORTS).await, RETRY_LATER),
            Err(Unready::Fault(fault)) => (Some(fault), RETRY_LATER),
        };
        if fault.is_some() && fault != told {
            told = fault;
            told.iter().for_each(&mut tell);
        }
        sleep(wait).await;
    }
}

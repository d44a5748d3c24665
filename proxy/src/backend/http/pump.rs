//! Moves lines between the bridge and a server until one of them ends.

use std::{
    collections::{HashMap, HashSet},
    future::pending,
    time::Duration,
};

use bytes::Bytes;
use futures::{StreamExt, stream::FuturesUnordered};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    client::Http,
    connect::{Connection, Way},
    fault::{Broken, Fault, HttpEnd},
    lanes::Lanes,
    outgoing::{Outgoing, What},
    probe::{self, Port},
    sse, streamable,
};
use crate::backend::{output::LineSink, source::LineSource};

/// Longest wait until the server has taken a notification or an answer; neither needs thinking.
const NOTE_LIMIT: Duration = Duration::from_secs(30);
/// How long the port of a process that ends may still be open after its connections are gone.
const PORT_LAG: Duration = Duration::from_millis(250);
/// How long the response to a cancelled call is still read. The server need not answer it (MCP
/// 2025-11-25, Cancellation), so that its stream might never end.
pub(super) const CANCEL_LINGER: Duration = Duration::from_secs(5);

/// Runs the connection until the server, the driver or the proxy ends it. Calls that the connection
/// cuts off are answered with an error, or left to the bridge's own handling of the loss.
pub async fn pump<Q, L>(
    connection: Connection,
    stdin: &mut Q,
    sink: &L,
    shutdown: &CancellationToken,
) -> HttpEnd
where
    Q: LineSource,
    L: LineSink + Sync,
{
    match connection.0 {
        Way::Sse(open) => sse::pump(*open, stdin, sink, shutdown).await,
        Way::Streamable(http) => streamable::pump(*http, stdin, sink, shutdown).await,
    }
}

/// How one message is posted.
pub(super) trait Post: Sync {
    /// Returns when all that the response may still bring is there. A failed call is no error: it
    /// has been answered by one.
    fn post(&self, out: &Outgoing) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Whether a call is answered in the response to its own POST, so that there is something to end.
    fn has_responses(&self) -> bool;
}

/// Posts every line until the queue ends or the server is lost.
pub(super) async fn post_all(way: &impl Post, stdin: &mut impl LineSource) -> HttpEnd {
    let mut lanes = Lanes::default();
    let mut under_way = FuturesUnordered::new();
    let mut calls: HashMap<Bytes, CancellationToken> = HashMap::new();
    // A server may take both eras, so each call says itself how it is cancelled.
    let mut modern: HashSet<Bytes> = HashSet::new();
    let mut batch = Vec::new();
    loop {
        while let Some(out) = lanes.next() {
            under_way.push(carry(way, token(&mut calls, &out.what), out));
        }
        tokio::select! {
            count = stdin.batch(&mut batch) => {
                if count == 0 {
                    return HttpEnd::Dropped;
                }
                for line in batch.drain(..) {
                    let out = Outgoing::of(line);
                    if way.has_responses() && out.modern && let What::Call(id) = &out.what {
                        modern.insert(id.clone());
                    }
                    if let What::Cancelled(id) = &out.what && modern.remove(id) {
                        // The end of its response says it all (MCP 2026-07-28, Cancellation).
                        if !lanes.forget(id) {
                            settle(&mut calls, &out.what);
                        }
                    } else if lanes.push(out).is_err() {
                        return HttpEnd::Lost(Fault::NotReading);
                    }
                }
            }
            Some((what, result)) = under_way.next() => {
                if let Err(fault) = result {
                    return HttpEnd::Lost(fault);
                }
                lanes.done(&what);
                settle(&mut calls, &what);
                if let What::Call(id) = &what {
                    modern.remove(id);
                }
            }
        }
    }
}

/// What ends this message early: for a call, its cancellation.
fn token(calls: &mut HashMap<Bytes, CancellationToken>, what: &What) -> Option<CancellationToken> {
    match what {
        What::Call(id) => Some(calls.entry(id.clone()).or_default().clone()),
        What::Initialize(_)
        | What::Discover(_)
        | What::Initialized
        | What::Cancelled(_)
        | What::Note => None,
    }
}

fn settle(calls: &mut HashMap<Bytes, CancellationToken>, what: &What) {
    match what {
        What::Call(id) => {
            calls.remove(id);
        }
        What::Cancelled(id) => calls.get(id).iter().for_each(|call| call.cancel()),
        What::Initialize(_) | What::Discover(_) | What::Initialized | What::Note => {}
    }
}

async fn carry(
    way: &impl Post,
    cancelled: Option<CancellationToken>,
    out: Outgoing,
) -> (What, Result<(), Fault>) {
    let given_up = async {
        match cancelled {
            Some(cancelled) => cancelled.cancelled().await,
            None => pending().await,
        }
        if !out.modern {
            sleep(CANCEL_LINGER).await;
        }
    };
    let result = tokio::select! {
        result = way.post(&out) => result,
        () = given_up => Ok(()),
    };
    (out.what, result)
}

/// The response to a notification or an answer, if it comes within [`NOTE_LIMIT`]: those behind it
/// wait for no longer.
pub(super) async fn taken<T>(posted: impl Future<Output = T>) -> Option<T> {
    let response = timeout(NOTE_LIMIT, posted).await.ok();
    if response.is_none() {
        tracing::warn!("notification not taken in time");
    }
    response
}

/// After a request that failed: whether the server can still be connected to. Asked twice, because a
/// process that is killed may lose its connections before its port.
pub(super) async fn still_there(http: &Http) -> Result<(), Fault> {
    for pause in [Duration::ZERO, PORT_LAG] {
        sleep(pause).await;
        match probe::port(http.endpoint.address).await {
            Port::Open => {}
            Port::Refused | Port::Silent => {
                return Err(Fault::ConnectionLost(Broken::Unreachable));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

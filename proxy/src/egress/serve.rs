//! The listener: accepts connections, serves them, bounds each in time and all in number.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{
    exchange::Current,
    service::{Gate, Visitor},
    watched::{Activity, Watched},
};
use crate::accept::{Connections, Places};

/// Connections at once. Those that are idle or get a refusal need no place among the exchanges;
/// past this bound they wait in the kernel's accept queue.
pub const MAX_CONNECTIONS: usize = 512;
/// Requests and tunnels at once; one more is refused. A server seldom has more than a few dozen,
/// and each holds two sockets and two buffers of [`COPY_BUFFER`](super::COPY_BUFFER).
pub const MAX_EXCHANGES: usize = 256;
/// Header fields of one request or answer.
pub const MAX_HEADERS: usize = 100;
/// Bytes of the head of one request or answer.
pub const MAX_HEAD: usize = 32 * 1024;
/// Bytes that one connection may buffer: the head, and pieces of a body.
pub(super) const READ_BUFFER: usize = 64 * 1024;
/// Time for the head of the next request, from the end of the one before: also the life of a
/// connection without requests. Longer than the 90 s after which common clients drop one.
pub const HEAD_WAIT: Duration = Duration::from_mins(2);
/// Longest that no byte passes between the server and the gateway while a request or tunnel runs.
/// Model APIs think for minutes; a server that waits longer pings.
pub const IDLE_WAIT: Duration = Duration::from_mins(15);
/// Longest life of a connection, busy or not.
pub const MAX_LIFE: Duration = Duration::from_hours(24);

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// By itself.
    Done,
    /// New rules do not allow what it was doing.
    Revoked,
    /// [`IDLE_WAIT`] is over.
    Idle,
    /// [`MAX_LIFE`] is over.
    TooOld,
}

/// Serves at most `max` connections at once, until `shutdown`; then ends all of them.
pub(super) async fn serve(
    listener: TcpListener,
    gate: Arc<Gate>,
    max: usize,
    shutdown: CancellationToken,
) {
    let mut connections = Connections::new(Places {
        served: max,
        reserved: 0,
        turned_away: 0,
    });
    let serve = |stream, peer, _| connection(stream, peer, gate.clone());
    connections.accept(&listener, &shutdown, serve).await;
}

async fn connection(stream: TcpStream, peer: SocketAddr, gate: Arc<Gate>) {
    let (activity, current) = (Activity::begin(), Current::default());
    let stream = Watched::new(stream, activity.clone(), gate.metrics.clone());
    let rules = gate.rules.clone();
    let visitor = Visitor {
        gate,
        slot: Arc::default(),
        current: current.clone(),
        source: peer.ip().to_canonical(),
    };
    let end = tokio::select! {
        () = requests(stream, visitor) => End::Done,
        () = current.revoked(rules) => End::Revoked,
        () = activity.idle(IDLE_WAIT) => End::Idle,
        () = sleep(MAX_LIFE) => End::TooOld,
    };
    match end {
        End::Done => {}
        End::Revoked => {
            tracing::info!(%peer, "an egress connection was closed: the rules have changed");
        }
        End::Idle | End::TooOld => {
            tracing::debug!(%peer, ?end, "an egress connection was closed");
        }
    }
}

/// Serves requests; the last may make the connection a tunnel, which is then run to its end.
async fn requests(stream: Watched<TcpStream>, visitor: Visitor) {
    let slot = visitor.slot.clone();
    let service = service_fn(move |request| {
        let visitor = visitor.clone();
        async move { Ok::<_, Infallible>(visitor.answer(request).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .preserve_header_case(true)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEAD)
        .max_buf_size(READ_BUFFER)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection ended early");
    }
    if let Some(tunnel) = slot.planned() {
        tunnel.run().await;
    }
}

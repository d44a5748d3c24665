//! The listener: accepts connections, serves them, and ends them in two stages.

use std::{io, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time,
};
use tokio_util::sync::CancellationToken;

/// Connections served at once by one listener. A client needs one or two; more wait in the kernel's
/// accept queue.
pub const MAX_CONNECTIONS: usize = 2048;
/// Header fields of one request. MCP clients send about ten, gateways add as many.
pub const MAX_HEADERS: usize = 100;
/// Bytes of one request's head, and of one read. Tokens and cookies of a gateway fit well.
pub const MAX_HEAD: usize = 64 * 1024;
/// Time for the head of the next request, from the end of the one before: also the life of an idle
/// connection. Longer than the 90 s after which common clients drop an idle one themselves, so that
/// it is they who close it.
pub const HEAD_WAIT: Duration = Duration::from_mins(2);
/// Pause after an `accept` that failed, for example for want of file descriptors.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How serving came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every connection ended by itself.
    Clean,
    /// So many connections were cut at the deadline.
    Cut(usize),
}

/// Serves `router` until `shutdown`; then accepts nothing more, lets running requests end for at
/// most `deadline`, and cuts what is left.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    deadline: Duration,
) -> Drained {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let room = connections.len() < MAX_CONNECTIONS;
        tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept(), if room => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, router.clone(), graceful.watcher()));
                }
                Err(error) => pause(&error).await,
            },
        }
    }
    drop(listener);
    drain(graceful, connections, deadline).await
}

async fn drain(
    graceful: GracefulShutdown,
    mut connections: JoinSet<()>,
    deadline: Duration,
) -> Drained {
    if time::timeout(deadline, graceful.shutdown()).await.is_ok() {
        return Drained::Clean;
    }
    while connections.try_join_next().is_some() {}
    let left = connections.len();
    connections.shutdown().await;
    Drained::Cut(left)
}

async fn connection(stream: TcpStream, router: Router, watcher: Watcher) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps Nagle's algorithm");
    }
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn pause(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    time::sleep(ACCEPT_PAUSE).await;
}

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
/// Bytes of one request's head. Tokens and cookies of a gateway fit well.
pub const MAX_HEAD: usize = 32 * 1024;
/// Bytes that one connection may buffer: the head, and pieces of a large body.
const READ_BUFFER: usize = 128 * 1024;
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
    accept(
        &listener,
        &router,
        &shutdown,
        (&graceful, &mut connections),
        MAX_CONNECTIONS,
    )
    .await;
    drop(listener);
    drain(graceful, connections, deadline).await
}

/// Accepts connections, at most `max` at once, until `shutdown`.
async fn accept(
    listener: &TcpListener,
    router: &Router,
    shutdown: &CancellationToken,
    (graceful, connections): (&GracefulShutdown, &mut JoinSet<()>),
    max: usize,
) {
    loop {
        let room = connections.len() < max;
        tokio::select! {
            biased;
            () = shutdown.cancelled() => return,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept(), if room => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, router.clone(), graceful.watcher()));
                }
                Err(error) => pause(&error).await,
            },
        }
    }
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
        .max_header_size(MAX_HEAD)
        .max_buf_size(READ_BUFFER)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn pause(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    time::sleep(ACCEPT_PAUSE).await;
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        time::Instant,
    };

    use super::*;

    /// A listener that serves at most `max` connections; every path is unknown to its router.
    async fn listen(max: usize) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        tokio::spawn(async move {
            let (graceful, mut connections) = (GracefulShutdown::new(), JoinSet::new());
            let never = CancellationToken::new();
            let serving = (&graceful, &mut connections);
            accept(&listener, &Router::new(), &never, serving, max).await;
        });
        address
    }

    /// The status line that answers this head.
    async fn status(connection: &mut TcpStream, head: &str) -> String {
        connection
            .write_all(head.as_bytes())
            .await
            .expect("the listener reads");
        let mut answer = [0; 32];
        let read = connection
            .read(&mut answer)
            .await
            .expect("the listener answers");
        let line = String::from_utf8_lossy(&answer[..read]).into_owned();
        line.chars().take("HTTP/1.1 404".len()).collect()
    }

    const SMALL: &str = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

    #[tokio::test]
    async fn a_connection_past_the_bound_waits_until_another_ends() {
        let address = listen(1).await;
        let mut first = TcpStream::connect(address).await.expect("accepted");
        assert_eq!(status(&mut first, SMALL).await, "HTTP/1.1 404");
        let mut second = TcpStream::connect(address)
            .await
            .expect("in the kernel's queue");
        let waiting = status(&mut second, SMALL);
        tokio::pin!(waiting);
        let early = time::timeout(Duration::from_millis(50), &mut waiting).await;
        assert!(
            early.is_err(),
            "nobody serves the second while the first is open"
        );
        drop(first);
        assert_eq!(waiting.await, "HTTP/1.1 404");
    }

    #[tokio::test]
    async fn a_head_past_the_bounds_is_refused() {
        let address = listen(2).await;
        let many = "x: y\r\n".repeat(MAX_HEADERS + 1);
        let large = format!("x: {}\r\n", "y".repeat(MAX_HEAD));
        for headers in [many, large] {
            let mut connection = TcpStream::connect(address).await.expect("accepted");
            let head = format!("GET / HTTP/1.1\r\n{headers}\r\n");
            assert_eq!(status(&mut connection, &head).await, "HTTP/1.1 431");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_does_not_come_ends_the_connection() {
        let mut connection = TcpStream::connect(listen(1).await).await.expect("accepted");
        connection
            .write_all(b"GET / HT")
            .await
            .expect("the listener reads");
        let start = Instant::now();
        let mut rest = Vec::new();
        connection
            .read_to_end(&mut rest)
            .await
            .expect("a clean end");
        assert!(start.elapsed() >= HEAD_WAIT && start.elapsed() < HEAD_WAIT * 2);
    }
}

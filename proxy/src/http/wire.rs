//! One connection: HTTP/1.1, or HTTP/2 without TLS by prior knowledge (RFC 9113, 3.3).
//!
//! Which of them is seen from the first bytes. The two are bounded alike: heads, streams at once,
//! time for the first request, and what a connection buffers.

use std::{io, time::Duration};

use axum::Router;
use hyper::server::conn::{http1, http2};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::Watcher,
    service::TowerToHyperService,
};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// Header fields of one request. MCP clients send about ten, gateways add as many. HTTP/2 bounds
/// their bytes alone.
pub const MAX_HEADERS: usize = 100;
/// Bytes of one request's head. Tokens and cookies of a gateway fit well.
pub const MAX_HEAD: usize = 32 * 1024;
/// Bytes that one connection of HTTP/1.1 may buffer: the head, and pieces of a large body.
const READ_BUFFER: usize = 128 * 1024;
/// Time for the head of the next request, from the end of the one before: also the life of an idle
/// connection of HTTP/1.1. Longer than the 90 s after which common clients drop an idle one
/// themselves, so that it is they who close it.
pub const HEAD_WAIT: Duration = Duration::from_mins(2);

/// Requests at once on one connection of HTTP/2. A gateway shares few connections among many
/// clients; past it, it waits or opens another one.
pub const MAX_H2_STREAMS: u32 = 256;
/// Silence after which the other end of an HTTP/2 connection is asked whether it is there, and the
/// time that it has to say so: a client that vanished is noticed within both together.
pub const H2_PING_EVERY: Duration = Duration::from_secs(20);
/// See [`H2_PING_EVERY`].
pub const H2_PING_WAIT: Duration = Duration::from_secs(20);
/// Streams that the client has opened and reset before they were looked at; one more ends the
/// connection (CVE-2023-44487, "rapid reset").
pub const MAX_H2_RESETS: usize = 32;
/// Resets that the client's own errors have caused; one more ends the connection
/// (CVE-2025-8671, "made you reset").
pub const MAX_H2_ERRORS: usize = 128;
/// Bytes of one answer that an HTTP/2 connection buffers; what a client does not read waits in the
/// stream's own bounded queue.
const H2_SEND_BUFFER: usize = 64 * 1024;
/// Bytes of one request's body that the client may send unread, and of all on one connection.
const H2_STREAM_WINDOW: u32 = 256 * 1024;
/// See [`H2_STREAM_WINDOW`].
const H2_CONNECTION_WINDOW: u32 = 1024 * 1024;

/// How a connection of HTTP/2 begins (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Pause between looks at a preface of which only a part is there.
const PREFACE_PAUSE: Duration = Duration::from_millis(10);

/// What is spoken on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spoken {
    Http1,
    Http2,
}

/// Serves one connection to its end, or to the end of its last request when `watcher` says so; one
/// that has said nothing yet ends with `shutdown`.
pub(super) async fn serve(
    stream: TcpStream,
    router: Router,
    watcher: Watcher,
    shutdown: CancellationToken,
) {
    let spoken = tokio::select! {
        spoken = timeout(HEAD_WAIT, spoken(&stream)) => spoken,
        () = shutdown.cancelled() => return,
    };
    let (io, service) = (TokioIo::new(stream), TowerToHyperService::new(router));
    let served = match spoken {
        Ok(Ok(Spoken::Http1)) => watcher.watch(http1().serve_connection(io, service)).await,
        Ok(Ok(Spoken::Http2)) => watcher.watch(http2().serve_connection(io, service)).await,
        Ok(Err(error)) => return tracing::debug!(%error, "a connection ended before its head"),
        Err(_elapsed) => return,
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// What the client speaks. Takes nothing off the stream.
async fn spoken(stream: &TcpStream) -> io::Result<Spoken> {
    let mut begun = [0; PREFACE.len()];
    loop {
        let seen = stream.peek(&mut begun).await?;
        if seen == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if begun[..seen] != PREFACE[..seen] {
            return Ok(Spoken::Http1);
        }
        if seen == PREFACE.len() {
            return Ok(Spoken::Http2);
        }
        // A look does not wait for more than there is.
        sleep(PREFACE_PAUSE).await;
    }
}

fn http1() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEAD)
        .max_buf_size(READ_BUFFER);
    builder
}

fn http2() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_H2_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(MAX_H2_RESETS)
        .max_local_error_reset_streams(MAX_H2_ERRORS)
        .keep_alive_interval(H2_PING_EVERY)
        .keep_alive_timeout(H2_PING_WAIT)
        .initial_stream_window_size(H2_STREAM_WINDOW)
        .initial_connection_window_size(H2_CONNECTION_WINDOW)
        .max_send_buf_size(H2_SEND_BUFFER);
    builder
}

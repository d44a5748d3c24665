//! A CONNECT tunnel: bytes both ways, until both sides have ended.
//!
//! ```text
//!  client ── first bytes ── hello ──┬─ no TLS, no name, or the tunnel's host ──> host
//!                                   └─ another host ──> TLS alert, end
//!  client <──────────────────────────────────────────────────────────────────── host
//! ```

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use bytes::BytesMut;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    net::TcpStream,
    time::timeout,
};

use super::{
    denial::Why,
    exchange::Exchange,
    hello::{self, Hello, MAX_HELLO, Unread},
    metrics::{EgressMetrics, Outcome},
    service::Gate,
    target::{Host, Target},
};

/// Bytes that are read at once, in each direction.
pub const COPY_BUFFER: usize = 16 * 1024;
/// Longest time from the first byte of a TLS handshake to the end of its first message.
pub const HELLO_WAIT: Duration = Duration::from_secs(10);

/// A fatal `unrecognized_name` (RFC 8446, 6; RFC 6066, 3): what a server says to a name that is not
/// its own.
const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 112];

/// A tunnel that begins when the answer to CONNECT is sent.
#[derive(Debug)]
pub(super) struct Tunnel {
    pub(super) gate: Arc<Gate>,
    /// The pod that asked for it.
    pub(super) source: IpAddr,
    pub(super) target: Target,
    pub(super) upgrade: OnUpgrade,
    /// The connection to the host.
    pub(super) stream: TcpStream,
    pub(super) exchange: Exchange,
}

/// Why a tunnel ended before both sides did.
#[derive(Debug, thiserror::Error)]
enum Cut {
    /// A side broke off.
    #[error("a side of the tunnel broke off")]
    Io(#[from] io::Error),
    /// The handshake asks for another host, or it cannot be read.
    #[error("the TLS handshake asks for another host")]
    ServerName,
}

impl Tunnel {
    /// Runs it to its end.
    pub(super) async fn run(self) {
        let client = match self.upgrade.await {
            Ok(client) => client,
            Err(error) => {
                tracing::debug!(%error, "a client left before its tunnel was open");
                return;
            }
        };
        let open = Open::count(&self.gate.metrics);
        match carry(client, self.stream, &self.target).await {
            Ok(()) => {}
            Err(Cut::Io(error)) => tracing::debug!(%error, "a tunnel broke off"),
            Err(Cut::ServerName) => {
                self.gate.metrics.count(Outcome::ServerNameDenied);
                self.gate.deny(self.source, &self.target, Why::ServerName);
            }
        }
        drop((open, self.exchange));
    }
}

/// Counts an open tunnel.
struct Open<'a>(&'a EgressMetrics);

impl<'a> Open<'a> {
    fn count(metrics: &'a EgressMetrics) -> Self {
        metrics.tunnel_opened();
        Self(metrics)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.tunnel_closed();
    }
}

async fn carry(client: Upgraded, mut host: TcpStream, target: &Target) -> Result<(), Cut> {
    let (mut client_out, mut client_in) = split(TokioIo::new(client));
    let (mut host_out, mut host_in) = host.split();
    let there = async {
        let first = first_bytes(&mut client_out, target).await?;
        host_in.write_all(&first).await?;
        drop(first);
        copy(&mut client_out, &mut host_in).await
    };
    let back = copy(&mut host_out, &mut client_in);
    let ended = tokio::try_join!(there, back);
    if let Err(Cut::ServerName) = ended {
        client_in.write_all(&ALERT).await?;
        client_in.shutdown().await?;
    }
    ended.map(|_| ())
}

/// Copies to the end, and passes the end on.
async fn copy(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
) -> Result<(), Cut> {
    let mut buffer = BytesMut::with_capacity(COPY_BUFFER);
    while from.read_buf(&mut buffer).await? > 0 {
        to.write_all(&buffer).await?;
        buffer.clear();
    }
    to.shutdown().await?;
    Ok(())
}

/// The bytes that the client sends first: as many as show that it asks for the tunnel's host. A
/// client that waits for the host to speak first is not hurried.
async fn first_bytes(
    client: &mut (impl AsyncRead + Unpin),
    target: &Target,
) -> Result<BytesMut, Cut> {
    let mut bytes = BytesMut::with_capacity(MAX_HELLO);
    let Host::Name(host) = &target.host else {
        return Ok(bytes);
    };
    if client.read_buf(&mut bytes).await? == 0 {
        return Ok(bytes);
    }
    let hello = timeout(HELLO_WAIT, hello(client, &mut bytes));
    match hello.await.unwrap_or(Err(Cut::ServerName))? {
        Hello::NotTls | Hello::Nameless => Ok(bytes),
        Hello::Name(name) => match Host::parse(&name) {
            Ok(Host::Name(name)) if name == *host => Ok(bytes),
            Ok(_) | Err(_) => Err(Cut::ServerName),
        },
    }
}

async fn hello(client: &mut (impl AsyncRead + Unpin), bytes: &mut BytesMut) -> Result<Hello, Cut> {
    loop {
        match hello::read(bytes) {
            Ok(hello) => return Ok(hello),
            Err(Unread::Malformed) => return Err(Cut::ServerName),
            Err(Unread::Partial) => {}
        }
        let room = MAX_HELLO - bytes.len();
        if client.take(room as u64).read_buf(bytes).await? == 0 {
            // The client left in the middle of its handshake: there is nothing to pass on.
            bytes.clear();
            return Ok(Hello::Nameless);
        }
    }
}

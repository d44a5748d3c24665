//! TLS in front of the stand-ins.
//!
//! ```text
//!  TcpListener ──accept──> one task a handshake ──done──> queue ──> axum
//!                               └── late or failed: a line on stderr
//! ```

use std::{io, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::certificates::{CERTIFICATE, KEY};

/// Time for one handshake: two round trips inside a cluster, on a busy machine.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connections that wait to be served; more wait in their own tasks.
const WAITING: usize = 64;

/// Reads the stand-ins' certificate and key from `folder`.
///
/// # Errors
/// A file is missing or not what it should be.
pub fn acceptor(folder: &Path) -> Result<TlsAcceptor> {
    let file = folder.join(CERTIFICATE);
    let chain = CertificateDer::pem_file_iter(&file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("{} holds no certificate", file.display()))?;
    let file = folder.join(KEY);
    let key = PrivateKeyDer::from_pem_file(&file)
        .with_context(|| format!("{} holds no key", file.display()))?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A listener that gives connections whose handshake is done.
#[derive(Debug)]
pub struct Listener {
    address: io::Result<SocketAddr>,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl Listener {
    /// Accepts in a task of its own, for as long as the listener is there.
    pub fn new(mut listener: TcpListener, acceptor: TlsAcceptor) -> Self {
        let address = listener.local_addr();
        let (done, ready) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            while !done.is_closed() {
                // axum's way: an error that passes, such as too many open files, is waited out.
                let (stream, peer) = axum::serve::Listener::accept(&mut listener).await;
                tokio::spawn(handshake(acceptor.clone(), stream, peer, done.clone()));
            }
        });
        Self { address, ready }
    }
}

async fn handshake(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    peer: SocketAddr,
    done: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    match timeout(HANDSHAKE, acceptor.accept(stream)).await {
        // Nobody listens any more: the connection ends with the stream.
        Ok(Ok(stream)) => drop(done.send((stream, peer)).await),
        Ok(Err(error)) => eprintln!("world: no handshake with {peer}: {error}"),
        Err(_) => eprintln!("world: no handshake with {peer} within {HANDSHAKE:?}"),
    }
}

impl axum::serve::Listener for Listener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The accepting task never ends before this listener.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.address
            .as_ref()
            .copied()
            .map_err(|error| io::Error::new(error.kind(), error.to_string()))
    }
}

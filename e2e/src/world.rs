//! What the servers under test find outside, as one pod.
//!
//! ```text
//!  8000  HTTP   pages      a site of two pages with its robots.txt
//!  8443  HTTPS  names ──> api.github.com   github: checks the token, answers by it
//!                     ├─> api.osv.dev      osv: real advisories
//!                     └─> any other name   421
//!  4318  OTLP   collector  keeps spans, log records and metrics; by itself, as `world collector`
//!                certificates: of an authority that signs these two names, once, and is thrown away
//! ```
//!
//! The stand-ins answer under the real names, with the shapes and status codes of the real ones, so
//! that servers need no setting for them: the cluster's DNS leads there, and the servers' images
//! trust the authority.

pub mod certificates;
pub mod collector;
pub mod github;
pub mod names;
pub mod osv;
pub mod pages;
pub mod tls;

use std::path::PathBuf;

use anyhow::Context;
use tokio::net::TcpListener;

pub use pages::{PAGE, PRIVATE, ROBOTS, SENTENCE};

/// Where `world serve` listens for HTTP unless told otherwise, and the Service in front of it.
pub const PORT: u16 = 8000;
/// Where it listens for HTTPS.
pub const TLS_PORT: u16 = 8443;

/// What to serve.
#[derive(Clone, Debug)]
pub struct Options {
    /// TCP port of the pages.
    pub port: u16,
    /// TCP port of the stand-ins.
    pub tls_port: u16,
    /// TCP port of the collector.
    pub otlp_port: u16,
    /// Folder of `tls.crt` and `tls.key`. Without it there are only the pages.
    pub certificates: Option<PathBuf>,
}

/// Serves until the process is killed.
///
/// # Errors
/// A port cannot be listened on, or the certificates cannot be used.
pub fn serve(options: &Options) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let pages = axum::serve(listen(options.port).await?, pages::site());
            let Some(folder) = &options.certificates else {
                return Ok(pages.await?);
            };
            let listener = listen(options.tls_port).await?;
            let secure = tls::Listener::new(listener, tls::acceptor(folder)?);
            let stand_ins = axum::serve(secure, names::stand_ins());
            let collector = axum::serve(listen(options.otlp_port).await?, collector::router());
            tokio::try_join!(
                pages.into_future(),
                stand_ins.into_future(),
                collector.into_future()
            )?;
            Ok(())
        })
}

/// Serves the OTLP collector until the process is killed.
///
/// # Errors
/// The port cannot be listened on.
pub fn collect(port: u16) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async { Ok(axum::serve(listen(port).await?, collector::router()).await?) })
}

async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind(("0.0.0.0", port))
        .await
        .with_context(|| format!("port {port} cannot be listened on; choose another"))
}

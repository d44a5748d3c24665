//! One question to one proxy.

use std::net::SocketAddr;
use std::time::Duration;

use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio_util::bytes::Bytes;

/// Bytes of an answer: a proxy with as many tools as are told apart writes some 500 kB.
pub const MAX_BODY: usize = 4 << 20;

/// How long an unused connection is kept: a little longer than the period of a page.
const IDLE: Duration = Duration::from_secs(15);

/// Why a proxy's figures are not known. What is wrong in detail is in no sentence: addresses of pods
/// mean nothing to those who read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No connection, or it broke.
    #[error("the proxy could not be asked; its pod may have just started or ended")]
    Unreachable,
    /// Its time was up.
    #[error("the proxy did not answer in time")]
    Silent,
    /// It answers something else.
    #[error("the proxy answered with something else than its metrics; update it")]
    Strange,
    /// More than [`MAX_BODY`].
    #[error("the proxy answered with more than {MAX_BODY} bytes")]
    TooLong,
}

/// Connections to proxies.
#[derive(Debug)]
pub(super) struct Fetch(Client<HttpConnector, Empty<Bytes>>);

impl Default for Fetch {
    fn default() -> Self {
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE);
        Self(client.build_http())
    }
}

impl Fetch {
    /// The proxy's metrics, as text.
    pub(super) async fn metrics(&self, proxy: SocketAddr) -> Result<String, FetchError> {
        let request = Request::get(format!("http://{proxy}/metrics"))
            .header(header::ACCEPT, "text/plain")
            .body(Empty::new())
            .map_err(|_| FetchError::Strange)?;
        let answer = self.0.request(request).await;
        let answer = answer.map_err(|_| FetchError::Unreachable)?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Strange);
        }
        let body = Limited::new(answer.into_body(), MAX_BODY).collect().await;
        let body = body.map_err(|error| {
            if error.is::<LengthLimitError>() {
                FetchError::TooLong
            } else {
                FetchError::Unreachable
            }
        })?;
        String::from_utf8(body.to_bytes().into()).map_err(|_| FetchError::Strange)
    }
}

//! One request to a collector: OTLP/HTTP with protobuf.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderValue, Request, Response, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT},
    uri::Scheme,
};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use crate::settings::Target;

/// Most bytes of an answer that are read: the OTLP specification asks for such a bound, and answers
/// are a few bytes.
const MAX_ANSWER: usize = 64 * 1024;
/// A connection that nobody used for so long is closed: metrics go out once a minute.
const IDLE: Duration = Duration::from_secs(90);
const PROTOBUF: HeaderValue = HeaderValue::from_static("application/x-protobuf");
const AGENT: HeaderValue = HeaderValue::from_static(concat!(
    "OTel-OTLP-Exporter-Hivewright/",
    env!("CARGO_PKG_VERSION")
));

/// Why a collector cannot be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The file with its certificates.
    #[error(
        "the collector's certificates cannot be read from {path}; it must hold PEM certificates"
    )]
    Certificates {
        /// What was set.
        path: PathBuf,
        /// Why not.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// The system's certificates.
    #[error("no certificates to check the collector's against; set OTEL_EXPORTER_OTLP_CERTIFICATE")]
    NoCertificates(#[source] io::Error),
    /// TLS itself.
    #[error("TLS to the collector cannot be set up; check OTEL_EXPORTER_OTLP_CERTIFICATE")]
    Tls(#[source] rustls::Error),
}

/// What became of one request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The collector has it; its words.
    Taken(Bytes),
    /// It can be sent again, after this wait if one was asked for.
    Later(Option<Duration>),
    /// It must not be sent again.
    Refused(StatusCode),
}

/// Sends one request.
pub(crate) trait Post {
    /// Sends it once.
    fn post(&self, body: Bytes) -> impl Future<Output = Answer> + Send;
}

/// Asks one collector.
#[derive(Debug)]
pub(crate) struct Client {
    http: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    target: Target,
}

impl Client {
    /// A client for one target. Nothing is connected yet.
    pub(crate) fn new(target: Target) -> Result<Self, ClientError> {
        let secure = target.url.scheme() == Some(&Scheme::HTTPS);
        let roots = match &target.certificate {
            // Not even looked for where nothing is checked: an image may have none.
            _ if !secure => RootCertStore::empty(),
            Some(path) => read(path)?,
            None => system()?,
        };
        let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(ClientError::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        let http = legacy::Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(Self { http, target })
    }

    fn request(&self, body: Bytes) -> Request<Full<Bytes>> {
        let mut request = Request::post(&self.target.url)
            .body(Full::new(body))
            .expect("the URL was checked when it was read");
        let headers = request.headers_mut();
        headers.clone_from(&self.target.headers);
        headers.insert(CONTENT_TYPE, PROTOBUF);
        headers.entry(USER_AGENT).or_insert(AGENT);
        request
    }
}

impl Post for Client {
    async fn post(&self, body: Bytes) -> Answer {
        let asked = async {
            let answer = self.http.request(self.request(body)).await.ok()?;
            let (head, body) = answer.into_parts();
            // An answer that breaks off has been given all the same.
            let words = Limited::new(body, MAX_ANSWER).collect().await;
            let words = words.map(http_body_util::Collected::to_bytes);
            Some(judge(
                &Response::from_parts(head, ()),
                words.unwrap_or_default(),
            ))
        };
        let answer = tokio::time::timeout(self.target.timeout, asked).await;
        answer.ok().flatten().unwrap_or(Answer::Later(None))
    }
}

/// OTLP specification, "OTLP/HTTP Response": these four may be sent again, nothing else.
fn judge(answer: &Response<()>, words: Bytes) -> Answer {
    let status = answer.status();
    match status {
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Answer::Later(asked(answer)),
        _ if status.is_success() => Answer::Taken(words),
        _ => Answer::Refused(status),
    }
}

/// `Retry-After` in seconds; a date counts as none.
fn asked(answer: &Response<()>) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?;
    seconds.parse().ok().map(Duration::from_secs)
}

fn read(path: &Path) -> Result<RootCertStore, ClientError> {
    let problem = |source| ClientError::Certificates {
        path: path.to_owned(),
        source,
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(problem)? {
        let certificate = certificate.map_err(problem)?;
        roots.add(certificate).map_err(ClientError::Tls)?;
    }
    Ok(roots)
}

fn system() -> Result<RootCertStore, ClientError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.into_iter().map(|error| error.to_string());
        let why = io::Error::other(why.collect::<Vec<_>>().join("; "));
        return Err(ClientError::NoCertificates(why));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Answer {
        let answer = Response::builder().status(status).body(()).unwrap();
        judge(&answer, Bytes::new())
    }

    #[test]
    fn only_what_the_specification_names_is_sent_again() {
        for again in [429, 502, 503, 504] {
            assert_eq!(status(again), Answer::Later(None), "{again}");
        }
        for never in [301, 400, 401, 404, 413, 500] {
            assert!(matches!(status(never), Answer::Refused(_)), "{never}");
        }
        assert_eq!(status(200), Answer::Taken(Bytes::new()));
    }

    #[test]
    fn a_wait_is_read_in_seconds() {
        let answer = Response::builder().status(503).header(RETRY_AFTER, "7");
        let answer = judge(&answer.body(()).unwrap(), Bytes::new());
        assert_eq!(answer, Answer::Later(Some(Duration::from_secs(7))));
    }
}

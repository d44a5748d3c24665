//! The proxy's client for the API server, with every request counted by what came of it: a token
//! that is no longer taken, a right that is missing and a certificate that is not trusted are told
//! apart from a server that is away.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use futures::{FutureExt as _, future::BoxFuture};
use hivewright_telemetry::tls::is_tls;
use http::{Request, Response, StatusCode};
use kube::{
    Client, Config,
    client::{Body, ClientBuilder},
};
use prometheus::{IntCounterVec, Opts, Registry};
use tower::{BoxError, Layer, Service};

/// Values of the label `code` that alerts are made of; there from the start, so that their first
/// rise is seen.
const TROUBLE: [&str; 4] = ["401", "403", DISTRUSTED, UNANSWERED];
const DISTRUSTED: &str = "tls";
const UNANSWERED: &str = "error";

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Neither a kubeconfig nor a service account was found.
    #[error("no cluster to talk to: run as a pod with a service account, or set KUBECONFIG")]
    NoCluster(#[source] Box<kube::config::InferConfigError>),
    /// The configuration that was found cannot be used.
    #[error("the cluster configuration cannot be used; check the certificates it names")]
    Unusable(#[source] Box<kube::Error>),
}

/// A client for the cluster of the environment, counted into `registry`.
///
/// # Errors
/// When there is no configuration, or none that works.
pub async fn client(registry: &Registry) -> Result<Client, ApiError> {
    let config = Config::infer().await;
    let config = config.map_err(|error| ApiError::NoCluster(Box::new(error)))?;
    let builder = ClientBuilder::try_from(config);
    let builder = builder.map_err(|error| ApiError::Unusable(Box::new(error)))?;
    Ok(builder.with_layer(&Counted::register(registry)).build())
}

/// Layer that counts requests by their answer.
#[derive(Clone, Debug)]
pub struct Counted(Arc<IntCounterVec>);

impl Counted {
    /// Registers the family. Registering twice in one registry leaves the second one uncounted: a
    /// proxy has one client.
    ///
    /// # Panics
    /// Never: the family's name and label are valid constants.
    pub fn register(registry: &Registry) -> Self {
        let family = IntCounterVec::new(
            Opts::new(
                "hivewright_backend_api_requests_total",
                "Requests of the proxy to the API server; code is the HTTP status; tls if a certificate is not trusted, error if no answer came for another reason",
            ),
            &["code"],
        )
        .expect("the family's name and label are valid");
        for code in TROUBLE {
            family.with_label_values(&[code]);
        }
        if let Err(error) = registry.register(Box::new(family.clone())) {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "metric not registered");
        }
        Self(Arc::new(family))
    }

    fn count<B>(&self, answer: &Result<Response<B>, BoxError>) {
        let status = answer.as_ref().map(Response::status);
        let code = match &status {
            Ok(status) => StatusCode::as_str(status),
            Err(error) if is_tls(&***error) => DISTRUSTED,
            Err(_) => UNANSWERED,
        };
        self.0.with_label_values(&[code]).inc();
    }
}

impl<S> Layer<S> for Counted {
    type Service = CountedService<S>;

    fn layer(&self, inner: S) -> CountedService<S> {
        CountedService {
            inner,
            counted: self.clone(),
        }
    }
}

/// Service made by [`Counted`].
#[derive(Clone, Debug)]
pub struct CountedService<S> {
    inner: S,
    counted: Counted,
}

impl<S, B> Service<Request<Body>> for CountedService<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<S::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let counted = self.counted.clone();
        let answer = self.inner.call(request);
        async move {
            let answer = answer.await.map_err(Into::into);
            counted.count(&answer);
            answer
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// What is counted when each request ends so.
    async fn counted(answer: impl Fn() -> Result<StatusCode, io::Error>, code: &str) -> u64 {
        let layer = Counted::register(&Registry::new());
        let mut service = layer.layer(tower::service_fn(|_: Request<Body>| {
            let answer = answer();
            async move {
                let mut response = Response::new(());
                *response.status_mut() = answer?;
                Ok::<_, io::Error>(response)
            }
        }));
        for _ in 0..2 {
            let _answer = service.call(Request::new(Body::empty())).await;
        }
        layer.0.with_label_values(&[code]).get()
    }

    #[tokio::test]
    async fn a_token_that_is_not_taken_is_counted_as_401() {
        assert_eq!(counted(|| Ok(StatusCode::UNAUTHORIZED), "401").await, 2);
    }

    #[tokio::test]
    async fn a_certificate_that_is_not_trusted_is_no_mere_failure() {
        let distrust = || {
            let cause = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
            Err(io::Error::new(io::ErrorKind::InvalidData, cause))
        };
        assert_eq!(counted(distrust, "tls").await, 2);
        assert_eq!(counted(distrust, "error").await, 0);
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_counted_as_an_error() {
        let away = || Err(io::ErrorKind::ConnectionRefused.into());
        assert_eq!(counted(away, "error").await, 2);
    }
}

//! The Kubernetes client, with every request counted.

use std::task::{Context, Poll};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use hivewright_telemetry::tls::is_tls;
use http::{Request, Response};
use kube::client::{Body, ClientBuilder};
use kube::{Client, Config};
use tower::{BoxError, Layer, Service};

use crate::access;
use crate::metrics::{Code, Metrics};

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither a kubeconfig nor a service account was found.
    #[error("no cluster to talk to: set KUBECONFIG, or run as a pod with a service account")]
    NoCluster(#[source] kube::config::InferConfigError),
    /// The configuration that was found cannot be used.
    #[error("the cluster configuration cannot be used; check the certificates it names")]
    Unusable(#[source] kube::Error),
}

/// A client for the cluster of the environment: kubeconfig first, then the service account.
///
/// # Errors
/// When there is no configuration, or none that works.
pub async fn from_environment(metrics: &Metrics) -> Result<Client, Error> {
    let config = Config::infer().await.map_err(Error::NoCluster)?;
    let builder = ClientBuilder::try_from(config).map_err(Error::Unusable)?;
    Ok(builder.with_layer(&Counted::new(metrics)).build())
}

/// Layer that counts requests by verb, resource and answer.
#[derive(Clone, Debug)]
pub struct Counted {
    metrics: Metrics,
}

impl Counted {
    /// Counts into `metrics`.
    pub fn new(metrics: &Metrics) -> Self {
        Self {
            metrics: metrics.clone(),
        }
    }
}

impl<S> Layer<S> for Counted {
    type Service = CountedService<S>;

    fn layer(&self, inner: S) -> CountedService<S> {
        CountedService {
            inner,
            metrics: self.metrics.clone(),
        }
    }
}

/// Service made by [`Counted`].
#[derive(Clone, Debug)]
pub struct CountedService<S> {
    inner: S,
    metrics: Metrics,
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
        let asked = access::Request::of(request.method(), request.uri());
        let metrics = self.metrics.clone();
        let answer = self.inner.call(request);
        async move {
            let answer = answer.await.map_err(Into::into);
            let code = match &answer {
                Ok(answer) => Code::Answered(answer.status()),
                Err(error) if is_tls(&**error) => Code::Distrusted,
                Err(_) => Code::Unanswered,
            };
            metrics.api_request(asked.as_ref(), code);
            answer
        }
        .boxed()
    }
}

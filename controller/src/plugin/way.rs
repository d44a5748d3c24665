//! HTTP over a port-forward: a connection for each request, through the API server to one pod.

use std::time::Duration;

use axum::body::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use tokio::time::timeout;

use hivewright_api::names::CONTROLLER_ADMIN_PORT;

/// Longest time from the begin of a connection to the head of the answer, seconds: people wait for it.
const BOUND: Duration = Duration::from_secs(20);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No port-forward.
    #[error(
        "no connection to the controller's pod; the right is `create pods/portforward` in its namespace"
    )]
    Forward(#[source] Box<kube::Error>),
    /// The pod is there and its port is not.
    #[error("the controller's pod takes no connection at its admin port {CONTROLLER_ADMIN_PORT}")]
    Port,
    /// The connection broke.
    #[error("the connection to the controller broke; try again")]
    Broken(#[source] hyper::Error),
    /// No answer in time.
    #[error("the controller did not answer within {} seconds; try again", BOUND.as_secs())]
    Late,
}

/// Sends one request to one pod.
pub(super) async fn send(
    pods: &Api<Pod>,
    pod: &str,
    request: Request<Empty<Bytes>>,
) -> Result<Response<Incoming>, Error> {
    match timeout(BOUND, ask(pods, pod, request)).await {
        Ok(answer) => answer,
        Err(_) => Err(Error::Late),
    }
}

async fn ask(
    pods: &Api<Pod>,
    pod: &str,
    request: Request<Empty<Bytes>>,
) -> Result<Response<Incoming>, Error> {
    let forward = pods.portforward(pod, &[CONTROLLER_ADMIN_PORT]).await;
    let mut forward = forward.map_err(|error| Error::Forward(Box::new(error)))?;
    let stream = forward
        .take_stream(CONTROLLER_ADMIN_PORT)
        .ok_or(Error::Port)?;
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(Error::Broken)?;
    // It ends with the answer's body, or when that is dropped.
    tokio::spawn(async move {
        let _ended = connection.await;
        forward.abort();
    });
    sender.send_request(request).await.map_err(Error::Broken)
}

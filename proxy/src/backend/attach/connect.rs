//! Opens the attach connection.

use std::time::Duration;

use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Resource,
    api::{AttachParams, Request},
};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;

use crate::backend::pod::Target;

/// Longest wait for the connection. The kubelet answers in some 20 ms; a node under heavy load in
/// seconds.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// The socket that `kube::Client::connect` gives. It takes frames of up to 16 MiB (tungstenite's
/// default); the kubelet's are of at most 32 KiB.
pub type Socket = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

/// Why there is no attach connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The request could not be built.
    #[error("the pod's name does not make a URL")]
    Request(#[source] kube::core::request::Error),
    /// The API server or the kubelet refused, or could not be reached.
    #[error("the container could not be attached to")]
    Refused(#[source] Box<kube::Error>),
    /// No answer within [`CONNECT_LIMIT`].
    #[error("the container could not be attached to within {} s", CONNECT_LIMIT.as_secs())]
    NoAnswer,
}

/// Attaches to stdin, stdout and stderr of the target's container. Nothing is written yet.
///
/// # Errors
/// See [`ConnectError`]; the process has not been touched then.
pub async fn connect(target: &Target) -> Result<Socket, ConnectError> {
    let params = AttachParams {
        container: Some(target.container.to_string()),
        stdin: true,
        stdout: true,
        stderr: true,
        tty: false,
        ..AttachParams::default()
    };
    let request = Request::new(Pod::url_path(&(), Some(&target.namespace)))
        .attach(&target.pod, &params)
        .map_err(ConnectError::Request)?;
    match timeout(CONNECT_LIMIT, target.client.connect(request)).await {
        Ok(Ok(connection)) => Ok(connection.into_stream()),
        Ok(Err(error)) => Err(ConnectError::Refused(Box::new(error))),
        Err(_) => Err(ConnectError::NoAnswer),
    }
}

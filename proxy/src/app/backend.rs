//! Starts the backend that the settings name.

use std::net::SocketAddr;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::AppError;
use crate::{
    announce::announce,
    backend::{
        pod::{self, Target},
        process,
    },
    driver::Bridge,
    settings::{AttachSettings, Backend},
};

/// A backend's task. It ends at the end of the proxy, or if its command cannot be started.
pub(super) type Running = JoinHandle<Result<(), process::StartError>>;

/// Starts it. `doors` is what a local user is told to connect to.
pub(super) async fn start(
    backend: Backend,
    bridge: Bridge,
    ending: CancellationToken,
    doors: SocketAddr,
) -> Result<Running, AppError> {
    match backend {
        Backend::Process(command) => {
            tokio::spawn(announce(bridge.clone(), doors));
            Ok(tokio::spawn(process::run(bridge, command, ending)))
        }
        Backend::Attach(settings) => {
            let target = target(settings).await?;
            let (namespace, pod) = (&target.namespace, &target.pod);
            let span = tracing::info_span!("backend", %namespace, %pod);
            let run = async move {
                pod::run(bridge, target, ending).await;
                Ok(())
            };
            Ok(tokio::spawn(run.instrument(span)))
        }
    }
}

async fn target(settings: AttachSettings) -> Result<Target, AppError> {
    let client = kube::Client::try_default().await;
    let AttachSettings {
        namespace,
        stateful_set,
        pod,
        container,
    } = settings;
    Ok(Target {
        client: client.map_err(|error| AppError::Cluster(Box::new(error)))?,
        namespace,
        stateful_set,
        pod,
        container,
    })
}

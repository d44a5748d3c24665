//! The one pod that this proxy serves, and the calls that it makes about it.

use std::{sync::Arc, time::Duration};

use k8s_openapi::api::{apps::v1::StatefulSet, core::v1::Pod};
use kube::{
    Api, Client,
    api::{DeleteParams, Preconditions},
};
use tokio::time::timeout;

/// Longest that one call to the API server may take. It answers in milliseconds; a node under
/// load, or an API server that is starting, in seconds.
pub(super) const CALL_LIMIT: Duration = Duration::from_secs(10);
/// Seconds that a process which is of no more use gets between SIGTERM and SIGKILL. Not 0: a pod
/// that is deleted by force leaves the API before its process has ended, and two processes could
/// write to one volume. Force would bring the next process about a second sooner (measured: 1.4 s
/// against 2.5 s).
const REPLACE_GRACE_SECONDS: u32 = 1;

/// The pod, its StatefulSet and the way to the API server. Cheap to clone.
#[derive(Clone)]
pub struct Target {
    /// The API server.
    pub client: Client,
    /// Namespace of all the rest.
    pub namespace: Arc<str>,
    /// StatefulSet that makes the pod.
    pub stateful_set: Arc<str>,
    /// The pod.
    pub pod: Arc<str>,
    /// The container in it that runs the server.
    pub container: Arc<str>,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target")
            .field("namespace", &self.namespace)
            .field("pod", &self.pod)
            .finish_non_exhaustive()
    }
}

/// What went wrong in a call to the API server.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The API server refused, or could not be reached.
    #[error("the API server did not do it")]
    Refused(#[source] Box<kube::Error>),
    /// It did not answer within [`CALL_LIMIT`].
    #[error("the API server did not answer within {} s", CALL_LIMIT.as_secs())]
    NoAnswer,
}

impl TargetError {
    /// The HTTP status of the refusal, if there was an answer.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(error) => match error.as_ref() {
                kube::Error::Api(status) => Some(status.code),
                _ => None,
            },
            Self::NoAnswer => None,
        }
    }
}

/// Bounds a call.
pub(super) async fn bounded<T>(
    call: impl Future<Output = Result<T, kube::Error>>,
) -> Result<T, TargetError> {
    match timeout(CALL_LIMIT, call).await {
        Ok(answer) => answer.map_err(|error| TargetError::Refused(Box::new(error))),
        Err(_) => Err(TargetError::NoAnswer),
    }
}

impl Target {
    pub(super) fn pods(&self) -> Api<Pod> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    pub(super) fn stateful_sets(&self) -> Api<StatefulSet> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// Deletes the pod if it still is the one with this uid. One that is gone already is a success.
    pub(super) async fn delete(&self, uid: &str) -> Result<(), TargetError> {
        let params = DeleteParams {
            grace_period_seconds: Some(REPLACE_GRACE_SECONDS),
            preconditions: Some(Preconditions {
                uid: Some(uid.to_owned()),
                resource_version: None,
            }),
            ..DeleteParams::default()
        };
        match bounded(self.pods().delete(&self.pod, &params)).await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.status(), Some(404 | 409)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

//! An API server without sockets, for tests in paused time.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use kube::{Client, client::Body};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    facts::{Container, PodFacts, PodView, ProcessId},
    target::Site,
};

/// One call that was made.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) at: Instant,
    pub(super) method: Method,
    /// What was sent; null if nothing.
    pub(super) body: Value,
}

/// All calls in order. All clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls(Arc<Mutex<Vec<Call>>>);

impl Calls {
    /// Those of this method so far.
    pub(super) fn of(&self, method: &Method) -> Vec<Call> {
        let all = self.0.lock();
        let of_method = all.iter().filter(|call| call.method == *method);
        of_method.cloned().collect()
    }
}

/// A site whose API server answers so, and what it was asked.
pub(super) fn site(
    answer: impl Fn(&Call) -> (StatusCode, Value) + Send + Sync + 'static,
) -> (Site, Calls) {
    let (calls, answer) = (Calls::default(), Arc::new(answer));
    let log = calls.clone();
    let service = tower::service_fn(move |request: Request<Body>| {
        let (log, answer) = (log.clone(), answer.clone());
        async move {
            let (head, body) = request.into_parts();
            let body = body
                .collect()
                .await
                .map(http_body_util::Collected::to_bytes);
            let call = Call {
                at: Instant::now(),
                method: head.method,
                body: serde_json::from_slice(&body.unwrap_or_default()).unwrap_or_default(),
            };
            let (status, said) = answer(&call);
            let said = if status.is_success() {
                said
            } else {
                json!({ "kind": "Status", "status": "Failure", "code": status.as_u16() })
            };
            log.0.lock().push(call);
            let mut response = Response::new(Full::new(Bytes::from(said.to_string())));
            *response.status_mut() = status;
            Ok::<_, Infallible>(response)
        }
    });
    let site = Site {
        client: Client::new(service, "tools"),
        namespace: "tools".into(),
        stateful_set: "echo".into(),
        container: "mcp".into(),
    };
    (site, calls)
}

/// A pod with this uid and address, whose server does not run.
pub(super) fn pod(uid: &str, address: &str) -> PodView {
    PodView::Present(PodFacts {
        uid: uid.into(),
        ip: address.parse().ok(),
        leaving: false,
        container: Container::Down,
        restarts: 0,
        claimed: false,
        last_exit: None,
    })
}

/// A pod with this uid, in which this container runs the server.
pub(super) fn running(uid: &str, container: &str) -> PodView {
    let mut view = pod(uid, "10.0.0.1");
    if let PodView::Present(pod) = &mut view {
        pod.container = Container::Running(process(uid, container));
    }
    view
}

/// That container's process.
pub(super) fn process(uid: &str, container: &str) -> ProcessId {
    ProcessId {
        pod: uid.into(),
        container: container.into(),
    }
}

/// Lets so much time pass; everything that is due happens.
pub(super) async fn pass(seconds: u64) {
    sleep(std::time::Duration::from_secs(seconds)).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

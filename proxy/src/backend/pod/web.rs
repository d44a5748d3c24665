//! The loop that keeps one connection to a pod's server behind the bridge: SSE and Streamable HTTP.
//!
//! ```text
//!  process runs ──> reach ──> server_up ──> pump ──┬─ connection lost: reach again, a fresh session
//!       ^             └─ gate: NotListening ...    ├─ of no use: the same, after a longer wait
//!       └───────────── process ended <─────────────┘
//! ```
//!
//! A server that listens can be connected to again, so no pod is deleted here: a process that ends
//! is started again by the kubelet, one that hangs is shown and left alone. Where each session has a
//! pod to itself, its pod is replaced after it (`uses`).

mod uses;

use std::{error::Error, net::SocketAddr, time::Duration};

use hivewright_bridge::io::Loss;
use tokio::time::{Instant, timeout};
use tracing::Instrument;

use self::uses::Uses;
use super::{
    facts::{PodView, ProcessId},
    gate::GateReport,
    report,
    station::Station,
    worker::{FAREWELL_LIMIT, REPORT_LIMIT},
};
use crate::backend::{
    backoff::Backoff,
    http::{Connection, Endpoint, Fault, HttpEnd, Kind, pump, reach},
    revive::SOUND_AFTER,
};

/// First and longest wait before a lost connection is made anew: a server that closes a stream is
/// back before anyone notices, one that closes it at once each time costs little.
pub const RECONNECT_BASE: Duration = Duration::from_millis(100);
/// See [`RECONNECT_BASE`].
pub const RECONNECT_CAP: Duration = Duration::from_secs(10);

/// How long after a connection was lost the next one may be to a process of the same pod that its
/// status does not show yet: the kubelet looks once a second, and its report takes as long again.
const STATUS_LAG: Duration = Duration::from_secs(15);

/// Where the server of each pod listens.
#[derive(Clone, Debug)]
pub struct Web {
    /// Its transport.
    pub kind: Kind,
    /// Headless Service of the pods.
    pub service: String,
    /// Port.
    pub port: u16,
    /// Path of the endpoint.
    pub path: String,
}

/// Keeps the pod's server connected until the station is left.
pub(super) async fn run(station: Station, web: Web) {
    let retry = Backoff::new(RECONNECT_BASE, RECONNECT_CAP);
    Worker {
        station,
        web,
        retry,
        served: None,
        uses: Uses::default(),
    }
    .run()
    .await;
}

struct Worker {
    station: Station,
    web: Web,
    retry: Backoff,
    /// The last process that had answered `initialize`.
    served: Option<ProcessId>,
    uses: Uses,
}

/// How the use of a connection ended.
enum End {
    /// It may be made anew.
    Again(GateReport),
    /// The process is gone, or the pod.
    Gone,
    /// The session that had the pod to itself has ended.
    Spent,
    /// The pod is no longer to be served.
    Left,
}

impl Worker {
    async fn run(mut self) {
        while !self.station.stop.leave.is_cancelled() {
            let view = self.station.views.borrow_and_update().clone();
            self.station
                .tell_exit(&view, |process| self.served.as_ref() == Some(process));
            let there = if self.may_serve(&view).await {
                self.there(&view)
            } else {
                None
            };
            match there {
                Some((process, endpoint)) => {
                    let span = tracing::info_span!("process", id = %process);
                    self.attend(process, endpoint).instrument(span).await;
                }
                None => self.station.wait(&view, None).await,
            }
        }
    }

    /// The process that runs and where it should listen.
    fn there(&self, view: &PodView) -> Option<(ProcessId, Endpoint)> {
        let PodView::Present(pod) = view else {
            return None;
        };
        let (process, ip) = (pod.running()?, pod.ip?);
        if pod.leaving {
            return None;
        }
        match self.endpoint(SocketAddr::new(ip, self.web.port)) {
            Ok(endpoint) => Some((process.clone(), endpoint)),
            Err(error) => {
                tracing::error!(error = &error as &dyn Error, "server has no address");
                None
            }
        }
    }

    fn endpoint(
        &self,
        address: SocketAddr,
    ) -> Result<Endpoint, crate::backend::http::InvalidEndpoint> {
        let Web {
            kind,
            service,
            port,
            path,
        } = &self.web;
        let (pod, namespace) = (&self.station.target.pod, &self.station.target.namespace);
        let host = format!("{pod}.{service}.{namespace}.svc:{port}");
        Endpoint::new(address, &host, path, *kind)
    }

    /// Serves one process until it is gone.
    async fn attend(&mut self, mut process: ProcessId, endpoint: Endpoint) {
        self.station.gate.report(report::pending(&process));
        let mut anew = None;
        loop {
            let connection = tokio::select! {
                () = self.station.stop.leave.cancelled() => return,
                () = self.gone(&process) => return,
                connection = reach(&endpoint, |fault| self.tell(&process, fault)) => connection,
            };
            self.station.counters.started();
            tracing::info!("connected");
            match self.serve(&mut process, anew, connection).await {
                End::Again(told) => {
                    anew = Some(Instant::now());
                    // So that the reason can be read before it is past.
                    let _ = timeout(REPORT_LIMIT, self.station.gate.reported(told)).await;
                    self.station.pause(&mut self.retry).await;
                }
                End::Gone => return,
                End::Spent => return self.uses.spend(&process.pod),
                End::Left => return self.farewell(&process).await,
            }
        }
    }

    fn tell(&self, process: &ProcessId, fault: &Fault) {
        let message = fault.to_string();
        tracing::warn!(
            reason = fault.gate().as_str(),
            message,
            "server not reached"
        );
        let told = GateReport::new(process.pod.clone(), fault.gate(), &message);
        self.station.gate.report(told);
    }

    /// Runs the connection until the server, the process, the driver or the proxy ends it.
    /// `anew` is when the connection before this one was lost, if there was one.
    async fn serve(
        &mut self,
        process: &mut ProcessId,
        anew: Option<Instant>,
        connection: Connection,
    ) -> End {
        let mut since = None;
        let (end, loss) = {
            let station = &self.station;
            let Some(mut stdin) = station.bridge.server_up_in(process.pod.clone()) else {
                return End::Spent;
            };
            let first = process.clone();
            tokio::select! {
                end = pump(connection, &mut stdin, &station.bridge, &station.stop.leave) => self.judge(&first, end),
                () = self.replaced(process, anew) => (End::Gone, Loss::ProcessExited),
                never = station.tell_health(&first, &mut since) => match never {},
            }
        };
        self.station.bridge.server_down(loss);
        if let Some(since) = since {
            self.served = Some(process.clone());
            if since.elapsed() >= SOUND_AFTER {
                self.retry.reset();
            }
        }
        end
    }

    fn judge(&self, process: &ProcessId, end: HttpEnd) -> (End, Loss) {
        match end {
            HttpEnd::Shutdown => (End::Left, self.station.stop.loss()),
            HttpEnd::Dropped => match self.station.verdict() {
                loss @ Loss::Renewed => (End::Spent, loss),
                loss => (End::Again(report::unusable_over_http(process, loss)), loss),
            },
            HttpEnd::Lost(fault) => {
                let message = fault.to_string();
                tracing::warn!(reason = fault.gate().as_str(), message, "connection lost");
                let told = GateReport::new(process.pod.clone(), fault.gate(), &message);
                (End::Again(told), fault.loss())
            }
        }
    }

    /// The process that is connected to is gone. `process` becomes the one that the pod shows, if that
    /// is the one that was connected to: it runs since the connection before was lost.
    async fn replaced(&self, process: &mut ProcessId, mut anew: Option<Instant>) {
        loop {
            self.gone(process).await;
            let lost = anew.take().filter(|lost| lost.elapsed() < STATUS_LAG);
            let view = self.station.views.borrow().clone();
            match lost.and_then(|_| successor(&view, process)) {
                Some(next) => {
                    tracing::info!(id = %next, "connected to the process that followed");
                    *process = next;
                }
                None => return,
            }
        }
    }

    /// Another process runs, or none.
    async fn gone(&self, process: &ProcessId) {
        let same = |view: &PodView| match view {
            PodView::Unknown => true,
            PodView::Absent => false,
            PodView::Present(pod) => pod.running() == Some(process),
        };
        self.station.vanished(same).await;
    }

    /// Says that nobody serves the process, until the next proxy does.
    async fn farewell(&self, process: &ProcessId) {
        if self.station.stop.proxy.is_cancelled() {
            let told = self
                .station
                .gate
                .reported(report::draining_over_http(process));
            // Its outcome changes nothing: the next proxy says what is true then.
            let _ = timeout(FAREWELL_LIMIT, told).await;
        }
    }
}

/// The process that runs in the same pod after this one.
fn successor(view: &PodView, process: &ProcessId) -> Option<ProcessId> {
    match view {
        PodView::Present(pod) if pod.uid == process.pod && !pod.leaving => pod.running().cloned(),
        PodView::Present(_) | PodView::Absent | PodView::Unknown => None,
    }
}

#[cfg(test)]
mod tests;

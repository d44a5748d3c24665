//! The admin listener: `/metrics`, `/live`, `/ready`, `/sessions`. Read-only; for scrapers, probes
//! and people with access to the pod, never behind the client's Service.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use hivewright_telemetry::Format;
use http::{
    HeaderMap, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde::Serialize;

use crate::{
    driver::ServerHealth,
    fleet::{Fleet, FleetSnapshot},
};

/// Whether clients are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum DoorState {
    /// The client listener is not bound yet.
    Starting,
    /// Clients are served.
    Open,
    /// Shutting down: what runs may end, nothing new is taken.
    Draining,
}

impl DoorState {
    const fn label(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Open => "open",
            Self::Draining => "draining",
        }
    }
}

/// The state of the doors, shared between whoever opens and closes them and `/ready`.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<AtomicU8>);

impl Readiness {
    /// The doors are open from now on.
    pub fn open(&self) {
        self.0.store(DoorState::Open as u8, Ordering::Release);
    }

    /// The doors are closing from now on.
    pub fn drain(&self) {
        self.0.store(DoorState::Draining as u8, Ordering::Release);
    }

    /// How the doors are now.
    pub fn state(&self) -> DoorState {
        const OPEN: u8 = DoorState::Open as u8;
        const DRAINING: u8 = DoorState::Draining as u8;
        match self.0.load(Ordering::Acquire) {
            OPEN => DoorState::Open,
            DRAINING => DoorState::Draining,
            _ => DoorState::Starting,
        }
    }
}

#[derive(Clone, Debug)]
struct Admin {
    fleet: Fleet,
    readiness: Readiness,
}

/// Body of `/live`.
#[derive(Debug, Serialize)]
struct LiveBody {
    live: bool,
}

/// Body of `/ready`. The status speaks of the doors alone: the proxy stays in its Service while the
/// server restarts, since it holds calls and keeps sessions. The MCP pod's own readiness speaks of
/// the server; here it is that of the pod which is nearest to answering.
#[derive(Debug, Serialize)]
struct ReadyBody {
    ready: bool,
    doors: &'static str,
    server: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// The admin routes.
pub fn router(fleet: Fleet, readiness: Readiness) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/live", get(live))
        .route("/ready", get(ready))
        .route("/sessions", get(sessions))
        .with_state(Admin { fleet, readiness })
}

async fn metrics(State(admin): State<Admin>, headers: HeaderMap) -> Response {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let format = Format::negotiate(accept);
    let metrics = admin.fleet.metrics();
    match metrics.encode(&admin.fleet.gauges(), format) {
        Ok(text) => ([(CONTENT_TYPE, format.content_type())], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The process answers, and its clock goes round: without it no deadline would be kept.
async fn live(State(admin): State<Admin>) -> Response {
    let live = admin.fleet.clocks_are_alive();
    (status(live), Json(LiveBody { live })).into_response()
}

async fn ready(State(admin): State<Admin>) -> Response {
    let doors = admin.readiness.state();
    let health = admin.fleet.health();
    let reason = match &health {
        ServerHealth::Failed(loss) => Some(loss.reason()),
        ServerHealth::Down | ServerHealth::Handshaking | ServerHealth::Initialized(_) => None,
    };
    let ready = doors == DoorState::Open;
    let body = ReadyBody {
        ready,
        doors: doors.label(),
        server: health.label(),
        reason,
    };
    (status(ready), Json(body)).into_response()
}

async fn sessions(State(admin): State<Admin>) -> Json<FleetSnapshot> {
    Json(admin.fleet.snapshot())
}

const fn status(good: bool) -> StatusCode {
    if good {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

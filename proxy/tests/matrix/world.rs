//! The proxy with a model behind it.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, body::Body, http::Request, response::Response};
use hivewright_bridge::{hub::HubConfig, io::Loss};
use hivewright_proxy::{
    backend::{
        http::{Endpoint, Kind, pump, reach},
        process::{self, Command},
    },
    driver::{self, Bridge},
    fleet::{Fleet, Ordinal},
    http::{Guard, router},
    metrics::Metrics,
};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt;

use crate::{revision::Revision, served, watchdog::Watchdog, web::Web};

/// Longest that anything here is waited for, however busy the machine is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How the model is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Stdio,
    Sse,
    StreamableHttp,
}

/// The proxy, its doors without sockets.
pub(crate) struct World {
    router: Router,
    _stop: DropGuard,
    _watchdog: Watchdog,
}

impl World {
    /// A proxy in front of a model.
    pub(crate) async fn of(server: Revision, transport: Transport) -> Self {
        let stop = CancellationToken::new();
        let secret = driver::secret().expect("the system has randomness");
        let config = HubConfig {
            secret: Some(secret),
            ..HubConfig::new("0.0.0-test")
        };
        let fleet = Fleet::new(config, Metrics::new(), 1, stop.clone());
        let bridge = fleet.bridge(Ordinal::FIRST).clone();
        match transport {
            Transport::Stdio => drop(tokio::spawn(process::run(
                bridge,
                command(server),
                stop.clone(),
            ))),
            Transport::Sse => web(bridge, server, Kind::Sse, stop.clone()).await,
            Transport::StreamableHttp => {
                web(bridge, server, Kind::StreamableHttp, stop.clone()).await;
            }
        }
        let guard = Guard::new(Vec::new(), Vec::new());
        Self {
            router: router(fleet, guard),
            _stop: stop.drop_guard(),
            _watchdog: Watchdog::start(),
        }
    }

    /// Sends a request to the doors.
    pub(crate) async fn send(&self, request: Request<Body>) -> Response {
        let answer = self.router.clone().oneshot(request);
        tokio::time::timeout(PATIENCE, answer)
            .await
            .expect("the doors answer in time")
            .expect("the router answers everything")
    }
}

/// This program as a server.
fn command(server: Revision) -> Command {
    let this = std::env::current_exe().expect("the test runs");
    let this = this.to_str().expect("the path is UTF-8").to_owned();
    let revision = format!("{}={}", served::VARIABLE, server.name());
    let words = ["--exact", "served::over_stdio", "--ignored", "--nocapture"];
    let mut args = vec![revision, this];
    args.extend(words.map(str::to_owned));
    Command {
        program: "env".to_owned(),
        args,
    }
}

async fn web(bridge: Bridge, server: Revision, kind: Kind, stop: CancellationToken) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let model = axum::serve(listener, Web::router(server));
    let ending = stop.clone();
    tokio::spawn(async move {
        let ended = model.with_graceful_shutdown(ending.cancelled_owned());
        ended.await.expect("the model is served");
    });
    tokio::spawn(attend(bridge, address, kind, stop));
}

async fn attend(bridge: Bridge, address: SocketAddr, kind: Kind, stop: CancellationToken) {
    let path = match kind {
        Kind::Sse => "/sse",
        Kind::StreamableHttp => "/mcp",
    };
    let endpoint = Endpoint::new(address, "model:80", path, kind).expect("host and path are good");
    while !stop.is_cancelled() {
        let connection = reach(&endpoint, |_| {}).await;
        let mut queue = bridge.server_up();
        let _ = pump(connection, &mut queue, &bridge, &stop).await;
        bridge.server_down(Loss::ProcessExited);
    }
}

//! Real connections over loopback.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, body::Body};
use hivewright_proxy::http::{Drained, serve};
use http::StatusCode;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::{World, server};

/// A listener that serves a router.
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    pub(crate) served: JoinHandle<Drained>,
}

impl Listening {
    pub(crate) async fn start(router: Router, deadline: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let shutdown = CancellationToken::new();
        let served = tokio::spawn(serve(listener, router, shutdown.clone(), deadline));
        Self {
            address,
            shutdown,
            served,
        }
    }

    /// Closes the listener while `running` is held for want of a server, brings one up once nothing
    /// new is taken, and sees that the call ends well and the listener cleanly.
    pub(crate) async fn closes_around(self, world: &World, running: JoinHandle<StatusCode>) {
        while world.bridge.gauges().hub.held == 0 {
            tokio::task::yield_now().await;
        }
        self.shutdown.cancel();
        while TcpStream::connect(self.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        server::start(&world.bridge);
        assert_eq!(running.await.expect("the call ends"), 200);
        assert_eq!(
            self.served.await.expect("the listener ends"),
            Drained::Clean
        );
    }
}

/// One kept connection.
pub(crate) async fn connect(address: SocketAddr) -> SendRequest<Body> {
    let stream = TcpStream::connect(address)
        .await
        .expect("the listener accepts");
    let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP/1.1");
    tokio::spawn(connection);
    sender
}

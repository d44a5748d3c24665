//! A pipe to a scripted server, and what it hears.

pub(crate) mod script;

use std::{net::SocketAddr, time::Duration};

use axum::Router;
use bytes::Bytes;
use hivewright_bridge::line::Oversized;
use hivewright_proxy::backend::{
    http::{Endpoint, HttpEnd, Kind, pump, reach},
    output::LineSink,
    source::LineSource,
};
use serde_json::Value;
use tokio::{net::TcpListener, runtime::Runtime, sync::mpsc, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

/// Longest that anything on loopback is waited for, however busy the machine is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What the bridge would have been told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Line(String),
    Oversized(usize),
}

struct Sink(mpsc::UnboundedSender<Heard>);

impl LineSink for Sink {
    fn stdout(&self, line: Bytes) {
        let line = String::from_utf8_lossy(&line).into_owned();
        // The test may be over.
        let _ = self.0.send(Heard::Line(line));
    }

    fn stdout_oversized(&self, line: Oversized) {
        let _ = self.0.send(Heard::Oversized(line.bytes));
    }

    fn stderr(&self, _: &[u8]) {}
}

struct Queue(mpsc::Receiver<Bytes>);

impl LineSource for Queue {
    fn batch(&mut self, batch: &mut Vec<Bytes>) -> impl Future<Output = usize> + Send {
        self.0.recv_many(batch, 64)
    }
}

/// A connection that is being pumped.
pub(crate) struct Pipe {
    stdin: mpsc::Sender<Bytes>,
    heard: mpsc::UnboundedReceiver<Heard>,
    pump: JoinHandle<HttpEnd>,
    pub(crate) shutdown: CancellationToken,
}

impl Pipe {
    /// Reaches the server and starts pumping.
    pub(crate) async fn to(address: SocketAddr, kind: Kind) -> Self {
        let endpoint = endpoint(address, kind);
        let connection = timeout(PATIENCE, reach(&endpoint, |_| {})).await;
        let connection = connection.expect("a server that listens is reached");
        let (stdin, lines) = mpsc::channel(1024);
        let (sink, heard) = mpsc::unbounded_channel();
        let shutdown = CancellationToken::new();
        let stop = shutdown.clone();
        let pump =
            tokio::spawn(
                async move { pump(connection, &mut Queue(lines), &Sink(sink), &stop).await },
            );
        Self {
            stdin,
            heard,
            pump,
            shutdown,
        }
    }

    /// The same with the handshake done.
    pub(crate) async fn open(address: SocketAddr, kind: Kind) -> Self {
        let mut pipe = Self::to(address, kind).await;
        pipe.call(0, "initialize").await;
        let answer = pipe.answer().await;
        assert_eq!(answer["result"]["protocolVersion"], script::VERSION);
        pipe.note("notifications/initialized").await;
        pipe
    }

    pub(crate) async fn send(&self, line: impl Into<Bytes>) {
        let line = [line.into(), Bytes::from_static(b"\n")].concat();
        self.stdin.send(line.into()).await.expect("the pump reads");
    }

    pub(crate) async fn call(&self, id: u64, method: &str) {
        let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}"}}"#);
        self.send(line).await;
    }

    pub(crate) async fn note(&self, method: &str) {
        let line = format!(r#"{{"jsonrpc":"2.0","method":"{method}"}}"#);
        self.send(line).await;
    }

    pub(crate) async fn cancel(&self, id: u64) {
        let line = format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#
        );
        self.send(line).await;
    }

    /// The next thing that is heard.
    pub(crate) async fn heard(&mut self) -> Heard {
        let next = timeout(PATIENCE, self.heard.recv()).await;
        next.expect("something is heard").expect("the pump runs")
    }

    /// The next line as it came.
    pub(crate) async fn line(&mut self) -> String {
        let heard = self.heard().await;
        let line = match &heard {
            Heard::Line(line) => Some(line.clone()),
            Heard::Oversized(_) => None,
        };
        line.expect("a line within the bound")
    }

    /// The next line as JSON.
    pub(crate) async fn answer(&mut self) -> Value {
        serde_json::from_str(&self.line().await).expect("a line is JSON")
    }

    /// Waits for the pump to end by itself.
    pub(crate) async fn end(&mut self) -> HttpEnd {
        let end = timeout(PATIENCE, &mut self.pump).await;
        end.expect("the pump ends").expect("it does not panic")
    }

    /// Ends the queue, as the driver does with a server of no use.
    pub(crate) async fn drop_server(self) -> HttpEnd {
        let Self { stdin, pump, .. } = self;
        drop(stdin);
        timeout(PATIENCE, pump)
            .await
            .expect("the pump ends")
            .expect("it does not panic")
    }
}

/// The endpoint with the usual path of its kind.
pub(crate) fn endpoint(address: SocketAddr, kind: Kind) -> Endpoint {
    let path = match kind {
        Kind::Sse => "/sse",
        Kind::StreamableHttp => "/mcp",
    };
    Endpoint::new(address, "osv-0.mcp-osv-headless.ns.svc:8080", path, kind)
        .expect("host and path are good")
}

/// Serves the router until the returned guard is dropped; then nobody listens any more.
pub(crate) async fn serve(router: Router) -> (SocketAddr, Serving) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    (address, Serving::on(listener, router))
}

/// A running server with its connections.
pub(crate) struct Serving(Option<(Runtime, JoinHandle<()>, SocketAddr)>);

impl Serving {
    /// A runtime of its own, so that its end cuts every connection, as a killed process does.
    pub(crate) fn on(listener: TcpListener, router: Router) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("the runtime works");
        let address = listener.local_addr().expect("it is bound");
        let listener = listener.into_std().expect("the runtime works");
        let listening = runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("the runtime works");
            axum::serve(listener, router)
                .await
                .expect("the runtime works");
        });
        Self(Some((runtime, listening, address)))
    }
}

impl Drop for Serving {
    /// Closes the port, and then the connections.
    fn drop(&mut self) {
        if let Some((runtime, listening, address)) = self.0.take() {
            listening.abort();
            for _ in 0..PATIENCE.as_millis() {
                if std::net::TcpStream::connect(address).is_err() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            runtime.shutdown_background();
        }
    }
}

/// An address at which nobody listens.
pub(crate) async fn vacant() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    listener.local_addr().expect("it is bound")
}

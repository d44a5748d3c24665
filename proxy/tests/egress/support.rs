//! A gateway, a resolver whose answers a test chooses, and hosts on loopback.

use std::{
    future::pending,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use futures::future::BoxFuture;
use hivewright_api::proxy_config::EgressRules;
use hivewright_proxy::egress::{AddressPolicy, Denials, Gateway, Limits, Resolver};
use prometheus::{Registry, TextEncoder};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::watchdog::Watchdog;

/// Where hosts of tests are.
pub(crate) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The first address of `two.test`; the second is [`LOOPBACK`].
pub(crate) const FIRST_OF_TWO: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// Knows the names of the tests.
#[derive(Debug)]
struct Names;

impl Resolver for Names {
    fn resolve(&self, name: Arc<str>) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let metadata = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));
            match &*name {
                "host.test" | "other.test" | "a.tree.test" => Ok(vec![LOOPBACK]),
                "two.test" => Ok(vec![FIRST_OF_TWO, LOOPBACK]),
                "metadata.test" => Ok(vec![metadata]),
                "mixed.test" => Ok(vec![LOOPBACK, metadata]),
                "empty.test" => Ok(Vec::new()),
                "silent.test" => pending().await,
                _ => Err(io::Error::other("no such name")),
            }
        })
    }
}

/// A running gateway.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) rules: watch::Sender<EgressRules>,
    pub(crate) denials: watch::Receiver<Denials>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) running: JoinHandle<()>,
    registry: Registry,
    _watchdog: Watchdog,
}

/// Rules with these hosts and ports.
pub(crate) fn rules(hosts: &[&str], ports: &[u16]) -> EgressRules {
    EgressRules {
        hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
        ports: ports.to_vec(),
    }
}

impl World {
    /// A gateway that may reach loopback.
    pub(crate) async fn new(hosts: &[&str], ports: &[u16]) -> Self {
        let (open, limits) = (AddressPolicy::LoopbackOpen, Limits::default());
        Self::with(rules(hosts, ports), open, limits).await
    }

    pub(crate) async fn with(rules: EgressRules, open: AddressPolicy, limits: Limits) -> Self {
        let listener = TcpListener::bind((LOOPBACK, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let registry = Registry::new();
        let (rules, follow) = watch::channel(rules);
        let (gateway, denials) = Gateway::new(follow, &registry);
        let gateway = gateway
            .with_resolver(Arc::new(Names))
            .with_addresses(open)
            .with_limits(limits);
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(gateway.run(listener, shutdown.clone()));
        Self {
            address,
            rules,
            denials,
            shutdown,
            running,
            registry,
            _watchdog: Watchdog::start(),
        }
    }

    pub(crate) async fn client(&self) -> Client {
        let stream = TcpStream::connect(self.address).await;
        Client(stream.expect("the gateway accepts"))
    }

    /// The answer to this head on a new connection, to its end.
    pub(crate) async fn ask(&self, head: &str) -> String {
        let mut client = self.client().await;
        client
            .send(format!("{head}connection: close\r\n\r\n"))
            .await;
        client.rest().await
    }

    /// The answer to CONNECT on a new connection.
    pub(crate) async fn connect(&self, target: &str) -> String {
        self.ask(&format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n"))
            .await
    }

    /// An open tunnel.
    pub(crate) async fn tunnel(&self, target: &str) -> Client {
        let mut client = self.client().await;
        let head = format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n\r\n");
        client.send(head).await;
        let answer = client.head().await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        client
    }

    /// The value of a metric as it is scraped, 0 if it is not there.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let text = TextEncoder::new().encode_to_string(&self.registry.gather());
        let text = text.expect("families can be written");
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(0, |value| value.trim().parse().expect("a number"))
    }

    /// How many requests ended so.
    pub(crate) fn outcome(&self, outcome: &str) -> u64 {
        self.metric(&format!(
            "hivewright_egress_requests_total{{outcome=\"{outcome}\"}}"
        ))
    }
}

/// A connection, seen by the server.
#[derive(Debug)]
pub(crate) struct Client(pub(crate) TcpStream);

impl Client {
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let sent = self.0.write_all(bytes.as_ref()).await;
        sent.expect("the other side reads");
    }

    /// The head of an answer, no byte more.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.expect("an answer"));
        }
        String::from_utf8(head).expect("an answer is text")
    }

    /// So many bytes.
    pub(crate) async fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        let read = self.0.read_exact(&mut bytes).await;
        read.expect("the other side sends");
        bytes
    }

    /// All that comes until the end, which may be a reset.
    pub(crate) async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        // Why it ended does not matter, only what came before.
        self.0.read_to_end(&mut rest).await.ok();
        String::from_utf8_lossy(&rest).into_owned()
    }
}

/// A listener on loopback and its port.
pub(crate) async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind((LOOPBACK, 0)).await.expect("a free port");
    let port = listener.local_addr().expect("a bound address").port();
    (listener, port)
}

/// A listener whose queue is full, so that the kernel answers nobody. All of it must be kept.
pub(crate) async fn listen_deaf(address: IpAddr, port: u16) -> (TcpListener, [TcpStream; 2]) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((address, port).into()).expect("a free port");
    let listener = socket.listen(1).expect("a listener");
    let at = listener.local_addr().expect("a bound address");
    // The queue holds one more than its length.
    let queued = futures::future::try_join(TcpStream::connect(at), TcpStream::connect(at));
    (listener, queued.await.expect("room in the queue").into())
}

/// The next connection.
pub(crate) async fn accept(listener: &TcpListener) -> Client {
    Client(listener.accept().await.expect("a connection").0)
}

/// A host that answers every connection's first head with these bytes and ends; it gives the heads.
pub(crate) async fn host(answer: &'static str) -> (u16, JoinHandle<String>) {
    let (listener, port) = listen().await;
    let seen = tokio::spawn(async move {
        let mut client = accept(&listener).await;
        let head = client.head().await;
        client.send(answer).await;
        head
    });
    (port, seen)
}

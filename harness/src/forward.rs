//! A local TCP address that leads to a pod, through the API server.
//!
//! ```text
//!  client ──TCP──> 127.0.0.1:random ──(one port-forward a connection)──> API server ──> ready pod
//! ```
//!
//! The pod is looked up for each connection, so the address goes on working when the pod behind a
//! Service is replaced: the new connection goes to the new pod, and the old one breaks as it would
//! for a client inside the cluster.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use k8s_openapi::api::core::v1::{Pod, Service};
use kube::{Api, api::ListParams};
use parking_lot::Mutex;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::{Instant, sleep, timeout_at},
};

use crate::wait::POLL;

/// How long a connection waits for a ready pod before it is closed: about as long as a cluster's
/// client sees "connection refused" while a Deployment replaces its pod.
const POD_WAIT: Duration = Duration::from_secs(30);

/// What is forwarded to.
#[derive(Clone, Debug)]
enum Target {
    /// The ready pods that these labels select.
    Selected { selector: String, port: u16 },
    /// One pod, ready or not.
    Pod { name: String, port: u16 },
}

/// A forwarded address; it ends when dropped.
#[derive(Debug)]
pub struct Forward {
    /// Where to connect.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Forward {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Forward {
    /// Leads to the ready pods of a Service. `port` is the pod's port by number.
    ///
    /// # Errors
    /// There is no such Service, it selects nothing, or no local port is free.
    pub async fn service(
        client: kube::Client,
        namespace: &str,
        name: &str,
        port: u16,
    ) -> Result<Self> {
        let services = Api::<Service>::namespaced(client.clone(), namespace);
        let service = services.get(name).await?;
        let labels = service
            .spec
            .and_then(|spec| spec.selector)
            .unwrap_or_default();
        let selector: Vec<_> = labels
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let target = Target::Selected {
            selector: selector.join(","),
            port,
        };
        Self::open(Api::namespaced(client, namespace), target).await
    }

    /// Leads to one pod.
    ///
    /// # Errors
    /// No local port is free.
    pub async fn pod(client: kube::Client, namespace: &str, name: &str, port: u16) -> Result<Self> {
        let target = Target::Pod {
            name: name.to_owned(),
            port,
        };
        Self::open(Api::namespaced(client, namespace), target).await
    }

    async fn open(pods: Api<Pod>, target: Target) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let said = Arc::new(Mutex::new(String::new()));
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                while connections.try_join_next().is_some() {}
                connections.spawn(carry(
                    pods.clone(),
                    target.clone(),
                    stream,
                    Arc::clone(&said),
                ));
            }
        });
        Ok(Self { address, task })
    }

    /// `http://ADDRESS` and `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Carries one connection; whatever goes wrong closes it, which is all that TCP can say. An error is
/// `said` once, not again for each connection of a client that tries and tries.
async fn carry(pods: Api<Pod>, target: Target, stream: TcpStream, said: Arc<Mutex<String>>) {
    if let Err(error) = try_carry(&pods, &target, stream).await {
        let sentence = format!("forward to {target:?}: {error:#}");
        let mut said = said.lock();
        if *said != sentence {
            eprintln!("{sentence}");
            *said = sentence;
        }
    }
}

async fn try_carry(pods: &Api<Pod>, target: &Target, mut stream: TcpStream) -> Result<()> {
    let (name, port) = match target {
        Target::Pod { name, port } => (name.clone(), *port),
        Target::Selected { selector, port } => (ready_pod(pods, selector).await?, *port),
    };
    stream.set_nodelay(true)?;
    let mut forwarder = pods.portforward(&name, &[port]).await?;
    let mut upstream = forwarder
        .take_stream(port)
        .context("the port was not forwarded")?;
    // Either side may break the connection at any time: that is an end like any other.
    let _ended = copy_bidirectional(&mut stream, &mut upstream).await;
    forwarder.abort();
    Ok(())
}

async fn ready_pod(pods: &Api<Pod>, selector: &str) -> Result<String> {
    let params = ListParams::default().labels(selector);
    let deadline = Instant::now() + POD_WAIT;
    loop {
        let list = timeout_at(deadline, pods.list(&params)).await??;
        let ready = list
            .items
            .into_iter()
            .find(is_ready)
            .and_then(|pod| pod.metadata.name);
        match ready {
            Some(name) => return Ok(name),
            None if Instant::now() < deadline => sleep(POLL).await,
            None => bail!("no pod of {selector} is ready"),
        }
    }
}

/// Whether the pod's `Ready` condition is true and nobody has begun to delete it.
pub fn is_ready(pod: &Pod) -> bool {
    let conditions = pod
        .status
        .as_ref()
        .and_then(|status| status.conditions.as_ref());
    pod.metadata.deletion_timestamp.is_none()
        && conditions
            .is_some_and(|all| all.iter().any(|c| c.type_ == "Ready" && c.status == "True"))
}

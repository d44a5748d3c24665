//! The cluster as the tests see it.

use std::{sync::Arc, time::Duration};

use hivewright_proxy::driver::CLOCK_STALE;
use kube::{Client, Config};
use parking_lot::{Mutex, MutexGuard};
use tokio::{net::TcpListener, sync::watch, time::timeout};

use crate::{
    api,
    stdio::Stdio,
    world::{Fact, Order, Script, World},
};

/// Longest that anything in these tests is waited for. Reached only by a failure.
const PATIENCE: Duration = CLOCK_STALE;

/// Bounds a wait.
pub(crate) async fn patient<T>(wait: impl Future<Output = T>) -> T {
    timeout(PATIENCE, wait)
        .await
        .expect("it happens within the test's patience")
}

/// A cluster with one StatefulSet. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    world: Arc<Mutex<World>>,
    changes: Arc<watch::Sender<()>>,
    seen: Arc<Mutex<usize>>,
    url: String,
}

impl Cluster {
    pub(crate) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let cluster = Self {
            world: Arc::new(Mutex::new(World::new(script))),
            changes: Arc::new(watch::channel(()).0),
            seen: Arc::default(),
            url,
        };
        let router = api::router(cluster.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        cluster
    }

    pub(crate) fn client(&self) -> Client {
        Client::try_from(Config::new(self.url.parse().expect("a URL"))).expect("a client")
    }

    /// Changes the world, and wakes whoever waits for that.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let result = act(&mut self.world.lock());
        self.changes.send_replace(());
        result
    }

    pub(crate) fn look(&self) -> MutexGuard<'_, World> {
        self.world.lock()
    }

    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Waits for such a fact after those that were waited for before; gives all up to it.
    pub(crate) async fn until(&self, wanted: impl Fn(&Fact) -> bool) -> Vec<Fact> {
        let mut changes = self.changes();
        let found = async {
            loop {
                if let Some(facts) = self.found(&wanted) {
                    return facts;
                }
                changes.changed().await.expect("the cluster lives");
            }
        };
        let facts = timeout(PATIENCE, found).await.ok();
        assert!(facts.is_some(), "it did not happen: {:#?}", self.facts());
        facts.unwrap_or_default()
    }

    fn found(&self, wanted: impl Fn(&Fact) -> bool) -> Option<Vec<Fact>> {
        let world = self.look();
        let mut seen = self.seen.lock();
        let at = *seen + world.facts[*seen..].iter().position(wanted)?;
        *seen = at + 1;
        Some(world.facts[..=at].to_vec())
    }

    pub(crate) fn facts(&self) -> Vec<Fact> {
        self.look().facts.clone()
    }

    /// The running process of the first pod ends.
    pub(crate) fn kill(&self, code: i32) {
        self.kill_in("echo-0", code);
    }

    /// The running process of this pod ends.
    pub(crate) fn kill_in(&self, pod: &str, code: i32) {
        self.with(|world| world.exit(pod, code));
    }

    /// The attach connection is cut; the process runs on.
    pub(crate) fn cut(&self) {
        self.order(Order::Cut);
    }

    /// The attach connections of the first pod are told this; later ones are not.
    pub(crate) fn order(&self, order: Order) {
        self.with(|world| {
            if let Some(pod) = world.pods.get_mut("echo-0") {
                pod.orders.send_replace(order);
                pod.orders = tokio::sync::watch::channel(Order::Run).0;
            }
        });
    }

    /// Changes the streams of the first pod's process, or looks at them.
    pub(crate) fn stdio<T>(&self, act: impl FnOnce(&mut Stdio) -> T) -> T {
        self.with(|world| {
            let pod = world.pods.get_mut("echo-0").expect("a pod");
            act(&mut pod.stdio)
        })
    }

    /// Processes do this from now on.
    pub(crate) fn mend(&self, script: Script) {
        self.with(|world| world.script = script);
    }

    /// The API server answers nothing but 503, or works again.
    pub(crate) fn set_down(&self, down: bool) {
        self.with(|world| world.down = down);
    }

    /// Waits for this many calls that were refused because it was down.
    pub(crate) async fn refused(&self, calls: usize) {
        let mut changes = self.changes();
        let refused = async {
            while self.look().refusals < calls {
                changes.changed().await.expect("the cluster lives");
            }
        };
        patient(refused).await;
    }
}

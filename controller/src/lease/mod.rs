//! Leader election by a `coordination.k8s.io` Lease: of several controllers one reconciles.
//!
//! ```text
//!  standby ──lease absent, released, or unchanged for its duration──> leader
//!  leader  ──someone else took it, or no renewal for DEADLINE───────> standby
//!  leader  ──shutdown──> released: the next one need not wait
//! ```
//!
//! Times of other machines are never compared with ours: a lease has expired when *we* have seen
//! it unchanged for its duration. Writes carry the resourceVersion, so of two takers one wins.

mod rules;

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use rules::Move;

/// How long a lease holds without renewal, seconds. As Kubernetes' own components have it.
pub const DURATION: Duration = Duration::from_secs(15);
/// A leader that could not renew for this long stops reconciling. A look at the lease ends within
/// one [`PERIOD`] and the next begins within another, so it has stopped [`DURATION`] after its
/// last renewal at the latest: 9 + 3 + 3.
pub const DEADLINE: Duration = Duration::from_secs(9);
/// Time between two looks at the lease, and the longest that one may take.
pub const PERIOD: Duration = Duration::from_secs(3);

/// Which lease, and who we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Namespace of the Lease.
    pub namespace: String,
    /// Name of the Lease.
    pub name: String,
    /// Our name in it; differs between replicas (the pod's name).
    pub holder: String,
}

/// One replica's part in the election.
#[derive(Debug)]
pub struct Elector {
    api: Api<Lease>,
    identity: Identity,
    leads: watch::Sender<bool>,
    /// The lease as we last wrote it: the next renewal needs no read.
    held: Option<Lease>,
    /// When the last renewal that succeeded was sent.
    renewed: Instant,
    /// The lease of somebody else, and since when it is unchanged.
    seen: Option<(String, Instant)>,
}

impl Elector {
    /// Takes part as `identity`. The receiver says whether we lead.
    pub fn new(client: Client, identity: Identity) -> (Self, watch::Receiver<bool>) {
        let (leads, receiver) = watch::channel(false);
        let api = Api::namespaced(client, &identity.namespace);
        let renewed = Instant::now();
        (
            Self {
                api,
                identity,
                leads,
                held: None,
                renewed,
                seen: None,
            },
            receiver,
        )
    }

    /// Takes part until `shutdown`, then gives the lease back if we hold it.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                _ = ticks.tick() => self.look().await,
            }
        }
        self.release().await;
    }

    async fn look(&mut self) {
        match timeout(PERIOD, self.round()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                // A conflict means that somebody else wrote: read it anew.
                self.held = None;
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "Lease could not be read or written"
                );
            }
            Err(_) => tracing::warn!("Lease request got no answer in time"),
        }
        if *self.leads.borrow() && self.renewed.elapsed() >= DEADLINE {
            self.step_down("the lease could not be renewed");
        }
    }

    async fn round(&mut self) -> kube::Result<()> {
        let found = match self.held.clone() {
            Some(held) => Some(held),
            None => self.api.get_opt(&self.identity.name).await?,
        };
        let unchanged = self.unchanged(found.as_ref());
        match rules::decide(
            found.as_ref().and_then(|lease| lease.spec.as_ref()),
            &self.identity.holder,
            unchanged,
        ) {
            Move::Wait => {
                self.step_down("another controller holds the lease");
                Ok(())
            }
            Move::Take => self.write(found.unwrap_or_default(), true).await,
            Move::Renew => self.write(found.unwrap_or_default(), false).await,
        }
    }

    /// How long we have seen this lease as it is.
    fn unchanged(&mut self, found: Option<&Lease>) -> Duration {
        let Some(version) = found.and_then(|lease| lease.metadata.resource_version.clone()) else {
            self.seen = None;
            return Duration::ZERO;
        };
        match &self.seen {
            Some((seen, since)) if *seen == version => since.elapsed(),
            Some(_) | None => {
                self.seen = Some((version, Instant::now()));
                Duration::ZERO
            }
        }
    }

    async fn write(&mut self, lease: Lease, taking: bool) -> kube::Result<()> {
        let sent = Instant::now();
        let exists = lease.metadata.resource_version.is_some();
        let lease = self.ours(lease, taking);
        let post = PostParams::default();
        let written = if exists {
            self.api.replace(&self.identity.name, &post, &lease).await?
        } else {
            self.api.create(&post, &lease).await?
        };
        self.held = Some(written);
        self.renewed = sent;
        if self.say(true) {
            tracing::info!(holder = self.identity.holder, "Leadership was won");
        }
        Ok(())
    }

    fn ours(&self, lease: Lease, taking: bool) -> Lease {
        let now = MicroTime(Timestamp::now());
        let spec = lease.spec.unwrap_or_default();
        let transitions = spec.lease_transitions.unwrap_or(0);
        Lease {
            metadata: ObjectMeta {
                name: Some(self.identity.name.clone()),
                ..lease.metadata
            },
            spec: Some(LeaseSpec {
                holder_identity: Some(self.identity.holder.clone()),
                lease_duration_seconds: i32::try_from(DURATION.as_secs()).ok(),
                acquire_time: if taking {
                    Some(now.clone())
                } else {
                    spec.acquire_time
                },
                renew_time: Some(now),
                lease_transitions: Some(if taking {
                    transitions.saturating_add(1)
                } else {
                    transitions
                }),
                ..LeaseSpec::default()
            }),
        }
    }

    /// Tells the receivers, and whether it is news to them.
    fn say(&self, leads: bool) -> bool {
        self.leads
            .send_if_modified(|led| std::mem::replace(led, leads) != leads)
    }

    fn step_down(&mut self, why: &'static str) {
        self.held = None;
        if self.say(false) {
            tracing::warn!(why, "Leadership was lost");
        }
    }

    async fn release(mut self) {
        let Some(mut lease) = self.held.take() else {
            return;
        };
        self.say(false);
        if let Some(spec) = lease.spec.as_mut() {
            spec.holder_identity = None;
        }
        let post = PostParams::default();
        match timeout(PERIOD, self.api.replace(&self.identity.name, &post, &lease)).await {
            Ok(Ok(_)) => tracing::info!("Lease was released"),
            Ok(Err(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "Lease could not be released"
                );
            }
            Err(_) => tracing::warn!("Lease could not be released in time"),
        }
    }
}

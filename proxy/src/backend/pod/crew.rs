//! One worker for each pod that is served, as many as the live configuration says.
//!
//! ```text
//!  live.json ──> Fleet::follow ──size──> hire NAME-2 / dismiss NAME-2
//!       sessions ───^ (of a pool)  └───> scale
//! ```
//!
//! A pod that is dismissed loses its sessions first and its worker then; the StatefulSet takes the
//! pod itself away. Tasks end with the crew; one that panics ends the crew with an error, so that
//! the proxy ends and the kubelet starts it anew.

use std::sync::Arc;

use hivewright_api::proxy_config::LiveConfig;
use tokio::{
    sync::{Notify, watch},
    task::{JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    denials::Teller,
    facts::PodView,
    gate::Gate,
    roster::Roster,
    scale::{self, Count},
    station::{Station, Stop},
    target::{Site, Target},
    watch::follow,
    web::{self, Web},
    worker,
};
use crate::{
    backend::Counters,
    egress::Denials,
    fleet::{Fleet, MAX_PODS, Ordinal},
    together::together,
};

/// How the servers speak.
#[derive(Clone, Debug)]
pub enum Speech {
    /// stdio, attached to.
    Stdio,
    /// HTTP.
    Web(Web),
}

/// What the crew follows.
#[derive(Clone, Debug)]
pub struct Feeds {
    /// The live configuration.
    pub live: watch::Receiver<LiveConfig>,
    /// What the egress gateway denied, if there is one.
    pub denials: Option<watch::Receiver<Denials>>,
}

/// Serves the pods of `site` behind `fleet` until `shutdown`.
///
/// # Errors
/// If one of its tasks panics.
pub async fn run(
    fleet: Fleet,
    (site, speech): (Site, Speech),
    feeds: Feeds,
    shutdown: CancellationToken,
) -> Result<(), JoinError> {
    let poke = Arc::new(Notify::new());
    let mut helpers = JoinSet::new();
    fleet.follow(&feeds.live.borrow());
    let (scale, count) = watch::channel(Count::of(&fleet, &feeds.live.borrow()));
    let keeper = scale::keep(site.clone(), count, poke.clone(), shutdown.clone());
    helpers.spawn(keeper.in_current_span());
    helpers.spawn(fleet.clone().run_pool(shutdown.clone()).in_current_span());
    let crew = Crew {
        counters: Counters::register(fleet.metrics().registry()),
        fleet,
        site,
        speech,
        feeds,
        scale,
        poke,
        roster: Roster::default(),
        shutdown,
        members: [const { None }; MAX_PODS],
        tasks: JoinSet::new(),
    };
    together(crew.run(), helpers).await?
}

struct Crew {
    fleet: Fleet,
    site: Site,
    speech: Speech,
    feeds: Feeds,
    counters: Counters,
    /// What the StatefulSet is to be scaled to.
    scale: watch::Sender<Count>,
    poke: Arc<Notify>,
    roster: Roster,
    shutdown: CancellationToken,
    /// How each pod's worker is told to leave, until it has.
    members: [Option<CancellationToken>; MAX_PODS],
    tasks: JoinSet<(Ordinal, Result<(), JoinError>)>,
}

impl Crew {
    async fn run(mut self) -> Result<(), JoinError> {
        let mut followed = true;
        let mut sizes = self.fleet.sizes();
        while !self.shutdown.is_cancelled() {
            let live = self.feeds.live.borrow_and_update().clone();
            self.fleet.follow(&live);
            let wanted = *sizes.borrow_and_update();
            self.rescale(Count::of(&self.fleet, &live));
            self.dismiss(wanted);
            self.hire(wanted);
            tokio::select! {
                () = self.shutdown.cancelled() => {}
                _ = sizes.changed() => {}
                changed = self.feeds.live.changed(), if followed => followed = changed.is_ok(),
                Some(left) = self.tasks.join_next() => self.left(left)?,
            }
        }
        while let Some(left) = self.tasks.join_next().await {
            self.left(left)?;
        }
        Ok(())
    }

    fn rescale(&self, count: Count) {
        self.scale.send_if_modified(|old| {
            let differs = *old != count;
            *old = count;
            differs
        });
    }

    fn left(
        &mut self,
        left: Result<(Ordinal, Result<(), JoinError>), JoinError>,
    ) -> Result<(), JoinError> {
        let (pod, ended) = left?;
        self.members[pod.index()] = None;
        ended
    }

    fn dismiss(&self, wanted: usize) {
        for leave in self.members.iter().skip(wanted).flatten() {
            leave.cancel();
        }
    }

    fn hire(&mut self, wanted: usize) {
        for pod in Ordinal::below(wanted) {
            // One that is still leaving is waited for: its successor is hired when it has left.
            if self.members[pod.index()].is_none() {
                let leave = self.shutdown.child_token();
                self.members[pod.index()] = Some(leave.clone());
                self.start(pod, leave);
            }
        }
    }

    fn start(&mut self, pod: Ordinal, leave: CancellationToken) {
        let target = self.site.pod(pod);
        let span = tracing::info_span!("backend", namespace = %target.namespace, pod = %target.pod);
        let _entered = span.clone().entered();
        let (views, gate, helpers) = self.helpers(pod, &target);
        let proxy = self.shutdown.clone();
        let station = Station {
            bridge: self.fleet.bridge(pod).clone(),
            target,
            views,
            gate,
            counters: self.counters.clone(),
            poke: self.poke.clone(),
            exclusive: self.fleet.is_pool(),
            stop: Stop { leave, proxy },
        };
        let serve = serve(station, self.speech.clone());
        let work = async move { (pod, together(serve, helpers).await) };
        self.tasks.spawn(work.instrument(span));
    }

    /// The tasks around a worker: what it sees, what it says, what was denied to its pod. They are
    /// aborted when it ends.
    fn helpers(
        &self,
        pod: Ordinal,
        target: &Target,
    ) -> (watch::Receiver<PodView>, Gate, JoinSet<()>) {
        let mut helpers = JoinSet::new();
        let (views_out, views) = watch::channel(PodView::Unknown);
        let aborted = CancellationToken::new();
        let (gate, carry) = Gate::new(target.clone(), aborted.clone());
        helpers.spawn(follow(target.clone(), views_out, aborted).in_current_span());
        helpers.spawn(carry.in_current_span());
        if let Some(denials) = self.feeds.denials.clone() {
            let teller = Teller {
                pod,
                target: target.clone(),
                views: views.clone(),
                denials,
                roster: self.roster.clone(),
            };
            helpers.spawn(teller.run().in_current_span());
        }
        (views, gate, helpers)
    }
}

async fn serve(station: Station, speech: Speech) {
    match speech {
        Speech::Stdio => worker::run(station).await,
        Speech::Web(web) => web::run(station, web).await,
    }
}

#[cfg(test)]
mod tests;

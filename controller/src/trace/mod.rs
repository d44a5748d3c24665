//! One span for each pass: its events are the span's events, its requests are child spans.
//!
//! ```text
//!  Pass::begin ──run──> event(), request() ... ──end──> Telemetry
//!        └── not recorded: run() runs, and nothing else is done
//! ```
//!
//! Whoever works for a pass finds it in the task that it runs in, so that nobody has to hand it on.

mod told;

use std::sync::Arc;
use std::time::SystemTime;

use hivewright_core::Event;
use hivewright_telemetry::{Context, Span, Status, Telemetry};
use kube::{Resource as _, ResourceExt as _};
use tokio::time::Instant;

use crate::metrics::Outcome;
use crate::reconcile::Error;
use crate::watch::Server;

use told::Told;

tokio::task_local! {
    static PASS: Arc<Recorded>;
}

/// A pass, recorded or not.
#[derive(Debug)]
pub(crate) struct Pass(Option<Arc<Recorded>>);

/// A pass that is recorded.
#[derive(Debug)]
struct Recorded {
    place: Context,
    clock: Clock,
    told: Told,
}

/// Times of spans: the wall's clock once, and then one that does not jump.
#[derive(Clone, Copy, Debug)]
struct Clock {
    wall: SystemTime,
    since: Instant,
}

impl Clock {
    fn begin() -> Self {
        Self {
            wall: SystemTime::now(),
            since: Instant::now(),
        }
    }

    fn now(&self) -> SystemTime {
        self.wall + self.since.elapsed()
    }
}

impl Pass {
    /// Begins one, if it is chosen.
    pub(crate) fn begin(telemetry: &Telemetry) -> Self {
        Self(telemetry.sample(None).map(|place| {
            Arc::new(Recorded {
                place,
                clock: Clock::begin(),
                told: Told::default(),
            })
        }))
    }

    /// Its place in its trace, if it is recorded.
    pub(crate) fn place(&self) -> Option<Context> {
        self.0.as_ref().map(|pass| pass.place)
    }

    /// Runs what the pass does.
    pub(crate) async fn run<F: Future>(&self, work: F) -> F::Output {
        match &self.0 {
            Some(pass) => PASS.scope(Arc::clone(pass), work).await,
            None => work.await,
        }
    }

    /// Hands its spans in: of the pass over this server, which came to this.
    pub(crate) fn end(self, telemetry: &Telemetry, server: &Server, done: &Result<Outcome, Error>) {
        let Some(pass) = self.0 else {
            return;
        };
        let (events, requests) = pass.told.take();
        let outcome = *done.as_ref().unwrap_or(&Outcome::Failed);
        let mut attributes = vec![
            (
                "k8s.namespace.name",
                server.namespace().unwrap_or_default().into(),
            ),
            ("hivewright.mcpserver.name", server.name_any().into()),
            ("hivewright.reconcile.outcome", outcome.as_str().into()),
        ];
        let generation = server.meta().generation;
        attributes
            .extend(generation.map(|number| ("hivewright.mcpserver.generation", number.into())));
        let status = match done {
            Ok(_) => Status::Unset,
            Err(error) => Status::Error(error.to_string().into()),
        };
        let own = Span {
            attributes,
            events,
            status,
            ..Span::new(pass.place, "reconcile", pass.clock.wall, pass.clock.now())
        };
        telemetry.spans(requests.into_iter().chain([own]));
    }
}

/// The place of the pass that runs in this task, if it is recorded.
pub(crate) fn place() -> Option<Context> {
    PASS.try_with(|pass| pass.place).ok()
}

/// Something became true in the pass that runs in this task.
pub(crate) fn event(event: &Event) {
    // Outside of a pass that is recorded there is nobody to tell.
    let _ = PASS.try_with(|pass| pass.told.event(event, pass.clock.now()));
}

/// Sends a request as a part of the pass that runs in this task.
pub(crate) async fn request<T>(
    verb: &'static str,
    resource: &'static str,
    sent: impl Future<Output = Result<T, kube::Error>>,
) -> Result<T, kube::Error> {
    let Ok(pass) = PASS.try_with(Arc::clone) else {
        return sent.await;
    };
    let began = pass.clock.now();
    let answer = sent.await;
    let span = Span::new(
        pass.place.child(),
        format!("{verb} {resource}"),
        began,
        pass.clock.now(),
    );
    pass.told.request(
        span,
        pass.place.span,
        (verb, resource),
        answer.as_ref().err(),
    );
    answer
}

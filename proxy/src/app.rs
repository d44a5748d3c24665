//! Wiring: who is started with what, and in which order all of it ends.
//!
//! ```text
//!  Settings ──> bind ──> Fleet, clocks ──> backend, egress ──> admin, doors ──> signal ──> drain ──> end
//! ```

mod against;
mod backend;
mod error;
mod page;
mod signals;
mod teller;

use std::{env, io::IsTerminal as _, net::SocketAddr, process::ExitCode, sync::Arc};

use hivewright_bridge::hub::HubConfig;
use hivewright_telemetry::LogLayer;
use tokio::{
    net::TcpListener,
    runtime::Runtime,
    task::{JoinHandle, JoinSet},
};

pub use self::{
    against::EXIT_DIFFERS,
    error::{AppError, EXIT_UNAVAILABLE},
};
use self::{against::against, error::fail, signals::Signals, teller::Teller};
use crate::{
    admin::{self, Readiness},
    args::{Args, Command, EXIT_USAGE},
    canary,
    desk::{Desk, View},
    drain::{DRAIN_GRACE, Stages},
    driver::{self, Observer, StreamKind},
    exchange::Scribe,
    fleet::{Fleet, Shape},
    http::{self, Guard},
    metrics::Metrics,
    page::Page,
    settings::Settings,
    telemetry,
};

impl Args {
    /// Runs the program to its end. What goes wrong is told on stderr.
    pub fn run(self) -> ExitCode {
        let view = self.view();
        let filter = self.log.filter.as_deref().unwrap_or_else(|| view.filter());
        let log = match telemetry::init(self.log.log_format, filter) {
            Ok(log) => log,
            Err(error) => return fail(&error, EXIT_USAGE),
        };
        if let Command::Replay(replay) = &self.command
            && replay.against
        {
            return against(replay);
        }
        let settings = match Settings::new(&self.command) {
            Ok(settings) => settings,
            Err(error) => return fail(&error, EXIT_USAGE),
        };
        let ran = runtime().and_then(|runtime| runtime.block_on(serve(settings, (view, log))));
        match ran {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error, EXIT_UNAVAILABLE),
        }
    }
}

impl Args {
    /// What goes to stderr: in a cluster always the log.
    fn view(&self) -> View {
        let desk = match &self.command {
            Command::Serve(_) => return View::Log,
            Command::Run(run) => &run.desk,
            Command::Replay(replay) => &replay.desk,
        };
        let terminal = std::io::stderr().is_terminal();
        let (no_colour, term) = (env::var_os("NO_COLOR"), env::var_os("TERM"));
        let colours = (no_colour.as_deref(), term.as_deref());
        View::choose(desk, self.log.filter.is_some(), terminal, colours)
    }
}

fn runtime() -> Result<Runtime, AppError> {
    let built = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    built.map_err(AppError::Runtime)
}

/// Serves until a signal, or until the backend cannot go on.
///
/// # Errors
/// See [`AppError`].
pub async fn serve(settings: Settings, (view, log): (View, LogLayer)) -> Result<(), AppError> {
    let desk = match &settings.desk {
        Some(args) => Some(Desk::begin(args, view)?),
        None => None,
    };
    let served = serve_at(settings, desk.as_ref(), &log).await;
    if let Some(desk) = desk {
        desk.finish().await;
    }
    served
}

/// As [`serve`], watched from the desk if there is one.
async fn serve_at(settings: Settings, desk: Option<&Desk>, log: &LogLayer) -> Result<(), AppError> {
    let mut signals = Signals::install()?;
    let (doors, at) = bind(settings.doors).await?;
    let admin = bind_if(settings.admin).await?;
    let egress = bind_if(settings.egress).await?;
    let canary = bind_if(settings.canary).await?;
    let house = House::new(settings.backend.shape());
    let page = page::begin(&settings, &house.fleet, at);
    let teller = Teller::begin(settings.telling, &house.fleet, log)?;
    house.observe(desk, page.as_ref());
    let start = backend::Start {
        fleet: house.fleet.clone(),
        ending: house.stages.ending.clone(),
        doors: at,
        desk: desk.cloned(),
        egress,
        helpers: house.canary(canary),
    };
    let mut backend = start.backend(settings.backend).await?;
    if let Some(admin) = admin {
        house.open_admin(admin, page);
    }
    let mut doors = house.open_doors(doors, settings.guard, teller.scribe());
    tracing::info!(address = %at, "doors open");
    let (mut served, mut ended) = (None, None);
    tokio::select! {
        () = signals.next() => {}
        early = &mut backend => ended = Some(early),
        early = &mut doors => served = Some(early),
    }
    house.close(&mut signals).await;
    // A task that has ended already must not be asked again.
    let served = match served {
        Some(served) => served,
        None => doors.await,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => backend.await,
    };
    tracing::info!(doors = ?served.map_err(AppError::Task)?, "ended");
    teller.end().await;
    ended.map_err(AppError::Task)?
}

/// Binds a listener; also gives the address, for a port that the system chose.
async fn bind(at: SocketAddr) -> Result<(TcpListener, SocketAddr), AppError> {
    let bound = async {
        let listener = TcpListener::bind(at).await?;
        let at = listener.local_addr()?;
        Ok((listener, at))
    };
    bound.await.map_err(|source| AppError::Bind { at, source })
}

/// Binds a listener, if there is to be one.
async fn bind_if(at: Option<SocketAddr>) -> Result<Option<TcpListener>, AppError> {
    match at {
        Some(at) => Ok(Some(bind(at).await?.0)),
        None => Ok(None),
    }
}

/// What all parts share.
#[derive(Debug)]
struct House {
    fleet: Fleet,
    stages: Stages,
    readiness: Readiness,
}

/// What the hubs are told.
fn config() -> HubConfig {
    let secret = driver::secret();
    if let Err(error) = &secret {
        tracing::warn!(
            error = error as &dyn std::error::Error,
            "clients without a session cannot be asked for input"
        );
    }
    HubConfig {
        secret: secret.ok(),
        ..HubConfig::new(env!("CARGO_PKG_VERSION"))
    }
}

impl House {
    /// A fleet of this shape, whose clocks go.
    fn new(shape: Shape) -> Self {
        let config = config();
        let stages = Stages::default();
        let (metrics, ending) = (Metrics::new(), stages.ending.clone());
        Self {
            fleet: match shape {
                Shape::Shared(pods) => Fleet::new(config, metrics, pods, ending),
                Shape::Pool(bounds) => Fleet::pooled(config, metrics, bounds, ending),
            },
            stages,
            readiness: Readiness::default(),
        }
    }

    /// Shows everything to the desk and to the page, if there are any.
    fn observe(&self, desk: Option<&Desk>, page: Option<&Page>) {
        let story = page.map(|page| Arc::new(page.story.clone()) as Arc<dyn Observer>);
        let desk = desk.and_then(Desk::observer);
        let watching: Vec<_> = desk.into_iter().chain(story).collect();
        if !watching.is_empty() {
            let watching: Arc<dyn Observer> = Arc::new(watching);
            self.fleet.observe(&watching);
        }
    }

    /// The canary's task, if there is to be one.
    fn canary(&self, listener: Option<TcpListener>) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        if let Some(listener) = listener {
            tasks.spawn(canary::run(listener, self.stages.ending.clone()));
        }
        tasks
    }

    /// Serves until the very end, so that the drain can be watched.
    fn open_admin(&self, listener: TcpListener, page: Option<Page>) {
        let router = admin::router(self.fleet.clone(), self.readiness.clone());
        let router = match page {
            Some(page) => router.merge(crate::page::router(page)),
            None => router,
        };
        let ending = self.stages.ending.clone();
        tokio::spawn(http::serve(listener, router, ending, DRAIN_GRACE));
    }

    fn open_doors(
        &self,
        listener: TcpListener,
        guard: Guard,
        scribe: Scribe,
    ) -> JoinHandle<http::Drained> {
        let router = http::scribed_router(self.fleet.clone(), guard, scribe);
        let site = http::Site::counted(router, self.fleet.metrics().clone());
        let closing = self.stages.closing.clone();
        let doors = tokio::spawn(http::serve(listener, site, closing, DRAIN_GRACE));
        self.readiness.open();
        doors
    }

    /// Both stages of the drain.
    async fn close(&self, signals: &mut Signals) {
        tracing::info!("shutting down");
        self.readiness.drain();
        // These streams carry no answers, so nothing is waited for on them.
        self.fleet.end_streams(StreamKind::Listener);
        let in_flight = || {
            let hub = self.fleet.gauges().sum.hub;
            // Parked calls wait for clients that may come back to another proxy, or not at all.
            (hub.pending + hub.held).saturating_sub(hub.parked)
        };
        let drained = self.stages.drain(in_flight, signals.next()).await;
        // These carried answers; they have no end of their own.
        self.fleet.end_streams(StreamKind::Sse);
        tracing::info!(calls = ?drained, "drained");
    }
}

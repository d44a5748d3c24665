//! Wiring: who is started with what, and in which order all of it ends.

use std::{error::Error, io, net::SocketAddr, process::ExitCode};

use hivewright_bridge::hub::HubConfig;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    task::JoinHandle,
};
use tracing::Instrument;

use crate::{
    admin::{self, Readiness},
    announce::announce,
    args::{Args, EXIT_USAGE},
    backend::{
        pod::{self, Target},
        process,
    },
    drain::{DRAIN_GRACE, Stages},
    driver::{Bridge, StreamKind},
    http,
    metrics::Metrics,
    settings::{AttachSettings, Backend, Settings},
    telemetry,
};

/// Exit code when something that is needed cannot be had (EX_UNAVAILABLE of sysexits.h).
const EXIT_UNAVAILABLE: u8 = 69;

/// Why the proxy cannot run, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The runtime could not be started.
    #[error("the system gives no threads to run on")]
    Runtime(#[source] io::Error),
    /// A listener could not be bound.
    #[error("{at} cannot be listened on; choose another port or stop what uses it")]
    Bind {
        /// The address.
        at: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Signals cannot be handled.
    #[error("signal handlers cannot be installed")]
    Signals(#[source] io::Error),
    /// No way to the API server is configured.
    #[error("no cluster is configured; run in a pod with a service account, or set KUBECONFIG")]
    Cluster(#[source] Box<kube::Error>),
    /// The command of `run` does not start.
    #[error(transparent)]
    Command(#[from] process::StartError),
    /// A task that must not end has ended.
    #[error("a part of the proxy has failed; its message is in the log")]
    Task(#[source] tokio::task::JoinError),
}

impl Args {
    /// Runs the program to its end. What goes wrong is told on stderr.
    pub fn run(self) -> ExitCode {
        if let Err(error) = telemetry::init(self.log.log_format, &self.log.filter) {
            return fail(&error, EXIT_USAGE);
        }
        let settings = match Settings::new(&self.command) {
            Ok(settings) => settings,
            Err(error) => return fail(&error, EXIT_USAGE),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        let ran = runtime
            .map_err(AppError::Runtime)
            .and_then(|runtime| runtime.block_on(serve(settings)));
        match ran {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error, EXIT_UNAVAILABLE),
        }
    }
}

/// Tells the error with its causes, on the terminal rather than in the log: whoever started the
/// program waits for this.
fn fail(error: &dyn Error, code: u8) -> ExitCode {
    let mut text = format!("hivewright-proxy: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    eprintln!("{text}");
    ExitCode::from(code)
}

/// Serves until a signal, or until the backend cannot go on.
///
/// # Errors
/// See [`AppError`].
pub async fn serve(settings: Settings) -> Result<(), AppError> {
    let mut signals = Signals::install()?;
    let doors = bind(settings.doors).await?;
    let admin = match settings.admin {
        Some(at) => Some(bind(at).await?),
        None => None,
    };
    let bridge = Bridge::new(HubConfig::new(env!("CARGO_PKG_VERSION")), Metrics::new());
    let (stages, readiness) = (Stages::default(), Readiness::default());
    let at = doors.local_addr().map_err(|source| AppError::Bind {
        at: settings.doors,
        source,
    })?;
    let mut backend = backend(&settings.backend, &bridge, &stages, at).await?;
    let clock = bridge.clone();
    let ending = stages.ending.clone();
    tokio::spawn(async move { clock.run_clock(ending).await });
    if let Some(admin) = admin {
        let router = admin::router(bridge.clone(), readiness.clone());
        tokio::spawn(http::serve(
            admin,
            router,
            stages.ending.clone(),
            DRAIN_GRACE,
        ));
    }
    let router = http::router(bridge.clone(), settings.guard);
    let doors = tokio::spawn(http::serve(
        doors,
        router,
        stages.closing.clone(),
        DRAIN_GRACE,
    ));
    readiness.open();
    tracing::info!(address = %at, "doors open");
    let early = tokio::select! {
        () = signals.next() => None,
        ended = &mut backend => Some(ended),
    };
    readiness.drain();
    bridge.end_streams(StreamKind::Listener);
    drain(&bridge, &stages, &mut signals).await;
    let ended = async {
        match early {
            Some(ended) => ended,
            None => backend.await,
        }
    };
    let (doors, ended) = tokio::join!(doors, ended);
    tracing::info!(doors = ?doors.map_err(AppError::Task)?, "ended");
    ended.map_err(AppError::Task)?.map_err(AppError::Command)
}

async fn drain(bridge: &Bridge, stages: &Stages, signals: &mut Signals) {
    tracing::info!("shutting down");
    let in_flight = || {
        let hub = bridge.gauges().hub;
        hub.pending + hub.held
    };
    let drained = stages.drain(in_flight, signals.next()).await;
    // Answers on SSE streams were waited for; a stream itself never ends.
    bridge.end_streams(StreamKind::Sse);
    bridge.end_streams(StreamKind::Listener);
    tracing::info!(calls = ?drained, "drained");
}

type Running = JoinHandle<Result<(), process::StartError>>;

/// Starts the backend's task.
async fn backend(
    backend: &Backend,
    bridge: &Bridge,
    stages: &Stages,
    doors: SocketAddr,
) -> Result<Running, AppError> {
    let (bridge, ending) = (bridge.clone(), stages.ending.clone());
    match backend {
        Backend::Process(command) => {
            tokio::spawn(announce(bridge.clone(), doors));
            Ok(tokio::spawn(process::run(bridge, command.clone(), ending)))
        }
        Backend::Attach(settings) => {
            let target = target(settings).await?;
            let span =
                tracing::info_span!("backend", namespace = %target.namespace, pod = %target.pod);
            let run = async move {
                pod::run(bridge, target, ending).await;
                Ok(())
            };
            Ok(tokio::spawn(run.instrument(span)))
        }
    }
}

async fn target(settings: &AttachSettings) -> Result<Target, AppError> {
    let client = kube::Client::try_default().await;
    let AttachSettings {
        namespace,
        stateful_set,
        pod,
        container,
    } = settings.clone();
    Ok(Target {
        client: client.map_err(|error| AppError::Cluster(Box::new(error)))?,
        namespace,
        stateful_set,
        pod,
        container,
    })
}

async fn bind(at: SocketAddr) -> Result<TcpListener, AppError> {
    TcpListener::bind(at)
        .await
        .map_err(|source| AppError::Bind { at, source })
}

/// What asks the proxy to end.
#[derive(Debug)]
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn install() -> Result<Self, AppError> {
        let install = |kind| signal(kind).map_err(AppError::Signals);
        Ok(Self {
            terminate: install(SignalKind::terminate())?,
            interrupt: install(SignalKind::interrupt())?,
        })
    }

    /// The next of them. Cancel-safe.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

//! Wiring of the process: settings, client, admin listener, signals.

use hivewright_telemetry::{LogLayer, Telemetry};
use kube::Client;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::admin::{self, Admin};
use crate::args::{JournalArgs, LeaseArgs, RunArgs};
use crate::auth::Gate;
use crate::client;
use crate::journal::Journal;
use crate::lease::Identity;
use crate::metrics::Metrics;
use crate::operate::{Config, operate};
use crate::page::{Page, Window};
use crate::reading::{self, Reading};
use crate::telemetry::export;

/// Why the controller ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No cluster.
    #[error("the controller cannot start")]
    Client(#[from] client::Error),
    /// No admin listener.
    #[error("the admin endpoints cannot be served")]
    Admin(#[from] admin::Error),
    /// No telemetry.
    #[error("telemetry cannot be exported")]
    Telemetry(#[from] export::Error),
    /// No thread for the journal.
    #[error("the journal gets no thread; raise the limit of threads of this process")]
    Journal(#[source] std::io::Error),
    /// The process cannot be told to stop.
    #[error("signals cannot be received from the operating system")]
    Signal(#[source] std::io::Error),
}

/// Runs until SIGTERM or SIGINT. Log lines go through `records` too, if they are exported.
///
/// # Errors
/// When a part that the controller cannot do without does not start, or ends.
pub async fn run(args: &RunArgs, records: &LogLayer) -> Result<(), Error> {
    let stop = CancellationToken::new();
    let metrics = Metrics::new();
    let client = client::from_environment(&metrics).await?;
    let (telemetry, exporter) = export::start(&metrics, records)?;
    let journal = journal(&args.journal, &metrics).await?;
    let config = Config {
        journal: journal.clone(),
        ..config(args, &client, telemetry)
    };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        ?config,
        "Controller starts"
    );
    let (synced, receiver) = watch::channel(false);
    let ended = CancellationToken::new();
    let gate = gate(args, &client);
    let source = journal.as_ref().map(reading::Journal::from);
    let reading = Reading::new(gate.clone(), source, metrics.clone(), stop.clone());
    let page = Page::new(gate, reading.clone(), config.window.clone());
    let admin = Admin::new(metrics.clone(), receiver)
        .beside(page.router())
        .beside(reading.router())
        .serve(args.admin_address(), ended.clone());
    let signals = signals(stop.clone())?;
    let operator = async {
        operate(client, config, metrics, synced, stop.clone()).await;
        if let Some(journal) = journal {
            journal.close().await;
        }
        // Only now: probes are answered to the last.
        ended.cancel();
        Ok(())
    };
    let done = tokio::select! {
        done = async { tokio::try_join!(operator, async { admin.await.map_err(Error::Admin) }) } => {
            done.map(|_| tracing::info!("Controller stopped"))
        }
        never = signals => match never {},
    };
    exporter.end().await;
    done
}

fn gate(args: &RunArgs, client: &Client) -> Gate {
    if args.readers {
        Gate::new(client.clone())
    } else {
        Gate::closed()
    }
}

fn config(args: &RunArgs, client: &Client, telemetry: Telemetry) -> Config {
    Config {
        settings: args.server.settings(),
        namespaces: args.watch_namespaces.clone(),
        watch_secrets: args.watch_secrets,
        lease: lease(&args.lease, client),
        window: Window::default(),
        telemetry,
        journal: None,
    }
}

async fn journal(args: &JournalArgs, metrics: &Metrics) -> Result<Option<Journal>, Error> {
    let Some(settings) = args.settings() else {
        return Ok(None);
    };
    let journal = Journal::start(settings, metrics.journal()).await;
    journal.map(Some).map_err(Error::Journal)
}

fn lease(args: &LeaseArgs, client: &Client) -> Option<Identity> {
    let holder = args.lease_identity.clone().filter(|_| args.leader_elect)?;
    let namespace = args.lease_namespace.clone();
    Some(Identity {
        namespace: namespace.unwrap_or_else(|| client.default_namespace().to_owned()),
        name: args.lease_name.clone(),
        holder,
    })
}

/// Cancels `stop` at the first SIGTERM or SIGINT, and goes on waiting: the stop takes a while.
fn signals(
    stop: CancellationToken,
) -> Result<impl Future<Output = std::convert::Infallible>, Error> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Signal)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Signal)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("Controller is told to stop");
        stop.cancel();
        std::future::pending().await
    })
}

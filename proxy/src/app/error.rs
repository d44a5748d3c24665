//! Why the program ends other than well.

use std::{error::Error, io, net::SocketAddr, process::ExitCode};

use crate::{
    audit::AuditError,
    backend::{api::ApiError, process},
    record::CreateError,
    replay::against::AgainstError,
};

/// Exit code when something that is needed cannot be had (EX_UNAVAILABLE of sysexits.h).
pub const EXIT_UNAVAILABLE: u8 = 69;

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
    /// There is no way to the API server.
    #[error(transparent)]
    Cluster(#[from] ApiError),
    /// The command of `run` does not start.
    #[error(transparent)]
    Command(#[from] process::StartError),
    /// The recording cannot be written.
    #[error(transparent)]
    Recording(#[from] CreateError),
    /// Telemetry cannot be exported.
    #[error(transparent)]
    Telemetry(#[from] hivewright_telemetry::ClientError),
    /// The audit log cannot be written.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// Nothing was compared.
    #[error(transparent)]
    Against(#[from] AgainstError),
    /// A task that must not end has ended.
    #[error("a part of the proxy has failed; its message is in the log")]
    Task(#[source] tokio::task::JoinError),
}

impl From<process::PoolError> for AppError {
    fn from(error: process::PoolError) -> Self {
        match error {
            process::PoolError::Start(error) => Self::Command(error),
            process::PoolError::Task(error) => Self::Task(error),
        }
    }
}

/// Tells the error with its causes, on the terminal rather than in the log: whoever started the
/// program waits for this.
pub(super) fn fail(error: &dyn Error, code: u8) -> ExitCode {
    let mut text = format!("hivewright-proxy: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    eprintln!("{text}");
    ExitCode::from(code)
}

//! The commands that read: `timeline`, `replay`, `why` and `page`, of `hivewright-controller` and of
//! the kubectl plugin, which is the same program called `kubectl-hivewright`.
//!
//! ```text
//!  args ──> Origin ─┬─ File: a journal on this disk
//!                   └─ Cluster ──find──> the controller that leads
//!                         │  token: the kubeconfig's own, or one of the reader's ServiceAccount
//!                         └─ way: HTTP over a port-forward to its admin port
//!
//!  timeline, replay, why ──> show (tables for people, JSON for programs)
//!  page ──> a loopback port that does nothing but add the token
//! ```

mod cluster;
mod find;
mod follow;
mod origin;
mod page;
mod remote;
mod replay;
mod show;
mod timeline;
mod token;
mod way;
mod why;

use std::io;

use crate::args::ReadCommand;
use crate::journal::read;

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No cluster.
    #[error(transparent)]
    Cluster(#[from] cluster::Error),
    /// No controller.
    #[error(transparent)]
    Find(#[from] find::Error),
    /// No token.
    #[error(transparent)]
    Token(#[from] token::Error),
    /// No answer.
    #[error(transparent)]
    Remote(#[from] remote::Error),
    /// No page.
    #[error(transparent)]
    Page(#[from] page::Error),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] read::Error),
    /// A server is named without its namespace, and there is no context that says it.
    #[error("say which namespace: NAMESPACE/NAME, or --namespace")]
    NoNamespace,
    /// The journal has never heard of the server.
    #[error("the journal has never heard of {0}; check the name with `kubectl get mcpservers -A`")]
    Unheard(crate::key::Key),
    /// What was read cannot be printed.
    #[error("the output does not take what was read; is it full?")]
    Print(#[source] io::Error),
}

/// What a command gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Does what the command says.
///
/// # Errors
/// When it cannot be read or printed.
pub async fn run(command: ReadCommand) -> Result<()> {
    let done = match command {
        ReadCommand::Timeline(args) => timeline::run(args).await,
        ReadCommand::Replay(args) => replay::run(args).await,
        ReadCommand::Why(args) => why::run(args).await,
        ReadCommand::Page(args) => page::run(args).await,
    };
    match done {
        // Whoever reads our output has read enough: `| head`.
        Err(Error::Print(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

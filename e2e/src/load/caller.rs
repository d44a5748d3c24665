//! Who calls, and on what way.

use std::sync::Arc;

use anyhow::Result;

use super::{Plan, connection::Connection, pipe::Pipe, session::Session};

/// Who calls: clones are the same.
#[derive(Clone, Debug)]
pub(super) enum Caller {
    /// A session over HTTP.
    Http(Session),
    /// The server itself.
    Pipe(Arc<Pipe>),
}

/// One way to the server, with one call at a time.
#[derive(Debug)]
pub(super) enum Way {
    Http(Session, Connection),
    Pipe(Arc<Pipe>),
}

impl Caller {
    /// Opens a way.
    pub(super) async fn way(&self, plan: &Plan) -> Result<Way> {
        Ok(match self {
            Self::Http(session) => {
                Way::Http(session.clone(), Connection::open(&plan.target).await?)
            }
            Self::Pipe(pipe) => Way::Pipe(pipe.clone()),
        })
    }

    /// Ends the session, if there is one.
    pub(super) async fn close(self) -> Result<()> {
        match self {
            Self::Http(session) => session.close().await,
            Self::Pipe(_) => Ok(()),
        }
    }
}

impl Way {
    /// One call of the tool that gives its text back.
    pub(super) async fn echo(&mut self, id: u64, text: &str) -> Result<()> {
        match self {
            Self::Http(session, connection) => session.echo(connection, id, text).await,
            Self::Pipe(pipe) => pipe.echo(id, text).await,
        }
    }
}

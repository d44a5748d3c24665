//! Streamable HTTP (MCP 2025-03-26, 2025-06-18, 2025-11-25 and 2026-07-28, Transports): every message is posted,
//! the answer comes in the response, and what belongs to no call on a stream of its own.
//!
//! ```text
//!  post_all ──> post (initialize, call, note) ──> response: JSON, or events ──resume──┐
//!  listen ────> GET: events that belong to no call                                    ├──> sink
//!  close ─────> DELETE                                                                ┘
//! ```
//! Requests of 2026-07-28 need no session: they carry what they say in headers too, there is no GET
//! and no DELETE, and a call is cancelled by the end of its response.

mod listen;
mod modern;
mod post;
mod session;
mod stream;

use tokio_util::sync::CancellationToken;

pub(super) use self::modern::Tools;
use self::{post::Posts, session::Session};
use super::{client::Http, fault::HttpEnd, pump::post_all};
use crate::backend::{output::LineSink, source::LineSource};

/// Runs one session.
pub(super) async fn pump<Q, L>(
    http: Http,
    stdin: &mut Q,
    sink: &L,
    shutdown: &CancellationToken,
) -> HttpEnd
where
    Q: LineSource,
    L: LineSink + Sync,
{
    let session = Session::new(http);
    let posts = Posts::new(&session, sink);
    let end = tokio::select! {
        end = post_all(&posts, stdin) => end,
        fault = listen::listen(&session, sink) => HttpEnd::Lost(fault),
        () = shutdown.cancelled() => HttpEnd::Shutdown,
    };
    match &end {
        HttpEnd::Dropped | HttpEnd::Shutdown => session.close().await,
        HttpEnd::Lost(_) => {}
    }
    end
}

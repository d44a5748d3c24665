//! From just before the signal to the next good answer.

use std::time::Duration;

use anyhow::Result;
use hivewright_api::names;
use serde_json::json;

use super::SERVER;
use crate::{
    mcp::streamable::Session,
    ns::Ns,
    wait::{Look, RECOVERY, until},
};

/// Kills the server's process from outside and gives the time from just before the signal until the
/// same session has an answer of another process.
///
/// # Errors
/// The process cannot be killed, or no answer comes within [`RECOVERY`].
pub async fn once(ns: &Ns, session: &Session) -> Result<Duration> {
    let before = session.text(1, "whoami", json!({})).await?;
    let killed = ns
        .kill(&names::pod(SERVER, 0), names::MCP_CONTAINER)
        .await?;
    until("a good answer of the next process", RECOVERY, async || {
        let now = session.text(2, "whoami", json!({})).await?;
        Ok(if now == before {
            Look::not_yet(now)
        } else {
            Look::Done(())
        })
    })
    .await?;
    Ok(killed.elapsed())
}

//! Whether a changed Secret means new pods.

use hivewright_api::{MCPServer, names};

use crate::refusal::{Refusal, RefusalReason};

/// What the MCPServer's own annotation says; new pods if it says nothing.
pub(super) fn on_secret_change(server: &MCPServer) -> Result<bool, Refusal> {
    let annotations = server.metadata.annotations.as_ref();
    match annotations
        .and_then(|all| all.get(names::ROLL_ON_SECRET_CHANGE))
        .map(String::as_str)
    {
        None | Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(other) => Err(Refusal::new(
            RefusalReason::InvalidValue,
            format!("metadata.annotations[{}]", names::ROLL_ON_SECRET_CHANGE),
            format!("`{other}` is neither \"true\" nor \"false\"; use one of them"),
        )),
    }
}

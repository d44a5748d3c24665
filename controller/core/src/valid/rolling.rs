//! What asks for new pods beside the spec: a changed Secret, and the user.

use hivewright_api::{MCPServer, names};

use crate::refusal::{Refusal, RefusalReason};

/// What the MCPServer's own annotation says; new pods if it says nothing.
pub(super) fn on_secret_change(server: &MCPServer) -> Result<bool, Refusal> {
    match annotation(server, names::ROLL_ON_SECRET_CHANGE) {
        None | Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(other) => Err(Refusal::new(
            RefusalReason::InvalidValue,
            format!("metadata.annotations[{}]", names::ROLL_ON_SECRET_CHANGE),
            format!("`{other}` is neither \"true\" nor \"false\"; use one of them"),
        )),
    }
}

/// The user's last request for new pods, if there was one.
pub(super) fn restarted_at(server: &MCPServer) -> Option<&str> {
    annotation(server, names::RESTARTED_AT).filter(|at| !at.is_empty())
}

fn annotation<'a>(server: &'a MCPServer, name: &str) -> Option<&'a str> {
    let annotations = server.metadata.annotations.as_ref();
    annotations?.get(name).map(String::as_str)
}

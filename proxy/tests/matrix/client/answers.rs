//! What a client can do, and what it says when it is asked.

use serde_json::{Value, json};

use crate::revision::Revision;

/// What a client of this revision declares.
pub(super) fn capabilities(revision: Revision) -> Value {
    let mut capabilities = json!({ "sampling": {}, "roots": {} });
    if revision.has_elicitation() {
        capabilities["elicitation"] = json!({});
    }
    capabilities
}

/// The params of `initialize`.
pub(super) fn initialize(revision: Revision) -> Value {
    json!({
        "protocolVersion": revision.name(),
        "capabilities": capabilities(revision),
        "clientInfo": { "name": "raw", "version": "1" },
    })
}

/// The result for what a server asks.
pub(crate) fn reply(method: &str) -> Value {
    match method {
        "sampling/createMessage" => json!({
            "role": "assistant",
            "content": { "type": "text", "text": "sampled" },
            "model": "none",
        }),
        "elicitation/create" => json!({ "action": "accept", "content": { "word": "elicited" } }),
        other => unreachable!("a server that asks by {other}"),
    }
}

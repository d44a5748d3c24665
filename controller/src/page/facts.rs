//! What is known of one server beside how it is.

use hivewright_api::{MCPServer, MCPServerStatus};
use hivewright_page::model::{Condition, Fact, Value};
use kube::ResourceExt as _;

/// The facts of the page's right column, in the order in which people ask for them.
pub(super) fn facts(server: &MCPServer) -> Vec<Fact> {
    let status = server.status.clone().unwrap_or_default();
    let code = |text: String| Some(Value::Code(text));
    let words = |text: String| Some(Value::Text(text));
    let endpoints = status.endpoints.clone().unwrap_or_default();
    let created = server.creation_timestamp().map(|time| Value::Ago(time.0));
    let all = [
        ("Address for clients", status.url.clone().and_then(code)),
        ("HTTP+SSE", other(&status, endpoints.sse).and_then(code)),
        ("Image", code(server.spec.image.clone())),
        ("Transport", words(server.spec.transport.clone())),
        ("Pods that answer", status.ready.clone().and_then(words)),
        (
            "Restarts",
            status.restarts.map(|count| Value::Text(count.to_string())),
        ),
        ("Last failure", failure(&status)),
        ("Created", created),
    ];
    let told = |(label, value): (&'static str, Option<Value>)| {
        Some(Fact {
            label,
            value: value?,
        })
    };
    all.into_iter().filter_map(told).collect()
}

/// An address that is not the one that is shown already.
fn other(status: &MCPServerStatus, address: Option<String>) -> Option<String> {
    address.filter(|address| Some(address) != status.url.as_ref())
}

fn failure(status: &MCPServerStatus) -> Option<Value> {
    let failure = status.last_failure.as_ref()?;
    Some(Value::Text(format!(
        "{}: {}",
        failure.reason, failure.message
    )))
}

pub(super) fn conditions(server: &MCPServer) -> Vec<Condition> {
    let status = server.status.as_ref();
    let all = status.and_then(|status| status.conditions.as_ref());
    let shown = all.into_iter().flatten().map(|condition| Condition {
        kind: condition.kind.clone(),
        holds: match condition.status.as_str() {
            "True" => Some(true),
            "False" => Some(false),
            _ => None,
        },
        reason: condition.reason.clone(),
        message: condition.message.clone(),
        since: condition.last_transition_time.0,
    });
    shown.collect()
}

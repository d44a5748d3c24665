//! Attributes of spans.

use hivewright_bridge::{event::Outcome, protocol::MethodLabel};
use hivewright_telemetry::{Attribute, Status};

use super::Traced;
use crate::{
    access,
    exchange::{Call, Ended},
    log,
};

/// Attributes that most spans have at most; those of older names come on top.
const MOST: usize = 10;

/// What the conventions for MCP say of a call, and its sizes.
pub(super) fn of_call(trace: &Traced, call: &Call, legacy: bool) -> Vec<Attribute> {
    let mut all = Vec::with_capacity(MOST);
    all.extend([
        ("mcp.method.name", call.method.as_str().into()),
        ("network.transport", "tcp".into()),
        (
            "hivewright.session",
            log::prefix(&call.session).to_owned().into(),
        ),
        ("hivewright.outcome", call.outcome.as_str().into()),
        ("hivewright.request.size", call.bytes_in.into()),
        ("hivewright.response.size", call.bytes_out.into()),
    ]);
    if let Some(tool) = &call.tool {
        all.push(("gen_ai.tool.name", tool.clone().into()));
    }
    if call.method == MethodLabel::ToolsCall {
        all.push(("gen_ai.operation.name", "execute_tool".into()));
    }
    if let Some(revision) = trace.revision {
        all.push(("mcp.protocol.version", revision.into()));
    }
    if let Some(error) = error_of(call.outcome) {
        all.push(("error.type", error.into()));
    }
    if legacy {
        all.push(("mcp.method", call.method.as_str().into()));
        all.push(("rpc.system", "jsonrpc".into()));
        all.push(("rpc.service", "mcp".into()));
        all.extend(
            call.tool
                .iter()
                .map(|tool| ("mcp.tool.name", tool.clone().into())),
        );
    }
    all
}

/// `error.type`; none if all went well. The client is asked for input as part of an answer.
const fn error_of(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Ok | Outcome::InputRequired => None,
        Outcome::ToolError
        | Outcome::Error
        | Outcome::Refused
        | Outcome::Cancelled
        | Outcome::SessionClosed
        | Outcome::Lost
        | Outcome::Unavailable
        | Outcome::TimedOut => Some(outcome.as_str()),
    }
}

/// How a call went.
pub(super) fn status_of_call(outcome: Outcome) -> Status {
    error_of(outcome).map_or(Status::Unset, |error| Status::Error(error.into()))
}

/// What the conventions for HTTP servers say of an exchange.
pub(super) fn of_exchange(ended: &Ended, legacy: bool) -> Vec<Attribute> {
    let mut all = Vec::with_capacity(MOST);
    all.extend([
        ("http.request.method", ended.method.into()),
        ("http.route", ended.door.route().into()),
        ("network.protocol.name", "http".into()),
        ("http.request.body.size", ended.bytes_in.into()),
        ("http.response.body.size", ended.bytes_out.into()),
        ("hivewright.outcome", ended.outcome.label().into()),
    ]);
    let status = ended.status.map(|status| status.as_u16());
    if let Some(status) = status {
        all.push(("http.response.status_code", status.into()));
    }
    if let Some(error) = error_of_exchange(ended) {
        all.push(("error.type", error.into()));
    }
    if legacy {
        all.push(("http.method", ended.method.into()));
        all.push(("http.target", ended.door.route().into()));
        all.push((
            "http.request_content_length",
            ended.bytes_in.to_string().into(),
        ));
        all.push(("http.response_content_length", ended.bytes_out.into()));
        all.extend(status.map(|status| ("http.status_code", status.into())));
    }
    all
}

/// A server's span is in error for what the server did wrong (conventions for HTTP, Status).
fn error_of_exchange(ended: &Ended) -> Option<&'static str> {
    let failed = ended.status.is_some_and(|status| status.is_server_error());
    match ended.outcome {
        access::Outcome::Refused(reason) => failed.then_some(reason),
        access::Outcome::ClientGone => Some(ended.outcome.label()),
        access::Outcome::Answered | access::Outcome::Streamed | access::Outcome::Accepted => None,
    }
}

/// How an exchange went.
pub(super) fn status_of_exchange(ended: &Ended) -> Status {
    error_of_exchange(ended).map_or(Status::Unset, |error| Status::Error(error.into()))
}

//! The rules of the headers that every request has (MCP 2026-07-28, Streamable HTTP, Protocol
//! Version Header, Standard Request Headers, Server Validation).

use std::borrow::Cow;

use serde::Deserialize;

use super::{
    head::{Field, ModernHead, decode},
    meta::Asked,
};
use crate::{
    envelope::{Raw, Request},
    limits::MAX_VERSION,
    protocol::{MethodLabel, Revision},
    refusal::{HeaderFault, Refusal},
};

/// `MCP-Protocol-Version`, as refusals name it.
pub const VERSION: &str = "MCP-Protocol-Version";
/// `Mcp-Method`, as refusals name it.
pub const METHOD: &str = "Mcp-Method";
/// `Mcp-Name`, as refusals name it.
pub const NAME: &str = "Mcp-Name";

/// Checks what every request must say: a revision that is spoken here, the client's capabilities,
/// and headers that are the body's.
///
/// # Errors
/// The [`Refusal`] that the specification names for the first rule that is broken.
pub fn check(
    head: &ModernHead,
    body: &[u8],
    request: &Request<'_>,
    asked: &Asked<'_>,
) -> Result<Revision, Refusal> {
    let revision = revision(head, asked)?;
    if !asked.capabilities.is_some_and(Raw::is_object) {
        return Err(Refusal::MetaIncomplete(
            "clientCapabilities must be an object",
        ));
    }
    let method = method(body, request).ok_or(Refusal::InvalidParams("method must be a string"))?;
    same(&head.method, METHOD, &method, |value| {
        Some(Cow::Borrowed(value))
    })?;
    if let Some(source) = named(request.method) {
        let name = source(asked).and_then(Raw::string);
        let name = name.ok_or(Refusal::InvalidParams("name or uri must be a string"))?;
        same(&head.name, NAME, &name, decode)?;
    }
    Ok(revision)
}

fn revision(head: &ModernHead, asked: &Asked<'_>) -> Result<Revision, Refusal> {
    let version = asked.version.and_then(Raw::string);
    let version = version.ok_or(Refusal::MetaIncomplete("protocolVersion must be a string"))?;
    same(&head.version, VERSION, &version, |value| {
        Some(Cow::Borrowed(value))
    })?;
    match Revision::parse(&version) {
        Some(revision @ Revision::V2026_07_28) => Ok(revision),
        Some(
            Revision::V2024_11_05
            | Revision::V2025_03_26
            | Revision::V2025_06_18
            | Revision::V2025_11_25,
        )
        | None => Err(Refusal::RevisionNotSpoken {
            requested: version[..version.floor_char_boundary(MAX_VERSION)].into(),
        }),
    }
}

/// Whether the header is there and says what the body says.
fn same<'a>(
    field: &'a Field,
    header: &'static str,
    expected: &str,
    decode: impl Fn(&'a str) -> Option<Cow<'a, str>>,
) -> Result<(), Refusal> {
    let fault = match field {
        Field::Absent => HeaderFault::Missing,
        Field::Unreadable => HeaderFault::Unreadable,
        Field::Value(value) => match decode(value) {
            None => HeaderFault::Unreadable,
            Some(value) if *value == *expected => return Ok(()),
            Some(_) => HeaderFault::Different,
        },
    };
    Err(Refusal::HeaderMismatch {
        header: header.into(),
        fault,
    })
}

/// The method as it is written; the label knows it unless it is none of the protocol's.
pub(crate) fn method<'a>(body: &'a [u8], request: &Request<'_>) -> Option<Cow<'a, str>> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow)]
        method: Cow<'a, str>,
    }
    match request.method {
        MethodLabel::Other => serde_json::from_slice::<Named<'a>>(body)
            .ok()
            .map(|named| named.method),
        known => Some(Cow::Borrowed(known.as_str())),
    }
}

/// Where what `Mcp-Name` mirrors stands, for the methods that need it.
fn named<'a>(method: MethodLabel) -> Option<fn(&Asked<'a>) -> Option<Raw<'a>>> {
    if matches!(method, MethodLabel::ToolsCall | MethodLabel::PromptsGet) {
        Some(|asked| asked.name)
    } else if method == MethodLabel::ResourcesRead {
        Some(|asked| asked.uri)
    } else {
        None
    }
}

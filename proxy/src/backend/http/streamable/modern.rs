//! Requests of 2026-07-28 as HTTP has them, and what the server's tools want mirrored.

use bytes::Bytes;
use hivewright_bridge::{
    envelope::{self, Message, ResponseBody},
    limits::MAX_ANNOTATED_TOOLS,
    modern::{
        mirror::Mirror,
        tools::{Annotated, Page},
    },
};
use http::{HeaderName, HeaderValue, request};
use parking_lot::Mutex;

use super::session::PROTOCOL_VERSION;

const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

/// What has been learned of the server's tools.
#[derive(Debug, Default)]
pub(in crate::backend::http) struct Tools(Mutex<Annotated>);

impl Tools {
    /// The request with the headers that mirror its body (MCP 2026-07-28, Streamable HTTP, Request
    /// Metadata).
    pub(super) fn dress(&self, mut request: request::Builder, body: &[u8]) -> request::Builder {
        let Some(mirror) = Mirror::of(body, &self.0.lock()) else {
            return request;
        };
        request = with(request, PROTOCOL_VERSION, &mirror.version);
        request = with(request, METHOD, &mirror.method);
        if let Some(name) = &mirror.name {
            request = with(request, NAME, name);
        }
        for (name, value) in &mirror.params {
            if let Ok(name) = HeaderName::try_from(format!("mcp-param-{name}")) {
                request = with(request, name, value);
            }
        }
        request
    }

    /// Reads a page of tools that passes by. `first`: it begins the list anew.
    pub(in crate::backend::http) fn learn(&self, line: &Bytes, first: bool) {
        let Ok(Message::Response(response)) = envelope::peek(line) else {
            return;
        };
        let ResponseBody::Result(result) = response.body else {
            return;
        };
        let Some(page) = Page::of(result) else { return };
        let mut known = self.0.lock();
        if first {
            known.clear();
        }
        let room = MAX_ANNOTATED_TOOLS.saturating_sub(known.len());
        known.extend(page.annotated.into_iter().take(room));
    }
}

/// A value that no header can have is left out: the server says what it misses.
fn with(request: request::Builder, name: HeaderName, value: &str) -> request::Builder {
    match HeaderValue::try_from(value) {
        Ok(value) => request.header(name, value),
        Err(_) => request,
    }
}

//! Which web pages may read answers: those of configured origins, and no others (Fetch standard,
//! HTTP-CORS protocol). There is no wildcard.

use http::{
    HeaderMap, HeaderValue,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
    },
};

use super::{door::Door, guard::Guard};

/// Request headers that MCP clients send and that browsers ask leave for.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "accept, authorization, content-type, last-event-id, mcp-protocol-version, mcp-session-id, \
     x-request-id",
);
/// Response headers that an MCP client has to read.
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static("mcp-session-id, x-request-id");
/// Seconds for which a browser may keep the leave; two hours is the longest that any keeps it.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Leave for the page of one configured origin.
#[derive(Debug)]
pub(super) struct Cors {
    origin: HeaderValue,
}

impl Cors {
    /// Leave for the sender of these headers, if it is a page of a configured origin.
    pub(super) fn of(guard: &Guard, headers: &HeaderMap) -> Option<Self> {
        let origin = headers
            .get(ORIGIN)
            .filter(|origin| guard.names_origin(origin))?;
        Some(Self {
            origin: origin.clone(),
        })
    }

    /// Says so in the response.
    pub(super) fn permit(self, door: Door, headers: &mut HeaderMap) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, self.origin);
        headers.insert(
            ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static(door.allow()),
        );
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        headers.append(VARY, HeaderValue::from_static("origin"));
    }
}

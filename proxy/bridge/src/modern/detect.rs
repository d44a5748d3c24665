//! Whether a POST speaks this revision or one with sessions (MCP 2026-07-28, Versioning and
//! Compatibility, Backward Compatibility).

use memchr::memmem;

use super::meta::Asked;
use crate::{
    envelope::{self, Message},
    protocol::{Era, MethodLabel, Revision},
};

/// Whether the POST is of this revision. `version` is its `MCP-Protocol-Version`, `in_session`
/// whether it names a session, `named` whether it has `Mcp-Method`.
///
/// The header decides if it names a revision that is known; in a session an unknown one is the
/// session's to refuse. Without a session the body decides: its `_meta` says so, or `Mcp-Method`
/// does unless it opens a session by `initialize`.
pub fn is_modern(version: Option<&str>, in_session: bool, named: bool, body: &[u8]) -> bool {
    match version.map(|name| Revision::parse(name).map(Revision::era)) {
        Some(Some(Era::Modern)) => !opens_session(body),
        Some(Some(Era::Legacy)) | None => {
            !in_session && (says_so(body) || named && !opens_session(body))
        }
        Some(None) => !in_session && (named && !opens_session(body) || says_so(body)),
    }
}

/// Whether `_meta` of the body has a revision. Most bodies are told by a search that looks at each
/// byte at most once.
fn says_so(body: &[u8]) -> bool {
    memmem::find(body, b"protocolVersion").is_some()
        && matches!(request(body), Some((_, asked)) if asked.version.is_some())
}

/// Whether the body is an `initialize` as revisions with sessions have it.
fn opens_session(body: &[u8]) -> bool {
    memmem::find(body, b"initialize").is_some()
        && matches!(
            request(body),
            Some((MethodLabel::Initialize, asked)) if asked.version.is_none()
        )
}

fn request(body: &[u8]) -> Option<(MethodLabel, Asked<'_>)> {
    match envelope::peek(body).ok()? {
        Message::Request(request) => Some((
            request.method,
            Asked::peek(request.params).unwrap_or_default(),
        )),
        Message::Notification(_) | Message::Response(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODERN: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"v9"}}}"#;
    const PLAIN: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}"#;
    const OPENS: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}"#;

    #[rstest::rstest]
    #[case::header(Some("2026-07-28"), true, false, PLAIN, true)]
    #[case::body(None, false, false, MODERN, true)]
    #[case::unknown_with_meta(Some("v9"), false, false, MODERN, true)]
    #[case::unknown_in_a_session(Some("v9"), true, true, MODERN, false)]
    #[case::unknown_alone(Some("v9"), false, false, PLAIN, false)]
    #[case::method_header(None, false, true, PLAIN, true)]
    #[case::method_header_in_a_session(Some("2025-11-25"), true, true, PLAIN, false)]
    #[case::initialize_whatever_the_headers(Some("2026-07-28"), false, true, OPENS, false)]
    #[case::in_a_session(Some("2025-11-25"), true, false, MODERN, false)]
    #[case::no_session_no_sign(None, false, false, PLAIN, false)]
    fn the_era_of_a_post_is_told_by_its_headers_and_then_by_its_body(
        #[case] version: Option<&str>,
        #[case] in_session: bool,
        #[case] named: bool,
        #[case] body: &str,
        #[case] modern: bool,
    ) {
        assert_eq!(
            is_modern(version, in_session, named, body.as_bytes()),
            modern
        );
    }

    #[test]
    fn the_key_of_the_revision_is_the_one_that_is_searched_for() {
        assert!(crate::modern::meta::PROTOCOL_VERSION.ends_with("protocolVersion"));
    }
}

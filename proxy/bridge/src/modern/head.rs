//! The headers of a request that mirror its body (MCP 2026-07-28, Streamable HTTP, Request
//! Metadata).

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};

/// One header as it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field {
    /// It was not sent.
    #[default]
    Absent,
    /// Its only value.
    Value(Box<str>),
    /// Sent twice, or with other bytes than visible ASCII, space and tab.
    Unreadable,
}

impl Field {
    /// The value, if there is one that can be read.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Unreadable => None,
        }
    }
}

/// What the headers say. Session and `Last-Event-ID` are left out: this revision ignores them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModernHead {
    /// `MCP-Protocol-Version`.
    pub version: Field,
    /// `Mcp-Method`.
    pub method: Field,
    /// `Mcp-Name`.
    pub name: Field,
    /// Each `Mcp-Param-NAME`, by its NAME in lower case.
    pub params: Vec<(Box<str>, Field)>,
    /// SHA-256 of the credentials, if the request carried any: what is parked for one principal is
    /// given to no other.
    pub principal: Option<[u8; 32]>,
}

impl ModernHead {
    /// The `Mcp-Param-` header for this annotation; names do not differ by case.
    pub fn param(&self, name: &str) -> &Field {
        let found = self
            .params
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or(&Field::Absent, |(_, field)| field)
    }
}

/// The marks around a value that is written as Base64 (MCP 2026-07-28, Streamable HTTP, Value
/// Encoding); they do differ by case.
const MARKS: (&str, &str) = ("=?base64?", "?=");

/// The value that a header stands for: itself, or what it encodes. None if what is between the
/// marks is no Base64 of UTF-8 text, padding included.
pub fn decode(value: &str) -> Option<Cow<'_, str>> {
    let inside = value
        .strip_prefix(MARKS.0)
        .and_then(|rest| rest.strip_suffix(MARKS.1));
    let Some(inside) = inside else {
        return Some(Cow::Borrowed(value));
    };
    let bytes = STANDARD.decode(inside).ok()?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("us-west1", Some("us-west1"))]
    #[case("=?base64?SGVsbG8=?=", Some("Hello"))]
    #[case("=?base64?SGVsbG8sIOS4lueVjA==?=", Some("Hello, 世界"))]
    #[case("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=", Some("=?base64?literal?="))]
    #[case::no_padding("=?base64?SGVsbG8?=", None)]
    #[case::no_base64("=?base64?SGVs!!!bG8=?=", None)]
    #[case::no_utf8("=?base64?/w==?=", None)]
    #[case::no_suffix("=?base64?SGVsbG8=", Some("=?base64?SGVsbG8="))]
    #[case::no_prefix("SGVsbG8=", Some("SGVsbG8="))]
    #[case::other_case("=?BASE64?SGVsbG8=?=", Some("=?BASE64?SGVsbG8=?="))]
    fn a_value_is_decoded_only_between_both_marks(
        #[case] value: &str,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(decode(value).as_deref(), expected);
    }

    #[test]
    fn a_parameters_header_is_found_whatever_its_case() {
        let head = ModernHead {
            params: vec![("region".into(), Field::Value("x".into()))],
            ..ModernHead::default()
        };
        assert_eq!(head.param("Region").value(), Some("x"));
        assert_eq!(head.param("Zone"), &Field::Absent);
    }
}

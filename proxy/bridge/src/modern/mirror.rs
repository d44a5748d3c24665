//! The headers that a request to a server over HTTP must carry besides its body (MCP 2026-07-28,
//! Streamable HTTP, Request Metadata).

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    meta::Asked,
    mirrored::at,
    object::{members, only},
    tools::Annotated,
};
use crate::{
    envelope::{self, Message, Raw},
    protocol::MethodLabel,
};

/// What the headers say; every value is visible ASCII, spaces and tabs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mirror {
    /// `MCP-Protocol-Version`.
    pub version: String,
    /// `Mcp-Method`.
    pub method: String,
    /// `Mcp-Name`, where the method has one.
    pub name: Option<String>,
    /// `Mcp-Param-NAME`, by NAME.
    pub params: Vec<(Box<str>, String)>,
}

impl Mirror {
    /// Reads a request; none if it is none of this revision.
    pub fn of(message: &[u8], annotated: &Annotated) -> Option<Self> {
        let Ok(Message::Request(request)) = envelope::peek(message) else {
            return None;
        };
        let asked = Asked::peek(request.params).ok()?;
        let version = asked.version?.string()?.into_owned();
        let text = std::str::from_utf8(message).ok()?;
        let all = members(Raw { text, start: 0 })?;
        let method = only(&all, "method").ok()??.string()?.into_owned();
        let by_name = matches!(
            request.method,
            MethodLabel::ToolsCall | MethodLabel::PromptsGet
        );
        let name = if by_name {
            asked.name
        } else {
            asked
                .uri
                .filter(|_| request.method == MethodLabel::ResourcesRead)
        };
        let name = name.and_then(Raw::string);
        let wanted = name
            .as_deref()
            .filter(|_| request.method == MethodLabel::ToolsCall)
            .and_then(|name| annotated.get(name));
        let params = wanted.into_iter().flatten().filter_map(|annotation| {
            let value = at(asked.arguments?, &annotation.path)?;
            Some((annotation.header.clone(), written(value)?))
        });
        Some(Self {
            version,
            method: encode(&method).into_owned(),
            params: params.collect(),
            name: name.map(|name| encode(&name).into_owned()),
        })
    }
}

/// A primitive value as a header has it; none for others, which cannot be annotated.
fn written(value: Raw<'_>) -> Option<String> {
    match value.string() {
        Some(text) => Some(encode(&text).into_owned()),
        None if value.is_null() || matches!(value.text.as_bytes()[0], b'{' | b'[' | b'"') => None,
        None => Some(value.text.to_owned()),
    }
}

/// The value for a header: as it is, or as Base64 between marks if it could not be read back
/// (MCP 2026-07-28, Streamable HTTP, Value Encoding).
pub fn encode(value: &str) -> Cow<'_, str> {
    let plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && value.trim() == value
        && !(value.starts_with("=?base64?") && value.ends_with("?="));
    if plain {
        Cow::Borrowed(value)
    } else {
        Cow::Owned(format!("=?base64?{}?=", STANDARD.encode(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modern::{head::decode, tools::Annotation};

    fn request(method: &str, params: &str) -> String {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}{params}}}}}"#
        )
    }

    #[rstest::rstest]
    #[case("us-west1")]
    #[case("")]
    #[case(" a")]
    #[case("Hello, 世界")]
    #[case("a\nb")]
    #[case("=?base64?literal?=")]
    fn what_is_encoded_is_read_back_and_fits_a_header(#[case] value: &str) {
        let header = encode(value);
        assert!(
            header.bytes().all(|byte| matches!(byte, b' '..=b'~')),
            "{header}"
        );
        assert_eq!(decode(&header).unwrap(), value);
    }

    #[test]
    fn the_headers_say_what_the_body_says() {
        let annotated = Annotated::from([(
            "t".into(),
            vec![
                Annotation {
                    header: "Region".into(),
                    path: vec!["a".into(), "r".into()],
                },
                Annotation {
                    header: "Count".into(),
                    path: vec!["n".into()],
                },
                Annotation {
                    header: "Absent".into(),
                    path: vec!["x".into()],
                },
            ],
        )]);
        let call = request(
            "tools/call",
            r#","name":"t","arguments":{"a":{"r":"é"},"n":42}"#,
        );
        let mirror = Mirror::of(call.as_bytes(), &annotated).unwrap();
        assert_eq!(mirror.version, "2026-07-28");
        assert_eq!(
            (&*mirror.method, mirror.name.as_deref()),
            ("tools/call", Some("t"))
        );
        let expected = [
            ("Region".into(), "=?base64?w6k=?=".to_owned()),
            ("Count".into(), "42".to_owned()),
        ];
        assert_eq!(mirror.params, expected);
    }

    #[test]
    fn resources_are_named_by_their_uri_and_methods_that_we_do_not_know_by_themselves() {
        let none = Annotated::default();
        let read = request("resources/read", r#","uri":"x:y","name":"z""#);
        assert_eq!(
            Mirror::of(read.as_bytes(), &none).unwrap().name.unwrap(),
            "x:y"
        );
        let other = Mirror::of(request("my/method", "").as_bytes(), &none).unwrap();
        assert_eq!((&*other.method, other.name), ("my/method", None));
    }

    #[test]
    fn a_request_of_an_earlier_revision_has_no_such_headers() {
        let call = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}"#;
        assert_eq!(Mirror::of(call, &Annotated::default()), None);
    }
}

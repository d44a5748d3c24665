//! What is written of a message: all of it, or its outline.

use std::fmt::Write as _;

use hivewright_bridge::envelope::{self, Message, Raw, ResponseBody};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::entry::Body;

/// Bytes of a digest that are written: enough that equal values can be told within one recording.
const DIGEST: usize = 8;
/// Random bytes that go into every digest and are written nowhere, so that a short value cannot be
/// guessed from its digest.
const SALT: usize = 16;

/// Makes bodies.
#[derive(Debug)]
pub(super) enum Bodies {
    /// Byte for byte.
    Whole,
    /// Sizes and digests in place of parameters, results and everything that is no message.
    Outline([u8; SALT]),
}

#[derive(Deserialize)]
struct ErrorCode {
    code: i64,
}

impl Bodies {
    /// Outlines under a fresh salt, or whole bodies.
    pub(super) fn new(redacted: bool) -> Result<Self, getrandom::Error> {
        if !redacted {
            return Ok(Self::Whole);
        }
        let mut salt = [0; SALT];
        getrandom::fill(&mut salt)?;
        Ok(Self::Outline(salt))
    }

    /// A JSON-RPC message, or what ought to be one.
    pub(super) fn message(&self, bytes: &[u8]) -> Body {
        let Self::Outline(salt) = self else {
            return Body::of(bytes);
        };
        let hidden = match envelope::peek(bytes) {
            Ok(Message::Request(request)) => request.params,
            Ok(Message::Notification(note)) => note.params,
            Ok(Message::Response(response)) => match response.body {
                ResponseBody::Result(result) => Some(result),
                ResponseBody::Error(error) => return error_outline(salt, bytes, error),
            },
            Err(_) => return Body::Text(outline(salt, bytes)),
        };
        match hidden {
            Some(raw) => replaced(bytes, raw, &quoted(salt, raw)),
            None => Body::of(bytes),
        }
    }

    /// The value of a header.
    pub(super) fn header(&self, value: &str) -> String {
        match self {
            Self::Whole => value.to_owned(),
            Self::Outline(salt) => outline(salt, value.as_bytes()),
        }
    }

    /// Anything else.
    pub(super) fn other(&self, bytes: &[u8]) -> Body {
        match self {
            Self::Whole => Body::of(bytes),
            Self::Outline(salt) => Body::Text(outline(salt, bytes)),
        }
    }
}

/// An error keeps its code, which says what kind of failure it is; its text may quote arguments.
fn error_outline(salt: &[u8], bytes: &[u8], error: Raw<'_>) -> Body {
    let hidden = quoted(salt, error);
    let with = match serde_json::from_str::<ErrorCode>(error.text) {
        Ok(ErrorCode { code }) => format!("{{\"code\":{code},\"message\":{hidden}}}"),
        Err(_) => hidden,
    };
    replaced(bytes, error, &with)
}

fn replaced(bytes: &[u8], raw: Raw<'_>, with: &str) -> Body {
    let span = raw.span();
    Body::of(&[&bytes[..span.start], with.as_bytes(), &bytes[span.end..]].concat())
}

fn quoted(salt: &[u8], raw: Raw<'_>) -> String {
    format!("\"{}\"", outline(salt, raw.bytes()))
}

fn outline(salt: &[u8], bytes: &[u8]) -> String {
    let digest = Sha256::new()
        .chain_update(salt)
        .chain_update(bytes)
        .finalize();
    let mut outline = format!("{} bytes, ", bytes.len());
    for byte in digest.iter().take(DIGEST) {
        write!(outline, "{byte:02x}").expect("a string takes what is written to it");
    }
    outline
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlined(message: &str) -> String {
        let bodies = Bodies::new(true).expect("random bytes");
        match bodies.message(message.as_bytes()) {
            Body::Text(text) => text,
            Body::Bytes { .. } => panic!("text"),
        }
    }

    #[rstest::rstest]
    #[case(
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"a":"secret"}}"#,
        "tools/call"
    )]
    #[case(
        r#"{"jsonrpc":"2.0","method":"notifications/message","params":["secret"]}"#,
        "notifications/message"
    )]
    #[case(r#"{"jsonrpc":"2.0","id":1,"result":{"a":"secret"}}"#, "\"id\":1")]
    #[case(
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"secret"}}"#,
        "-32602"
    )]
    #[case(r#"{"jsonrpc":"2.0","id":1,"error":"secret"}"#, "\"id\":1")]
    #[case(r#"[{"jsonrpc":"2.0","id":1,"method":"secret"}]"#, "bytes, ")]
    #[case("a secret in a log line", "22 bytes, ")]
    fn nothing_of_a_value_is_left_and_the_envelope_is(#[case] message: &str, #[case] kept: &str) {
        let text = outlined(message);
        assert!(!text.contains("secret"), "{text}");
        assert!(text.contains(kept), "{text}");
    }

    #[test]
    fn equal_values_are_told_within_one_recording_and_not_across() {
        let message = r#"{"jsonrpc":"2.0","id":1,"result":{"a":1}}"#;
        let bodies = Bodies::new(true).expect("random bytes");
        let once = bodies.message(message.as_bytes());
        assert_eq!(once, bodies.message(message.as_bytes()));
        assert_ne!(once, Body::Text(outlined(message)));
    }
}

//! The JSON-RPC messages that the bridge writes itself, and the splice that changes a message's
//! ids without touching its other bytes.

use std::ops::Range;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

/// One replacement inside a message: the bytes of the span give way to these.
#[derive(Clone, Debug)]
pub(crate) struct Edit<'a> {
    /// Where, as byte offsets into the message.
    pub(crate) span: Range<usize>,
    /// The new bytes.
    pub(crate) with: &'a [u8],
}

/// Copies `source` once with the edits made. They must be in ascending order and must not overlap;
/// `spare` bytes of capacity are kept free at the end (a newline, for a line).
pub(crate) fn splice(source: &[u8], edits: &[Edit<'_>], spare: usize) -> BytesMut {
    let grown: usize = edits.iter().map(|edit| edit.with.len()).sum();
    let mut out = BytesMut::with_capacity(source.len() + grown + spare);
    let mut at = 0;
    for edit in edits {
        out.put_slice(&source[at..edit.span.start]);
        out.put_slice(edit.with);
        at = edit.span.end;
    }
    out.put_slice(&source[at..]);
    out
}

/// Copies `source` with the edits made, as one line for a stdio server: raw line breaks, which JSON
/// allows between tokens only, become spaces (MCP, stdio: no embedded newlines).
pub(crate) fn line(source: &[u8], edits: &[Edit<'_>]) -> Bytes {
    let mut out = splice(source, edits, 1);
    if memchr::memchr2(b'\n', b'\r', &out).is_some() {
        for byte in out
            .iter_mut()
            .filter(|byte| matches!(**byte, b'\n' | b'\r'))
        {
            *byte = b' ';
        }
    }
    out.put_u8(b'\n');
    out.freeze()
}

/// A successful response. `id` and `result` are raw JSON.
pub(crate) fn result(id: &[u8], result: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(id.len() + result.len() + 40);
    out.put_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    out.put_slice(id);
    out.put_slice(b",\"result\":");
    out.put_slice(result);
    out.put_u8(b'}');
    out.freeze()
}

/// An error response. `id` and `data` are raw JSON; no id is null.
pub(crate) fn error(id: Option<&[u8]>, code: i64, text: &str, data: Option<&str>) -> Bytes {
    let mut out = BytesMut::with_capacity(text.len() + 128);
    out.put_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    out.put_slice(id.unwrap_or(b"null"));
    out.put_slice(b",\"error\":{\"code\":");
    out.put_slice(code.to_string().as_bytes());
    out.put_slice(b",\"message\":");
    out.put_slice(json(text).as_bytes());
    if let Some(data) = data {
        out.put_slice(b",\"data\":");
        out.put_slice(data.as_bytes());
    }
    out.put_slice(b"}}");
    out.freeze()
}

/// JSON text of a value of ours.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("strings and plain structs always serialise")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_replace_their_spans_and_nothing_else() {
        let edits = [
            Edit {
                span: 0..0,
                with: b"",
            },
            Edit {
                span: 1..2,
                with: b"XYZ",
            },
            Edit {
                span: 4..5,
                with: b"",
            },
        ];
        assert_eq!(&splice(b"abcdef", &edits, 0)[..], b"aXYZcdf");
    }

    #[test]
    fn a_line_has_one_newline_at_its_end() {
        assert_eq!(&line(b"{\r\n\"a\":\n1}\n", &[])[..], b"{  \"a\": 1} \n");
    }

    #[test]
    fn an_error_is_json_whatever_its_text() {
        let error = error(None, -32000, "a \"quoted\"\nthing", Some("{\"x\":1}"));
        assert_eq!(
            error,
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"a \"quoted\"\nthing","data":{"x":1}}}"#
        );
    }
}

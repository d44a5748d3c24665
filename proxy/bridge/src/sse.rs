//! Server-sent events, as MCP uses them (WHATWG HTML, section 9.2).

use bytes::{BufMut, Bytes, BytesMut};

/// The comment that keeps an idle stream open through proxies that cut silent connections.
pub const KEEP_ALIVE: Bytes = Bytes::from_static(b": keep-alive\n\n");

/// One JSON-RPC message as a `message` event. A payload with line breaks becomes several `data`
/// lines, which the reader joins again by `\n`; JSON allows breaks between tokens only, so the
/// message is the same.
pub fn message(payload: &[u8]) -> Bytes {
    event("message", payload)
}

/// The `endpoint` event: where the client of this HTTP+SSE session posts (MCP 2024-11-05).
pub fn endpoint(uri: &str) -> Bytes {
    event("endpoint", uri.as_bytes())
}

fn event(name: &str, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(payload.len() + name.len() + 32);
    out.put_slice(b"event: ");
    out.put_slice(name.as_bytes());
    out.put_u8(b'\n');
    let mut rest = payload;
    loop {
        let (line, next) = split_line(rest);
        out.put_slice(b"data: ");
        out.put_slice(line);
        out.put_u8(b'\n');
        match next {
            Some(next) => rest = next,
            None => break,
        }
    }
    out.put_u8(b'\n');
    out.freeze()
}

/// The text before the first CRLF, LF or CR, and the text after it if there is one.
fn split_line(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr2(b'\n', b'\r', text) {
        None => (text, None),
        Some(at) => {
            let wide = text[at] == b'\r' && text.get(at + 1) == Some(&b'\n');
            (&text[..at], Some(&text[at + 1 + usize::from(wide)..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_event_with_one_data_line() {
        assert_eq!(
            &message(br#"{"a":1}"#)[..],
            b"event: message\ndata: {\"a\":1}\n\n"
        );
    }

    #[test]
    fn every_kind_of_line_break_starts_a_new_data_line() {
        assert_eq!(
            &message(b"{\n\"a\":\r\n1\r}")[..],
            b"event: message\ndata: {\ndata: \"a\":\ndata: 1\ndata: }\n\n"
        );
    }

    #[test]
    fn a_line_separator_inside_a_string_is_no_line_break() {
        let payload = "\"a\u{2028}b\u{85}c\"".as_bytes();
        assert_eq!(memchr::memchr_iter(b'\n', &message(payload)).count(), 3);
    }

    #[test]
    fn the_endpoint_event_names_the_uri() {
        assert_eq!(
            &endpoint("/messages?session_id=a")[..],
            b"event: endpoint\ndata: /messages?session_id=a\n\n"
        );
    }
}

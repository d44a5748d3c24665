//! Server-sent events, as MCP uses them (WHATWG HTML, section 9.2).

use std::{io::Write as _, time::Duration};

use bytes::{BufMut, Bytes, BytesMut};

use crate::replay::EventId;

/// The comment that keeps an idle stream open through proxies that cut silent connections.
pub const KEEP_ALIVE: Bytes = Bytes::from_static(b": keep-alive\n\n");

/// Bytes of an event beside its payload and its name: field names, line breaks and an id, which is at
/// most two numbers of 16 digits.
const MARGIN: usize = 64;

/// One JSON-RPC message as a `message` event. A payload with line breaks becomes several `data`
/// lines, which the reader joins again by `\n`; JSON allows breaks between tokens only, so the
/// message is the same.
pub fn message(payload: &[u8]) -> Bytes {
    event(None, "message", payload)
}

/// As [`message`], with the id by which its reader can come back to what follows it.
pub fn numbered(id: EventId, payload: &[u8]) -> Bytes {
    event(Some(id), "message", payload)
}

/// The event without data that tells a client how to come back, and after what time (MCP 2025-11-25,
/// Streamable HTTP, Sending Messages, 6).
pub fn priming(id: EventId, retry: Duration) -> Bytes {
    Bytes::from(format!(
        "id: {id}\nretry: {}\ndata: \n\n",
        retry.as_millis()
    ))
}

/// The `endpoint` event: where the client of this HTTP+SSE session posts (MCP 2024-11-05).
pub fn endpoint(uri: &str) -> Bytes {
    event(None, "endpoint", uri.as_bytes())
}

fn event(id: Option<EventId>, name: &str, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(payload.len() + name.len() + MARGIN);
    if let Some(id) = id {
        writeln!((&mut out).writer(), "id: {id}").expect("a buffer that grows takes every byte");
    }
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
    use crate::{io::StreamKey, replay::Origin};

    #[test]
    fn a_message_is_one_event_with_one_data_line() {
        assert_eq!(
            &message(br#"{"a":1}"#)[..],
            b"event: message\ndata: {\"a\":1}\n\n"
        );
    }

    #[test]
    fn an_event_carries_its_id_first() {
        let id = EventId {
            origin: Origin::Post,
            stream: StreamKey(16),
            seq: 3,
        };
        assert_eq!(
            &numbered(id, b"{}")[..],
            b"id: p10-3\nevent: message\ndata: {}\n\n"
        );
    }

    #[test]
    fn the_priming_event_has_an_id_a_time_and_empty_data() {
        let id = EventId {
            origin: Origin::Get,
            stream: StreamKey(1),
            seq: 0,
        };
        assert_eq!(
            &priming(id, Duration::from_secs(1))[..],
            b"id: g1-0\nretry: 1000\ndata: \n\n"
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

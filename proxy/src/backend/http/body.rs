//! Bodies of responses that are no event streams.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hivewright_bridge::line::{Framed, Lines};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::timeout;

/// How much of the body of an error is read, in bytes: JSON-RPC errors and error pages' beginnings.
const MAX_ERROR: usize = 16 * 1024;
/// Longest wait for it.
const ERROR_LIMIT: Duration = Duration::from_secs(2);
/// How much of it is told, in characters.
const MAX_EXCERPT: usize = 200;

/// Reads a JSON body as one line. Raw line breaks, which JSON allows between tokens only, become
/// spaces; no other byte is changed. None if it is empty.
pub(super) async fn json(mut body: Incoming) -> Result<Option<Framed>, hyper::Error> {
    let mut line = Lines::default();
    while let Some(frame) = body.frame().await.transpose()? {
        if let Ok(chunk) = frame.into_data() {
            line.feed(on_one_line(chunk));
            // There is no newline left: this only takes the chunk in.
            let _ = line.next();
        }
    }
    Ok(line.finish())
}

fn on_one_line(chunk: Bytes) -> Bytes {
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    if !chunk.iter().any(is_break) {
        return chunk;
    }
    let mut chunk = BytesMut::from(chunk);
    for byte in chunk.iter_mut().filter(|byte| is_break(byte)) {
        *byte = b' ';
    }
    chunk.freeze()
}

/// The beginning of an error's body, as far as it comes in time.
pub(super) async fn error(mut body: Incoming) -> Bytes {
    let mut read = BytesMut::new();
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            if let Ok(chunk) = frame.into_data() {
                let room = MAX_ERROR - read.len();
                read.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if read.len() == MAX_ERROR {
                    break;
                }
            }
        }
    };
    // What has come by then is told.
    let _ = timeout(ERROR_LIMIT, reading).await;
    read.freeze()
}

/// Reads a short body to its end, so that the connection can be used again.
pub(super) async fn discard(body: Incoming) {
    error(body).await;
}

/// An error's body in a few words, on one line.
pub(super) fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let printable = words.chars().filter(|character| !character.is_control());
    printable.take(MAX_EXCERPT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_and_on_one_line() {
        assert_eq!(
            excerpt(b"<h1>\r\n  Not\tFound\x1b[0m\n"),
            "<h1> Not Found[0m"
        );
        assert_eq!(
            excerpt("\u{e4}".repeat(999).as_bytes()).chars().count(),
            MAX_EXCERPT
        );
    }

    #[test]
    fn only_raw_line_breaks_are_changed() {
        let text = Bytes::from_static(b"{\r\n\t\"a\":\n\"\\n b\"}");
        assert_eq!(on_one_line(text), &b"{  \t\"a\": \"\\n b\"}"[..]);
    }
}

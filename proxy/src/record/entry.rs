//! What a recording consists of.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// The version of the format that this program writes and reads.
pub const FORMAT: u32 = 1;

/// The first line of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The format's version; also what tells a recording from other files.
    #[serde(rename = "hivewrightRecording")]
    pub format: u32,
    /// The version of the proxy that wrote it.
    pub proxy: String,
    /// When it began (RFC 3339, UTC).
    pub started: String,
    /// Whether arguments and results were replaced by sizes and digests.
    pub redacted: bool,
}

/// Any other line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Microseconds since the start.
    pub at: u64,
    /// Ordinal of the process or pod.
    pub pod: usize,
    /// What was seen.
    #[serde(flatten)]
    pub what: What,
}

/// The bytes of a message: text where they are UTF-8, so that people can read them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Body {
    /// As they are.
    Text(String),
    /// Not UTF-8.
    Bytes {
        /// Base64 of the bytes.
        base64: String,
    },
}

impl Body {
    /// The body that stands for these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes {
                base64: STANDARD.encode(bytes),
            },
        }
    }

    /// The bytes; none if the Base64 is broken.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text.clone().into_bytes()),
            Self::Bytes { base64 } => STANDARD.decode(base64).ok(),
        }
    }
}

/// What was seen. Streams are named by their numbers, sessions by the beginning of their ids, as in
/// the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "saw", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[expect(
    missing_docs,
    reason = "the fields are those of the bridge's inputs and outputs"
)]
pub enum What {
    /// A transport to a fresh process is open.
    ServerUp,
    /// It is gone.
    ServerDown { reason: String },
    /// The way to it was mended; requests below the id that came within this time may not have
    /// arrived.
    Unsure { from_milliseconds: u64, before: u64 },
    /// There will be no other.
    ServerRetired,
    /// A line of the server's stdout.
    FromServer { line: Body },
    /// A line of its stdout that was too long.
    Oversized { bytes: usize },
    /// A line to the server's stdin, without its newline.
    ToServer { line: Body },
    /// The server cannot be used further.
    DropServer { reason: String },
    /// A line of the server's stderr.
    Stderr { line: Body },
    /// A process was started.
    CommandStarted { pid: i32 },
    /// It is over.
    CommandEnded { how: String },
    /// It is started again after this time.
    CommandWaiting { milliseconds: u64 },
    /// It could not be started.
    CommandNotStarted { why: String },
    /// A POST without a session.
    Open {
        stream: u64,
        session: String,
        body: Body,
    },
    /// A POST in the manner of 2026-07-28.
    Visit {
        stream: u64,
        version: Option<String>,
        method: Option<String>,
        name: Option<String>,
        params: Vec<(String, String)>,
        body: Body,
    },
    /// GET on `/sse`.
    OpenSse { stream: u64, session: String },
    /// A POST in a session.
    Post {
        stream: u64,
        session: String,
        version: Option<String>,
        body: Body,
    },
    /// GET on `/mcp`.
    Listen {
        stream: u64,
        session: String,
        version: Option<String>,
    },
    /// DELETE on `/mcp`.
    Close { stream: u64, session: String },
    /// The client closed a stream.
    Gone { stream: u64 },
    /// The client does not read a stream.
    Overrun { stream: u64 },
    /// The session of an `Open` exists.
    Opened { stream: u64, session: String },
    /// A message to a client.
    ToClient { stream: u64, last: bool, body: Body },
    /// The body was taken, or the stream is open.
    Accepted { stream: u64 },
    /// The body or the stream was refused.
    Refused {
        stream: u64,
        status: u16,
        reason: String,
    },
    /// A request was refused, by this HTTP status if nothing was sent before.
    Rejected {
        stream: u64,
        status: u16,
        body: Body,
    },
    /// The last words on a stream that was not read.
    Unread { stream: u64, errors: Vec<Body> },
    /// A stream was ended.
    EndStream { stream: u64 },
    /// Entries are missing here: the queue to the file was full.
    Lost { entries: u64 },
    /// The recording is over.
    End { why: End },
}

/// Why a recording is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum End {
    /// The proxy ended.
    Finished,
    /// The file has reached its bound.
    Full,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_come_back_as_they_were() {
        for bytes in [
            &b"{\"a\": 1}\x00"[..],
            b"\xff\xfe",
            b"",
            "\u{2028}".as_bytes(),
        ] {
            let written = serde_json::to_string(&Body::of(bytes)).unwrap();
            let read: Body = serde_json::from_str(&written).unwrap();
            assert_eq!(read.bytes().as_deref(), Some(bytes));
        }
    }

    #[test]
    fn an_entry_is_one_flat_object() {
        let entry = Entry {
            at: 12,
            pod: 0,
            what: What::ToClient {
                stream: 1,
                last: true,
                body: Body::of(b"{}"),
            },
        };
        let text = serde_json::to_string(&entry).unwrap();
        assert_eq!(
            text,
            r#"{"at":12,"pod":0,"saw":"toClient","stream":1,"last":true,"body":"{}"}"#
        );
        assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
    }
}

//! Kubernetes remote-command channels: what a WebSocket frame of `pods/attach` means.
//!
//! A frame's first byte names the channel (k8s.io/apimachinery `remotecommand/constants.go`; KEP
//! 4006). `v4.channel.k8s.io` and `v5.channel.k8s.io` differ only in that v5 can close a channel.

use bytes::{BufMut, Bytes, BytesMut};
use serde::Deserialize;

/// Subprotocols that this module speaks, the preferred one first.
pub const SUBPROTOCOLS: [&str; 2] = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const STATUS: u8 = 3;
const RESIZE: u8 = 4;
const CLOSE: u8 = 255;

/// A frame from the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Bytes of the container's stdout.
    Stdout(Bytes),
    /// Bytes of the container's stderr.
    Stderr(Bytes),
    /// How it ended. Nothing follows.
    Status(ExitStatus),
    /// The other end closed this channel (v5).
    Closed(u8),
}

/// How the attached process, or the attachment, ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// The attachment was ended in order. That says little: an attachment ends like this when its
    /// process ends, with whatever code, and when the kubelet does (seen with Kubernetes 1.34).
    Success,
    /// The process ended with this code.
    ExitCode(i32),
    /// There is no such process: it has ended, or has not started.
    NotThere {
        /// `message` of the Status object.
        message: String,
    },
    /// The attachment failed for another reason, such as a kubelet that cannot be reached. The
    /// process may run on.
    Failed {
        /// `reason` of the Status object, for example `InternalError`; may be empty.
        reason: String,
        /// `message` of the Status object.
        message: String,
    },
}

/// A frame that does not follow the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// A frame without the byte that names its channel.
    #[error("a remote-command frame is empty")]
    Empty,
    /// A channel that a client does not read.
    #[error("a remote-command frame is for channel {0}, which the client does not read")]
    Unexpected(u8),
    /// The status frame is not a Status object.
    #[error("the status frame is not a Kubernetes Status object")]
    BadStatus,
}

impl ChannelError {
    /// A bounded label.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Unexpected(_) => "unexpected_channel",
            Self::BadStatus => "bad_status",
        }
    }
}

#[derive(Deserialize)]
struct Status {
    #[serde(rename = "status")]
    verdict: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Option<Details>,
}

#[derive(Default, Deserialize)]
struct Details {
    #[serde(default)]
    causes: Vec<Cause>,
}

#[derive(Deserialize)]
struct Cause {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
}

/// Reads one binary WebSocket message without copying its payload.
///
/// # Errors
/// If the frame does not follow the protocol; see [`ChannelError`].
pub fn decode(mut frame: Bytes) -> Result<Frame, ChannelError> {
    let channel = *frame.first().ok_or(ChannelError::Empty)?;
    let payload = frame.split_off(1);
    match channel {
        STDOUT => Ok(Frame::Stdout(payload)),
        STDERR => Ok(Frame::Stderr(payload)),
        STATUS => status(&payload).map(Frame::Status),
        CLOSE => payload
            .first()
            .map(|closed| Frame::Closed(*closed))
            .ok_or(ChannelError::Empty),
        STDIN | RESIZE => Err(ChannelError::Unexpected(channel)),
        other => Err(ChannelError::Unexpected(other)),
    }
}

/// The frame that writes these bytes to the container's stdin.
pub fn stdin(bytes: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(bytes.len() + 1);
    out.put_u8(STDIN);
    out.put_slice(bytes);
    out.freeze()
}

/// The frame that closes the container's stdin (v5 only; with v4 there is no way to say so).
pub const fn close_stdin() -> Bytes {
    Bytes::from_static(&[CLOSE, STDIN])
}

fn status(payload: &[u8]) -> Result<ExitStatus, ChannelError> {
    let status: Status = serde_json::from_slice(payload).map_err(|_| ChannelError::BadStatus)?;
    if status.verdict == "Success" {
        return Ok(ExitStatus::Success);
    }
    Ok(match exit_code(&status) {
        Some(code) => ExitStatus::ExitCode(code),
        None if NOT_THERE.iter().any(|words| status.message.contains(words)) => {
            ExitStatus::NotThere {
                message: status.message,
            }
        }
        None => ExitStatus::Failed {
            reason: status.reason,
            message: status.message,
        },
    })
}

/// What an attach to a container without a process says: the runtime's words (containerd, `task ...
/// not found`; CRI-O, `is not running`) and the kubelet's (`container ... not found in pod`). All
/// come as InternalError, so there is only the text to go by; one that is not known here is taken
/// for a connection that broke, which only takes longer.
const NOT_THERE: [&str; 3] = ["not found", "not running", "CONTAINER_EXITED"];

/// The exit code that a `NonZeroExitCode` status carries among its causes.
fn exit_code(status: &Status) -> Option<i32> {
    let causes = &status.details.as_ref()?.causes;
    causes
        .iter()
        .find(|cause| cause.reason == "ExitCode")?
        .message
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn status_frame(text: &str) -> Result<Frame, ChannelError> {
        decode([&[STATUS], text.as_bytes()].concat().into())
    }

    fn read(bytes: &'static [u8]) -> Result<Frame, ChannelError> {
        decode(Bytes::from_static(bytes))
    }

    #[test]
    fn output_keeps_its_channel_and_its_bytes() {
        assert_eq!(
            read(b"\x01out\n"),
            Ok(Frame::Stdout(Bytes::from_static(b"out\n")))
        );
        assert_eq!(
            read(b"\x02\xff"),
            Ok(Frame::Stderr(Bytes::from_static(b"\xff")))
        );
        assert_eq!(read(b"\x01"), Ok(Frame::Stdout(Bytes::new())));
        assert_eq!(read(b"\xff\x01"), Ok(Frame::Closed(1)));
    }

    #[test]
    fn output_is_not_copied() {
        let frame = Bytes::from_static(b"\x01out");
        let Ok(Frame::Stdout(out)) = decode(frame.clone()) else {
            panic!("no stdout")
        };
        assert_eq!(out.as_ptr(), frame[1..].as_ptr());
    }

    #[rstest]
    #[case::nothing(b"", ChannelError::Empty)]
    #[case::close_of_nothing(b"\xff", ChannelError::Empty)]
    #[case::stdin(b"\x00a", ChannelError::Unexpected(0))]
    #[case::resize(b"\x04a", ChannelError::Unexpected(4))]
    #[case::unknown(b"\x09a", ChannelError::Unexpected(9))]
    #[case::no_status(b"\x03no", ChannelError::BadStatus)]
    #[case::empty_status(b"\x03{}", ChannelError::BadStatus)]
    fn frames_that_break_the_protocol_are_told_apart(
        #[case] frame: &'static [u8],
        #[case] expected: ChannelError,
    ) {
        assert_eq!(read(frame), Err(expected));
    }

    #[test]
    fn the_status_frame_says_how_it_ended() {
        assert_eq!(
            status_frame(r#"{"metadata":{},"status":"Success"}"#),
            Ok(Frame::Status(ExitStatus::Success))
        );
        assert_eq!(
            status_frame(
                r#"{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code","reason":"NonZeroExitCode","details":{"causes":[{"reason":"Other","message":"1"},{"reason":"ExitCode","message":"137"}]}}"#
            ),
            Ok(Frame::Status(ExitStatus::ExitCode(137)))
        );
        assert_eq!(
            status_frame(
                r#"{"status":"Failure","message":"container not found","reason":"InternalError","details":null}"#
            ),
            Ok(Frame::Status(ExitStatus::NotThere {
                message: "container not found".to_owned()
            }))
        );
        assert_eq!(
            status_frame(
                r#"{"status":"Failure","message":"dial tcp: connection refused","reason":"InternalError"}"#
            ),
            Ok(Frame::Status(ExitStatus::Failed {
                reason: "InternalError".to_owned(),
                message: "dial tcp: connection refused".to_owned()
            }))
        );
    }

    #[test]
    fn what_is_written_names_its_channel() {
        assert_eq!(&stdin(b"{}\n")[..], b"\x00{}\n");
        assert_eq!(&close_stdin()[..], b"\xff\x00");
    }

    proptest! {
        #[test]
        fn random_frames_never_panic(frame in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode(frame.into());
        }

        #[test]
        fn random_status_texts_never_panic(text in "[\\[\\]{}\":,a-z0-9]{0,60}") {
            let _ = decode([&[STATUS], text.as_bytes()].concat().into());
        }
    }
}

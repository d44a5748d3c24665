//! A line for the server, as far as it has to be told apart to be posted.

use bytes::Bytes;
use hivewright_bridge::{
    envelope::{self, Message, Params},
    modern::{mirror::Mirror, tools::Annotated},
    protocol::MethodLabel,
};

/// One message on its way.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    /// The message, without a newline.
    pub(super) body: Bytes,
    pub(super) what: What,
    /// Whether it is a request of 2026-07-28, which says so itself.
    pub(super) modern: bool,
}

/// What it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The first request of a session.
    Initialize(Bytes),
    /// `server/discover`: whether the server is of 2026-07-28, before anything else is said.
    Discover(Bytes),
    /// Any other request, by its raw id.
    Call(Bytes),
    /// `notifications/initialized`: nothing may overtake it.
    Initialized,
    /// `notifications/cancelled`, with the raw id of the call.
    Cancelled(Bytes),
    /// Another notification, or the answer to a request of the server.
    Note,
}

impl Outgoing {
    /// `line` ends in a newline, as for a server's stdin.
    pub(super) fn of(mut line: Bytes) -> Self {
        line.truncate(line.trim_ascii_end().len());
        let what = what(&line);
        let modern = is_modern(&line, &what);
        Self {
            body: line,
            what,
            modern,
        }
    }
}

/// Only the text can show it at no cost: most servers are of an earlier revision.
fn is_modern(line: &Bytes, what: &What) -> bool {
    let request = match what {
        What::Discover(_) | What::Call(_) => true,
        What::Initialize(_) | What::Initialized | What::Cancelled(_) | What::Note => false,
    };
    request
        && memchr::memmem::find(line, b"io.modelcontextprotocol").is_some()
        && Mirror::of(line, &Annotated::default()).is_some()
}

fn what(line: &Bytes) -> What {
    match envelope::peek(line) {
        Ok(Message::Request(request)) => {
            let id = envelope::share(line, request.id);
            if request.method == MethodLabel::Initialize {
                What::Initialize(id)
            } else if request.method == MethodLabel::ServerDiscover {
                What::Discover(id)
            } else {
                What::Call(id)
            }
        }
        Ok(Message::Notification(note)) if note.method == MethodLabel::Initialized => {
            What::Initialized
        }
        Ok(Message::Notification(note)) if note.method == MethodLabel::Cancelled => {
            let id = Params::peek(note.params)
                .ok()
                .and_then(|params| params.request_id);
            id.map_or(What::Note, |id| What::Cancelled(envelope::share(line, id)))
        }
        // The hub writes nothing else.
        Ok(Message::Notification(_) | Message::Response(_)) | Err(_) => What::Note,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_request_of_2026_07_28_says_so_itself() {
        let line = r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
        assert!(Outgoing::of(Bytes::from_static(line.as_bytes())).modern);
        let in_text = line.replace("_meta", "text");
        assert!(!Outgoing::of(Bytes::from(in_text)).modern);
    }

    #[rstest]
    #[case(r#"{"jsonrpc":"2.0","id":1,"method":"initialize"}"#, What::Initialize("1".into()))]
    #[case(r#"{"jsonrpc":"2.0","id":2,"method":"server/discover"}"#, What::Discover("2".into()))]
    #[case(r#"{"jsonrpc":"2.0","id":"a","method":"tools/call"}"#, What::Call("\"a\"".into()))]
    #[case(
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        What::Initialized
    )]
    #[case(
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#,
        What::Cancelled("7".into())
    )]
    #[case(r#"{"jsonrpc":"2.0","method":"notifications/progress"}"#, What::Note)]
    #[case(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, What::Note)]
    fn lines_are_told_apart(#[case] line: &str, #[case] expected: What) {
        let outgoing = Outgoing::of(Bytes::from(format!("{line}\n")));
        assert_eq!(outgoing.what, expected);
        assert_eq!(outgoing.body, line.as_bytes());
    }
}

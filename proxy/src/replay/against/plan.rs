//! What the recorded clients did, and what each of their streams was given.

use hivewright_bridge::{
    envelope::{self, Message},
    modern::{Field, ModernHead},
};

use crate::record::{Body, Recording, What};

/// A stream of a recording: the pod, and the stream's number there.
pub(super) type StreamOf = (usize, u64);

/// One line of a recording that concerns a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Move {
    /// The line.
    pub(super) line: usize,
    pub(super) stream: StreamOf,
    pub(super) what: Turn,
}

/// Whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// A client does this.
    Do(Deed),
    /// A client is given this before anybody does anything else.
    Given(Given),
}

/// What a client does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Open {
        session: String,
        body: Vec<u8>,
    },
    OpenSse {
        session: String,
    },
    Post {
        session: String,
        version: Option<String>,
        body: Vec<u8>,
    },
    Visit {
        head: ModernHead,
        body: Vec<u8>,
    },
    Listen {
        session: String,
        version: Option<String>,
    },
    Close {
        session: String,
    },
    Leave,
}

/// What a stream is given. Notifications are left out: how many there are is the server's mood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// The answer to the request with this raw id.
    Answer(Vec<u8>, Vec<u8>),
    /// A question with this raw id.
    Question(Vec<u8>, Vec<u8>),
    /// The body was taken.
    Accepted,
    /// It was refused for this reason.
    Refused(String),
}

impl Given {
    /// The request state that an answer gives, for its client to bring back.
    pub(super) fn state(&self) -> Option<String> {
        let Self::Answer(_, message) = self else {
            return None;
        };
        let answer: serde_json::Value = serde_json::from_slice(message).ok()?;
        answer
            .get("result")?
            .get("requestState")?
            .as_str()
            .map(str::to_owned)
    }

    /// What a message is to its client; none for a notification.
    pub(super) fn of(message: Vec<u8>) -> Option<Self> {
        match envelope::peek(&message).ok()? {
            Message::Response(response) => {
                let id = response
                    .id
                    .map(|id| id.bytes().to_vec())
                    .unwrap_or_default();
                Some(Self::Answer(id, message))
            }
            Message::Request(request) => {
                let id = request.id.bytes().to_vec();
                Some(Self::Question(id, message))
            }
            Message::Notification(_) => None,
        }
    }
}

/// The moves of a recording, in order.
pub(super) fn moves(recording: &Recording) -> Vec<Move> {
    let moves = recording.lines.iter().flat_map(|line| {
        let of = turns(&line.entry.what).into_iter();
        of.map(|(stream, what)| Move {
            line: line.number,
            stream: (line.entry.pod, stream),
            what,
        })
    });
    moves.collect()
}

fn turns(what: &What) -> Vec<(u64, Turn)> {
    let bytes = |body: &Body| body.bytes().unwrap_or_default();
    let (stream, turn) = match what {
        What::Open {
            stream,
            session,
            body,
        } => (*stream, open(session, bytes(body))),
        What::OpenSse { stream, session } => {
            let session = session.clone();
            (*stream, Turn::Do(Deed::OpenSse { session }))
        }
        What::Post {
            stream,
            session,
            version,
            body,
        } => (*stream, post(session, version.clone(), bytes(body))),
        What::Visit { stream, body, .. } => {
            let (head, body) = (head(what), bytes(body));
            (*stream, Turn::Do(Deed::Visit { head, body }))
        }
        What::Listen {
            stream,
            session,
            version,
        } => {
            let (session, version) = (session.clone(), version.clone());
            (*stream, Turn::Do(Deed::Listen { session, version }))
        }
        What::Close { stream, session } => (*stream, close(session)),
        What::Gone { stream } | What::Overrun { stream } => (*stream, Turn::Do(Deed::Leave)),
        What::Accepted { stream } => (*stream, Turn::Given(Given::Accepted)),
        What::Refused { stream, reason, .. } => {
            (*stream, Turn::Given(Given::Refused(reason.clone())))
        }
        What::ToClient { stream, body, .. } | What::Rejected { stream, body, .. } => {
            let given = Given::of(bytes(body)).into_iter();
            return given.map(|given| (*stream, Turn::Given(given))).collect();
        }
        What::ServerUp
        | What::ServerDown { .. }
        | What::Unsure { .. }
        | What::ServerRetired
        | What::FromServer { .. }
        | What::Oversized { .. }
        | What::ToServer { .. }
        | What::DropServer { .. }
        | What::Stderr { .. }
        | What::CommandStarted { .. }
        | What::CommandEnded { .. }
        | What::CommandWaiting { .. }
        | What::CommandNotStarted { .. }
        | What::Opened { .. }
        | What::Unread { .. }
        | What::EndStream { .. }
        | What::Lost { .. }
        | What::End { .. } => return Vec::new(),
    };
    vec![(stream, turn)]
}

/// The headers of a visit, as they were.
fn head(what: &What) -> ModernHead {
    let What::Visit {
        version,
        method,
        name,
        params,
        ..
    } = what
    else {
        return ModernHead::default();
    };
    let field = |value: &Option<String>| {
        value
            .as_deref()
            .map_or(Field::Absent, |value| Field::Value(value.into()))
    };
    let params = params.iter().map(|(name, value)| {
        let value = Field::Value(value.as_str().into());
        (name.as_str().into(), value)
    });
    ModernHead {
        version: field(version),
        method: field(method),
        name: field(name),
        params: params.collect(),
        principal: None,
    }
}

fn open(session: &str, body: Vec<u8>) -> Turn {
    let session = session.to_owned();
    Turn::Do(Deed::Open { session, body })
}

fn post(session: &str, version: Option<String>, body: Vec<u8>) -> Turn {
    let session = session.to_owned();
    Turn::Do(Deed::Post {
        session,
        version,
        body,
    })
}

fn close(session: &str) -> Turn {
    let session = session.to_owned();
    Turn::Do(Deed::Close { session })
}

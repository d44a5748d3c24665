//! The recorded clients, alive again at a bridge.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bytes::Bytes;
use hivewright_bridge::{
    envelope::{self, Message},
    io::{FromClient, SessionId},
};
use parking_lot::Mutex;
use tokio::{sync::Notify, task::AbortHandle, time::timeout};

use super::plan::{Deed, Given, StreamOf};
use crate::{
    driver::{Bridge, NoRandomness, StreamItem, StreamKind, session_id},
    replay::key::spliced,
};

/// Longest wait for what a stream was given in the recording, before the clients go on without it.
pub const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// What clients go by: the questions and the request states of the recording, by their streams.
pub(super) type Cues<'a> = (&'a [(StreamOf, Vec<u8>)], &'a [(StreamOf, String)]);

/// What the streams were given so far.
#[derive(Debug, Default)]
struct Board {
    given: Mutex<HashMap<StreamOf, Vec<Given>>>,
    changed: Notify,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Stage {
    bridge: Bridge,
    board: Arc<Board>,
    /// The sessions of now, by their recorded names.
    sessions: HashMap<String, SessionId>,
    readers: HashMap<StreamOf, AbortHandle>,
    /// What was waited for in vain: it is not waited for again.
    given_up: Vec<StreamOf>,
}

impl Stage {
    pub(super) fn new(bridge: Bridge) -> Self {
        Self {
            bridge,
            board: Arc::default(),
            sessions: HashMap::new(),
            readers: HashMap::new(),
            given_up: Vec::new(),
        }
    }

    /// What every stream was given.
    pub(super) fn given(&self) -> HashMap<StreamOf, Vec<Given>> {
        self.board.given.lock().clone()
    }

    /// Waits until this stream was given so many things.
    pub(super) async fn wait(&mut self, stream: StreamOf, count: usize) {
        if self.given_up.contains(&stream) {
            return;
        }
        let board = &self.board;
        let enough = async {
            loop {
                let changed = board.changed.notified();
                let given = board.given.lock().get(&stream).map_or(0, Vec::len);
                if given >= count {
                    return;
                }
                changed.await;
            }
        };
        if timeout(ANSWER_WAIT, enough).await.is_err() {
            self.given_up.push(stream);
        }
    }

    /// Does what a client did. The recorded questions and request states tell what is meant by the
    /// answers to them.
    pub(super) fn act(
        &mut self,
        stream: StreamOf,
        deed: Deed,
        (questions, states): Cues<'_>,
    ) -> Result<(), NoRandomness> {
        match deed {
            Deed::Open { session, body } => {
                let session = self.begin(session)?;
                let body = Bytes::from(body);
                self.open(stream, StreamKind::Answer, |stream| FromClient::Open {
                    session,
                    stream,
                    body,
                });
            }
            Deed::OpenSse { session } => {
                let session = self.begin(session)?;
                let input = |stream| FromClient::OpenSse { session, stream };
                self.open(stream, StreamKind::Sse, input);
            }
            Deed::Post {
                session,
                version,
                body,
            } => {
                let session = self.named(session);
                let body = Bytes::from(self.answering(&body, questions).unwrap_or(body));
                let version = version.map(Arc::from);
                self.open(stream, StreamKind::Answer, |stream| FromClient::Post {
                    session,
                    version,
                    stream,
                    body,
                });
            }
            Deed::Visit { head, body } => {
                let body = Bytes::from(self.resumed(&body, states).unwrap_or(body));
                self.open(stream, StreamKind::Answer, |stream| FromClient::Visit {
                    stream,
                    head,
                    body,
                });
            }
            Deed::Listen { session, version } => {
                let session = self.named(session);
                let version = version.map(Arc::from);
                self.open(stream, StreamKind::Listener, |stream| FromClient::Listen {
                    session,
                    version,
                    stream,
                });
            }
            Deed::Close { session } => {
                let session = self.named(session);
                let input = |stream| FromClient::Close { session, stream };
                self.open(stream, StreamKind::Answer, input);
            }
            Deed::Leave => {
                if let Some(reader) = self.readers.remove(&stream) {
                    reader.abort();
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, recorded: String) -> Result<SessionId, NoRandomness> {
        let session = session_id(0)?;
        self.sessions.insert(recorded, session.clone());
        Ok(session)
    }

    /// The session of now; one that was unknown then is unknown now.
    fn named(&self, recorded: String) -> SessionId {
        let known = self.sessions.get(&recorded).cloned();
        known.unwrap_or_else(|| recorded.into())
    }

    fn open(
        &mut self,
        stream: StreamOf,
        kind: StreamKind,
        input: impl FnOnce(hivewright_bridge::io::StreamKey) -> FromClient,
    ) {
        let mut client = self.bridge.open(kind, input);
        let board = self.board.clone();
        let reader = tokio::spawn(async move {
            while let Some(item) = client.next().await {
                if let Some(given) = given(item) {
                    board.given.lock().entry(stream).or_default().push(given);
                    board.changed.notify_waiters();
                }
            }
        });
        self.readers.insert(stream, reader.abort_handle());
    }

    /// An answer to a question goes to the question of now, which has another id.
    fn answering(&self, body: &[u8], questions: &[(StreamOf, Vec<u8>)]) -> Option<Vec<u8>> {
        let Ok(Message::Response(response)) = envelope::peek(body) else {
            return None;
        };
        let id = response.id?;
        let (stream, asked) = questions.iter().rfind(|(_, asked)| asked == id.bytes())?;
        let before = questions.iter().filter(|(other, _)| other == stream);
        let nth = before.take_while(|(_, other)| other != asked).count();
        let now = self.question(*stream, nth)?;
        Some(spliced(body, id.span(), &now))
    }

    /// A visit that goes on with a parked call names the call of now.
    fn resumed(&self, body: &[u8], states: &[(StreamOf, String)]) -> Option<Vec<u8>> {
        let text = String::from_utf8_lossy(body);
        let (stream, recorded) = states.iter().rfind(|(_, state)| text.contains(state))?;
        let given = self.board.given.lock();
        let state = given.get(stream)?.iter().find_map(Given::state)?;
        Some(text.replace(recorded, &state).into_bytes())
    }

    /// The raw id of the nth question on this stream.
    fn question(&self, stream: StreamOf, nth: usize) -> Option<Vec<u8>> {
        let given = self.board.given.lock();
        let questions = given.get(&stream)?.iter().filter_map(|given| match given {
            Given::Question(id, _) => Some(id.clone()),
            Given::Answer(..) | Given::Accepted | Given::Refused(_) => None,
        });
        questions.into_iter().nth(nth)
    }
}

fn given(item: StreamItem) -> Option<Given> {
    match item {
        StreamItem::Message(message)
        | StreamItem::Event(_, message)
        | StreamItem::Last(message)
        | StreamItem::Rejected(_, message) => Given::of(message.to_vec()),
        StreamItem::Accepted => Some(Given::Accepted),
        StreamItem::Refused(refusal) => Some(Given::Refused(refusal.reason().to_owned())),
        StreamItem::Opened(_) | StreamItem::Ended => None,
    }
}

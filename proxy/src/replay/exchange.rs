//! The recorded server, cut into what it did for each request.

use std::collections::HashMap;

use hivewright_bridge::envelope::{self, Message, Notification, Params, ResponseBody};

use super::{
    key::{self, Key},
    listens,
};
use crate::record::{Line, Recording, What};

/// What the server did next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Wrote a line that names neither the request nor its token.
    Say(Vec<u8>),
    /// Told of the request's progress.
    Progress(Vec<u8>),
    /// Asked something, and went on after the answer to this raw id.
    Ask(Vec<u8>, Vec<u8>),
    /// Told a listen, begun by this exchange, of something.
    Tell(usize, Vec<u8>),
    /// Answered the request.
    Answer(Vec<u8>),
    /// Ended.
    Die,
}

/// One request and everything that followed from it.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) key: Key,
    /// The line of the recording that holds the request.
    pub(super) line: usize,
    pub(super) steps: Vec<Step>,
}

/// Every request of a recording, in order. What the server says between requests, or while several
/// run, is taken to belong to the latest request.
pub(super) fn exchanges(recording: &Recording) -> Vec<Exchange> {
    let mut cut = Cutter::default();
    for line in &recording.lines {
        cut.take(line);
    }
    cut.exchanges
}

#[derive(Default)]
struct Cutter {
    exchanges: Vec<Exchange>,
    /// Those without an answer, by pod and raw id; also their progress tokens, which are the ids.
    open: HashMap<(usize, Vec<u8>), usize>,
    /// The latest of each pod.
    latest: HashMap<usize, usize>,
}

impl Cutter {
    fn take(&mut self, line: &Line) {
        let pod = line.entry.pod;
        match &line.entry.what {
            What::ToServer { line: body } => {
                let message = body.bytes().unwrap_or_default();
                if let Some(request) = key::request(&message) {
                    let index = self.exchanges.len();
                    self.open.insert((pod, request.id.bytes().to_vec()), index);
                    self.latest.insert(pod, index);
                    self.exchanges.push(Exchange {
                        key: Key::of(&message, &request),
                        line: line.number,
                        steps: Vec::new(),
                    });
                }
            }
            What::FromServer { line: body } => self.said(pod, body.bytes().unwrap_or_default()),
            What::ServerDown { .. } => self.died(pod),
            What::ServerUp
            | What::Unsure { .. }
            | What::ServerRetired
            | What::Oversized { .. }
            | What::DropServer { .. }
            | What::Stderr { .. }
            | What::CommandStarted { .. }
            | What::CommandEnded { .. }
            | What::CommandWaiting { .. }
            | What::CommandNotStarted { .. }
            | What::Open { .. }
            | What::Visit { .. }
            | What::OpenSse { .. }
            | What::Post { .. }
            | What::Listen { .. }
            | What::Close { .. }
            | What::Gone { .. }
            | What::Overrun { .. }
            | What::Opened { .. }
            | What::ToClient { .. }
            | What::Accepted { .. }
            | What::Refused { .. }
            | What::Rejected { .. }
            | What::Unread { .. }
            | What::EndStream { .. }
            | What::Lost { .. }
            | What::End { .. } => {}
        }
    }

    fn said(&mut self, pod: usize, message: Vec<u8>) {
        let (at, step) = match envelope::peek(&message) {
            Ok(Message::Response(response)) => {
                let id = response
                    .id
                    .map(|id| id.bytes().to_vec())
                    .unwrap_or_default();
                let ended = matches!(response.body, ResponseBody::Result(_));
                match self.open.remove(&(pod, id)) {
                    // A listen that is played lasts as long as the process.
                    Some(index) if ended && self.is_listen(index) => return,
                    Some(index) => (Some(index), Step::Answer(message)),
                    None => (None, Step::Say(message)),
                }
            }
            Ok(Message::Request(request)) => {
                let id = request.id.bytes().to_vec();
                (None, Step::Ask(message, id))
            }
            Ok(Message::Notification(note)) => self.noted(pod, &message, &note),
            Err(_) => (None, Step::Say(message)),
        };
        let at = at.or_else(|| self.latest.get(&pod).copied());
        if let Some(exchange) = at.and_then(|index| self.exchanges.get_mut(index)) {
            exchange.steps.push(step);
        }
    }

    /// Progress belongs to its call, the acknowledgement of a listen to the listen, and everything
    /// else to what was asked last.
    fn noted(&self, pod: usize, message: &[u8], note: &Notification<'_>) -> (Option<usize>, Step) {
        let open = |id: &[u8]| self.open.get(&(pod, id.to_vec())).copied();
        if let Some(listen) = listens::subscription(note).and_then(|id| open(&id)) {
            let own = listens::is_acknowledgement(note).then_some(listen);
            return (own, Step::Tell(listen, message.to_vec()));
        }
        let params = Params::peek(note.params).ok();
        let token = params.and_then(|params| params.token);
        match token.and_then(|token| open(token.bytes())) {
            Some(index) => (Some(index), Step::Progress(message.to_vec())),
            None => (None, Step::Say(message.to_vec())),
        }
    }

    fn is_listen(&self, index: usize) -> bool {
        let exchange = self.exchanges.get(index);
        exchange.is_some_and(|exchange| exchange.key.is_listen())
    }

    fn died(&mut self, pod: usize) {
        let lost: Vec<_> = self
            .open
            .keys()
            .filter(|key| key.0 == pod)
            .cloned()
            .collect();
        for key in lost {
            if let Some(exchange) = self
                .open
                .remove(&key)
                .and_then(|at| self.exchanges.get_mut(at))
            {
                exchange.steps.push(Step::Die);
            }
        }
    }
}

//! The recorded server as a pure state machine: lines in, lines out.
//!
//! A request is answered as the first recorded one that is the same and has not been used; if all
//! have been, as the last of them; if there is none, as one of the same method and name with other
//! arguments. Answers come at once, not as slowly as they once did.

use std::collections::VecDeque;

use hivewright_bridge::envelope::{self, Message, Params};

use super::{
    exchange::{Exchange, Step, exchanges},
    key::{self, Key, spliced},
    listens::Listens,
};
use crate::record::Recording;

/// Calls that wait for a client's answer to a recorded question at once.
const MAX_OPEN: usize = 1024;

/// What the player does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Writes a line to its stdout.
    Say(Vec<u8>),
    /// Ends, as the recorded process did.
    Die,
    /// Answers with what was recorded for other arguments; the line in the recording.
    Alike(usize),
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Player {
    exchanges: Vec<Exchange>,
    used: Vec<bool>,
    open: Vec<Open>,
    listens: Listens,
}

/// A call that waits for the answer to a question.
#[derive(Clone, Debug)]
struct Open {
    id: Vec<u8>,
    token: Option<Vec<u8>>,
    waits_for: Vec<u8>,
    rest: VecDeque<Step>,
}

impl Player {
    /// The server of this recording.
    pub fn new(recording: &Recording) -> Self {
        let exchanges = exchanges(recording);
        Self {
            used: vec![false; exchanges.len()],
            exchanges,
            open: Vec::new(),
            listens: Listens::default(),
        }
    }

    /// A fresh process: nothing is open any more.
    pub fn restart(&mut self) {
        self.open.clear();
        self.listens.clear();
    }

    /// Takes one line of its stdin.
    pub fn take(&mut self, line: &[u8]) -> Vec<Action> {
        match envelope::peek(line) {
            Ok(Message::Request(request)) => {
                let params = Params::peek(request.params).unwrap_or_default();
                let token = params.meta_token.map(|token| token.bytes().to_vec());
                self.asked(&Key::of(line, &request), request.id.bytes().to_vec(), token)
            }
            Ok(Message::Response(response)) => {
                let id = response.id.map(|id| id.bytes().to_vec());
                let at = self
                    .open
                    .iter()
                    .position(|open| Some(&open.waits_for) == id.as_ref());
                at.map_or_else(Vec::new, |at| {
                    let open = self.open.remove(at);
                    self.go_on(open.id, open.token, open.rest)
                })
            }
            Ok(Message::Notification(_)) | Err(_) => Vec::new(),
        }
    }

    fn asked(&mut self, key: &Key, id: Vec<u8>, token: Option<Vec<u8>>) -> Vec<Action> {
        let Some((at, same)) = self.find(key) else {
            return vec![Action::Say(unanswered(key, &id))];
        };
        self.used[at] = true;
        if key.is_listen() {
            self.listens.began(at, id.clone());
        }
        let mut actions = Vec::new();
        if !same {
            actions.push(Action::Alike(self.exchanges[at].line));
        }
        let steps = self.exchanges[at].steps.iter().cloned().collect();
        actions.extend(self.go_on(id, token, steps));
        actions
    }

    /// Which exchange answers this, and whether its arguments are the same.
    fn find(&self, key: &Key) -> Option<(usize, bool)> {
        let matching = |test: &dyn Fn(&Key) -> bool| {
            let mut all = (0..self.exchanges.len()).filter(|at| test(&self.exchanges[*at].key));
            let mut last = None;
            all.find(|at| {
                last = Some(*at);
                !self.used[*at]
            })
            .or(last)
        };
        let same = matching(&|other| other == key).map(|at| (at, true));
        same.or_else(|| matching(&|other| key.is_alike(other)).map(|at| (at, false)))
    }

    fn go_on(
        &mut self,
        id: Vec<u8>,
        token: Option<Vec<u8>>,
        mut rest: VecDeque<Step>,
    ) -> Vec<Action> {
        let mut actions = Vec::new();
        while let Some(step) = rest.pop_front() {
            match step {
                Step::Say(line) => actions.push(Action::Say(line)),
                Step::Progress(line) => {
                    actions.extend(progress(&line, token.as_deref()).map(Action::Say));
                }
                Step::Tell(listen, line) => {
                    actions.extend(self.listens.told(listen, &line).map(Action::Say));
                }
                Step::Answer(line) => actions.push(Action::Say(answer(&line, &id))),
                Step::Die => actions.push(Action::Die),
                Step::Ask(line, asked) => {
                    actions.push(Action::Say(line));
                    if self.open.len() < MAX_OPEN {
                        self.open.push(Open {
                            id,
                            token,
                            waits_for: asked,
                            rest,
                        });
                    }
                    return actions;
                }
            }
        }
        actions
    }
}

fn answer(line: &[u8], id: &[u8]) -> Vec<u8> {
    match envelope::peek(line) {
        Ok(Message::Response(response)) => response
            .id
            .map_or_else(|| line.to_vec(), |old| spliced(line, old.span(), id)),
        Ok(Message::Request(_) | Message::Notification(_)) | Err(_) => line.to_vec(),
    }
}

/// The line under the token of this call; none if its client wants to hear of no progress.
fn progress(line: &[u8], token: Option<&[u8]>) -> Option<Vec<u8>> {
    let Ok(Message::Notification(note)) = envelope::peek(line) else {
        return None;
    };
    let old = Params::peek(note.params).ok()?.token?;
    Some(spliced(line, old.span(), token?))
}

fn unanswered(key: &Key, id: &[u8]) -> Vec<u8> {
    let what = match &key.subject {
        Some(subject) => format!("{} {subject}", key.method),
        None => key.method.clone(),
    };
    if key::ANSWERED_EMPTY.contains(&key.method.as_str()) {
        return spliced(br#"{"jsonrpc":"2.0","id":,"result":{}}"#, 22..22, id);
    }
    let text =
        format!("the recording holds no answer to {what}; record a session in which it is asked");
    let error = serde_json::json!({ "code": -32603, "message": text });
    [
        br#"{"jsonrpc":"2.0","id":"#,
        id,
        br#","error":"#,
        error.to_string().as_bytes(),
        b"}",
    ]
    .concat()
}

#[cfg(test)]
mod tests;

//! Calls whose server wants something of the client before it goes on: no call of theirs is at the
//! server meanwhile.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::{
    hub::{
        calls::{Call, Owner},
        sessions::{RawId, SessionKey},
    },
    io::{Now, StreamKey},
    protocol::MethodLabel,
};

/// One call between two rounds, under the id of the round before.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) call: Call,
    /// Raw.
    pub(super) state: Option<Bytes>,
    /// What was asked, by the key that the server gave it, and what the client answered.
    pub(super) inputs: Vec<(Box<str>, Option<Bytes>)>,
}

impl Round {
    fn answered(&self) -> bool {
        self.inputs.iter().all(|(_, answer)| answer.is_some())
    }

    fn bytes(&self) -> usize {
        let answers = self.inputs.iter().filter_map(|(_, answer)| answer.as_ref());
        answers.map(Bytes::len).sum()
    }
}

/// A question to a client, under the id that the bridge minted for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub(super) session: SessionKey,
    pub(super) round: u64,
    /// Which of the round's inputs it is.
    pub(super) at: usize,
    pub(super) method: MethodLabel,
    pub(super) asked: Now,
}

/// All of them.
#[derive(Debug, Default)]
pub(in crate::hub) struct Rounds {
    table: BTreeMap<u64, Round>,
    /// Keys only grow, so the first one is the oldest.
    questions: BTreeMap<u64, Question>,
    /// Answers that wait for others, in bytes.
    bytes: usize,
}

impl Rounds {
    pub(super) fn insert(&mut self, id: u64, round: Round) {
        self.table.insert(id, round);
    }

    pub(super) fn ask(&mut self, id: u64, question: Question) {
        self.questions.insert(id, question);
    }

    /// Takes the question with this id if it was put to this session.
    pub(super) fn answer(&mut self, id: u64, session: SessionKey) -> Option<Question> {
        let asked = self.questions.get(&id)?.session == session;
        if asked {
            self.questions.remove(&id)
        } else {
            None
        }
    }

    /// Keeps an answer; the round itself once it was the last.
    pub(super) fn give(&mut self, question: &Question, answer: Bytes) -> Option<Round> {
        let round = self.table.get_mut(&question.round)?;
        self.bytes += answer.len();
        round.inputs.get_mut(question.at)?.1 = Some(answer);
        if round.answered() {
            self.remove(question.round).map(|(round, _)| round)
        } else {
            None
        }
    }

    /// Takes a round with its open questions.
    pub(super) fn remove(&mut self, id: u64) -> Option<(Round, Vec<(u64, Question)>)> {
        let round = self.table.remove(&id)?;
        self.bytes -= round.bytes();
        let open = self
            .questions
            .extract_if(.., |_, question| question.round == id);
        Some((round, open.collect()))
    }

    /// Rounds, by id.
    pub(super) fn ids(&self) -> Vec<u64> {
        self.table.keys().copied().collect()
    }

    /// Questions that wait for their answers.
    pub(in crate::hub) fn len(&self) -> usize {
        self.questions.len()
    }

    /// Answers that wait for others, in bytes.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The round of the oldest question, and when that was asked.
    pub(in crate::hub) fn oldest(&self) -> Option<(u64, Now)> {
        let question = self.questions.first_key_value()?.1;
        Some((question.round, question.asked))
    }

    /// The ids of the calls that are to be answered on this stream, as their client wrote them.
    pub(in crate::hub) fn asked_on(&self, stream: StreamKey) -> impl Iterator<Item = &RawId> {
        self.table
            .values()
            .filter_map(move |round| match &round.call.owner {
                Owner::Client(caller) => (caller.stream == Some(stream)).then_some(&caller.id),
                Owner::Bridge => None,
            })
    }
}

//! What can happen in the random world.

use proptest::prelude::*;

use super::{SESSIONS, visits::VISITORS};

/// One thing that happens. Numbers choose among what is there.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// A session calls with an id out of three, so that they collide.
    Call(u64, u8),
    /// A session cancels a call.
    Cancel(u64, u8),
    /// The server answers one of its calls.
    Answer(usize),
    /// The server asks, logs or reports progress because of one of its calls.
    Speak(usize, Speech),
    /// A session answers one of the things that it was asked.
    Reply(usize),
    /// The client closes one of its streams.
    Gone(u64),
    /// The session ends, and its next call opens another one.
    End(u64),
    /// A client without a session calls.
    Visit(u64, Rest),
    /// A client comes back with what it was asked, rightly or not.
    ComeBack(usize, How),
    /// A client without a session listens.
    Listen(u64),
    /// The server's tools change.
    Change,
    /// The server process dies.
    Down,
    /// The next one comes up.
    Up(Kind),
    /// Milliseconds pass.
    Pass(u64),
}

/// What the server speaks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A revision with sessions.
    Legacy,
    /// 2026-07-28.
    Modern,
    /// Both, on one process.
    Dual,
}

/// What a client without a session says besides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    pub(super) able: bool,
    pub(super) logs: bool,
}

/// How a client comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Rightly,
    /// Without the answers.
    Empty,
    /// With another client's state.
    AsAnother,
    /// With a state that was changed.
    Forged,
    /// For another call.
    Elsewhere,
    /// With a state that was used before.
    Again,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Speech {
    Ask,
    Log,
    Progress,
}

pub(super) fn op() -> impl Strategy<Value = Op> {
    let speech = prop_oneof![Just(Speech::Ask), Just(Speech::Log), Just(Speech::Progress)];
    let kind = prop_oneof![Just(Kind::Legacy), Just(Kind::Modern), Just(Kind::Dual)];
    let how = prop_oneof![
        6 => Just(How::Rightly),
        1 => Just(How::Empty),
        1 => Just(How::AsAnother),
        1 => Just(How::Forged),
        1 => Just(How::Elsewhere),
        1 => Just(How::Again),
    ];
    let rest = any::<(bool, bool)>().prop_map(|(able, logs)| Rest { able, logs });
    prop_oneof![
        6 => (0..VISITORS, rest).prop_map(|(client, rest)| Op::Visit(client, rest)),
        4 => (any::<usize>(), how).prop_map(|(choice, how)| Op::ComeBack(choice, how)),
        1 => (0..VISITORS).prop_map(Op::Listen),
        1 => Just(Op::Change),
        8 => (0..SESSIONS, 0..3_u8).prop_map(|(session, id)| Op::Call(session, id)),
        2 => (0..SESSIONS, 0..3_u8).prop_map(|(session, id)| Op::Cancel(session, id)),
        6 => any::<usize>().prop_map(Op::Answer),
        6 => (any::<usize>(), speech).prop_map(|(call, speech)| Op::Speak(call, speech)),
        2 => any::<usize>().prop_map(Op::Reply),
        1 => any::<u64>().prop_map(Op::Gone),
        1 => (0..SESSIONS).prop_map(Op::End),
        1 => Just(Op::Down),
        3 => kind.prop_map(Op::Up),
        2 => (0..20_000_u64).prop_map(Op::Pass),
        1 => (0..400_000_u64).prop_map(Op::Pass),
    ]
}

//! What can happen in the random world.

use proptest::prelude::*;

use super::SESSIONS;

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
    /// The server process dies.
    Down,
    /// The next one comes up, of 2026-07-28 or of an earlier revision.
    Up(bool),
    /// Milliseconds pass.
    Pass(u64),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Speech {
    Ask,
    Log,
    Progress,
}

pub(super) fn op() -> impl Strategy<Value = Op> {
    let speech = prop_oneof![Just(Speech::Ask), Just(Speech::Log), Just(Speech::Progress)];
    prop_oneof![
        8 => (0..SESSIONS, 0..3_u8).prop_map(|(session, id)| Op::Call(session, id)),
        2 => (0..SESSIONS, 0..3_u8).prop_map(|(session, id)| Op::Cancel(session, id)),
        6 => any::<usize>().prop_map(Op::Answer),
        6 => (any::<usize>(), speech).prop_map(|(call, speech)| Op::Speak(call, speech)),
        2 => any::<usize>().prop_map(Op::Reply),
        1 => any::<u64>().prop_map(Op::Gone),
        1 => (0..SESSIONS).prop_map(Op::End),
        1 => Just(Op::Down),
        3 => any::<bool>().prop_map(Op::Up),
        1 => (0..20_000_u64).prop_map(Op::Pass),
    ]
}

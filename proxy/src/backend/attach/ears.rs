//! Hands on what the server writes, from the connection or, after a break, from the log.

use bytes::Bytes;
use hivewright_bridge::{
    line::{Framed, Oversized},
    recover::{Heard, Log, Lost, Rejoin},
};
use parking_lot::Mutex;
use tokio::{sync::watch, time::Instant};

use crate::backend::output::LineSink;

/// How far the closing of a gap is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// There is none, or it is closed and the log is not needed any more.
    Attached,
    /// The place of the break is looked for in the log.
    Seeking,
    /// What was missed is read.
    Reading,
    /// It cannot be closed.
    Lost(Lost),
}

/// One process's output, over all its connections.
#[derive(Debug)]
pub struct Ears<'a, L> {
    sink: &'a L,
    state: Mutex<State>,
    phase: watch::Sender<Phase>,
}

#[derive(Debug)]
struct State {
    heard: Heard,
    /// When the latest answer came.
    answered: Instant,
    rejoin: Option<Rejoin>,
    /// Lines that the log has given and nobody has counted yet.
    recovered: usize,
    scratch: Vec<Framed>,
}

impl<'a, L: LineSink> Ears<'a, L> {
    /// For a fresh process.
    pub fn new(sink: &'a L) -> Self {
        let state = State {
            heard: Heard::default(),
            answered: Instant::now(),
            rejoin: None,
            recovered: 0,
            scratch: Vec::new(),
        };
        Self {
            sink,
            state: Mutex::new(state),
            phase: watch::channel(Phase::Attached).0,
        }
    }

    /// When the server answered last: the log is needed from there.
    pub fn answered(&self) -> Instant {
        self.state.lock().answered
    }

    /// Why a gap that begins now could not be closed, whatever the log is; none if it could.
    pub fn beyond_recovery(&self) -> Option<Lost> {
        self.state.lock().heard.rejoin(Log::Stdout).err()
    }

    /// The next lines come from a new connection, and from a log of this kind.
    ///
    /// # Errors
    /// [`Lost`], if it is clear already that the gap cannot be closed.
    pub fn rejoin(&self, log: Log) -> Result<(), Lost> {
        let mut state = self.state.lock();
        state.rejoin = Some(state.heard.rejoin(log)?);
        self.phase.send_replace(Phase::Seeking);
        Ok(())
    }

    /// How far it is, now and from now on.
    pub fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Lines that were read from the log since this was asked last.
    pub fn take_recovered(&self) -> usize {
        std::mem::take(&mut self.state.lock().recovered)
    }

    /// A line of the log.
    pub(super) fn log(&self, line: Framed) {
        self.take(line, Rejoin::log);
    }

    /// A line of the log or, while a gap is being closed, of the connection.
    fn take(
        &self,
        line: Framed,
        how: impl FnOnce(&mut Rejoin, Framed, &mut Vec<Framed>) -> Result<(), Lost>,
    ) {
        let state = &mut *self.state.lock();
        let Some(rejoin) = &mut state.rejoin else {
            return;
        };
        let before = rejoin.recovered();
        let taken = how(rejoin, line, &mut state.scratch);
        state.recovered += rejoin.recovered() - before;
        let phase = match taken {
            Err(lost) => Phase::Lost(lost),
            Ok(()) if rejoin.joined() => Phase::Attached,
            Ok(()) if rejoin.found() => Phase::Reading,
            Ok(()) => Phase::Seeking,
        };
        if rejoin.done() {
            state.rejoin = None;
        }
        let lines = std::mem::take(&mut state.scratch);
        if taken.is_ok() {
            for line in lines {
                self.give(state, line);
            }
        }
        self.phase.send_if_modified(|old| {
            // What is lost stays lost, whatever comes from the other side.
            let new = *old != phase && !matches!(old, Phase::Lost(_));
            if new {
                *old = phase;
            }
            new
        });
    }

    fn attached(&self, line: Framed) {
        {
            let state = &mut *self.state.lock();
            if state.rejoin.is_none() {
                return self.give(state, line);
            }
        }
        self.take(line, Rejoin::attached);
    }

    fn give(&self, state: &mut State, line: Framed) {
        if state.heard.stdout(&line) {
            state.answered = Instant::now();
        }
        match line {
            Framed::Line(line) => self.sink.stdout(line),
            Framed::Oversized(line) => self.sink.stdout_oversized(line),
        }
    }
}

impl<L: LineSink> LineSink for Ears<'_, L> {
    fn stdout(&self, line: Bytes) {
        self.attached(Framed::Line(line));
    }

    fn stdout_oversized(&self, line: Oversized) {
        self.attached(Framed::Oversized(line));
    }

    fn stderr(&self, line: &[u8]) {
        self.state.lock().heard.stderr(line);
        self.sink.stderr(line);
    }
}

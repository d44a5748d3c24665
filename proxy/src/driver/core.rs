//! What the driver keeps under its lock: the hub, the open streams, the way to the server.

mod lease;
mod resume;
mod streams;

use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::Arc,
};

use hivewright_bridge::{
    event::HubEvent,
    hub::Hub,
    io::{FromServer, Input, Loss, Now, Output, StreamKey},
};
use tokio::sync::watch;

use self::{lease::Lease, streams::OpenStream};
use super::{
    book::{Book, Done},
    client::StreamKind,
    garbage::GarbageLog,
    health::{self, ServerHealth},
    kept::Kept,
    observe::{Seen, Watcher},
    owners::Owners,
    pool::Pool,
    stdin::{NotQueued, StdinSender},
    stream::StreamItem,
};
use crate::{
    log,
    metrics::{Gauges, Metrics, Queue},
};

/// What a step reaches outside the lock's own state.
#[derive(Debug)]
pub(super) struct Outer<'a> {
    pub(super) now: Now,
    pub(super) health: &'a watch::Sender<ServerHealth>,
    pub(super) metrics: &'a Metrics,
    pub(super) watcher: &'a Watcher,
    /// Whether a client has the process, where each session has one to itself.
    pub(super) taken: &'a watch::Sender<bool>,
}

#[derive(Debug)]
pub(super) struct Core {
    pub(super) hub: Hub,
    streams: HashMap<StreamKey, OpenStream>,
    /// Those that their clients can come back to, open or not.
    kept: Kept,
    /// The memory that all streams share.
    pool: Pool,
    owners: Arc<Owners>,
    next_key: u64,
    stdin: Option<StdinSender>,
    lease: Lease,
    /// The deadline for which the clock sleeps.
    armed: Option<Now>,
    /// Reused between steps; empty between them.
    outputs: Vec<Output>,
    /// Events that the log tells once the lock is given back.
    told: Vec<HubEvent>,
    garbage: GarbageLog,
    book: Book,
}

impl Core {
    pub(super) fn new(hub: Hub, exclusive: bool, owners: Arc<Owners>) -> Self {
        Self {
            hub,
            streams: HashMap::new(),
            kept: Kept::default(),
            pool: Pool::default(),
            owners,
            next_key: 0,
            stdin: None,
            lease: Lease::new(exclusive),
            armed: None,
            outputs: Vec::new(),
            told: Vec::new(),
            garbage: GarbageLog::default(),
            book: Book::default(),
        }
    }

    /// Whether a process is attached whose lines count.
    pub(super) fn has_server(&self) -> bool {
        self.stdin.is_some()
    }

    pub(super) fn server_up(&mut self, stdin: StdinSender, outer: &Outer<'_>) {
        self.stdin = Some(stdin);
        outer.health.send_replace(ServerHealth::Handshaking);
        self.step(outer, Input::Server(FromServer::Up));
    }

    pub(super) fn server_down(&mut self, outer: &Outer<'_>, loss: Loss) {
        // Draining concerns held calls too, which wait for a process that will not come.
        if self.stdin.take().is_some() || loss == Loss::Draining {
            outer.health.send_replace(ServerHealth::Failed(loss));
            self.step(outer, Input::Server(FromServer::Down(loss)));
        }
    }

    pub(super) fn gauges(&self) -> Gauges {
        let mut gauges = Gauges {
            hub: self.hub.counts(),
            detached: self.kept.left(),
            stream_bytes: self.pool.taken(),
            ..Gauges::default()
        };
        let read = |key: &StreamKey| !self.kept.is_left(*key);
        for (_, stream) in self.streams.iter().filter(|(key, _)| read(key)) {
            match stream.kind {
                StreamKind::Answer => gauges.answers += 1,
                StreamKind::Listener => gauges.listeners += 1,
                StreamKind::Sse => gauges.sse += 1,
            }
        }
        if let Some(stdin) = &self.stdin {
            (gauges.stdin_lines, gauges.stdin_bytes) = stdin.waiting();
        }
        gauges
    }

    /// One step of the hub with everything that follows from it.
    pub(super) fn step(&mut self, outer: &Outer<'_>, input: Input) {
        let mut inputs = VecDeque::new();
        let mut next = Some(input);
        let mut outputs = mem::take(&mut self.outputs);
        while let Some(input) = next {
            outer.watcher.saw(Seen::Input(&input));
            self.hub.step(outer.now, input, &mut outputs);
            for output in outputs.drain(..) {
                outer.watcher.saw(Seen::Output(&output));
                inputs.extend(self.carry_out(outer, output));
            }
            next = inputs.pop_front();
        }
        self.outputs = outputs;
    }

    /// Carries out one output. What that leads to, if anything, is the next input.
    fn carry_out(&mut self, outer: &Outer<'_>, output: Output) -> Option<Input> {
        match output {
            Output::ToServer(line) => self.write(outer, line),
            Output::ToClient {
                stream,
                message,
                last: false,
            } => {
                self.book.gave(&message);
                self.give(outer, stream, StreamItem::Message(message))
            }
            Output::ToClient {
                stream,
                message,
                last: true,
            } => {
                self.book.gave(&message);
                self.finish(stream, StreamItem::Last(message));
                None
            }
            Output::Opened { stream, session } => {
                self.give(outer, stream, StreamItem::Opened(session))
            }
            Output::Accepted { stream } => self.accepted(outer, stream),
            Output::Refused { stream, refusal } => {
                self.finish(stream, StreamItem::Refused(refusal));
                None
            }
            Output::Rejected {
                stream,
                status,
                message,
            } => {
                self.book.gave(&message);
                self.finish(stream, StreamItem::Rejected(status, message));
                None
            }
            Output::EndStream { stream } => {
                self.finish(stream, StreamItem::Ended);
                None
            }
            Output::Overrun { stream, errors } => {
                self.last_words(stream, errors);
                None
            }
            Output::DropServer(loss) => {
                self.stdin = None;
                outer.health.send_replace(ServerHealth::Failed(loss));
                None
            }
            Output::Event(event) => {
                self.event(outer, event);
                None
            }
        }
    }

    fn write(&mut self, outer: &Outer<'_>, line: bytes::Bytes) -> Option<Input> {
        let marks = self.book.take_marks();
        match self.stdin.as_ref()?.push(line, marks) {
            Ok(()) | Err(NotQueued::Closed) => None,
            Err(NotQueued::Full) => {
                outer.metrics.overflow(Queue::Stdin);
                self.stdin = None;
                outer
                    .health
                    .send_replace(ServerHealth::Failed(Loss::NotReading));
                Some(Input::Server(FromServer::Down(Loss::NotReading)))
            }
        }
    }

    fn event(&mut self, outer: &Outer<'_>, event: HubEvent) {
        outer.metrics.observe(&event);
        self.note(&event);
        if let Some(now) = health::after(&event) {
            outer.health.send_replace(now);
        }
        if let HubEvent::SessionClosed { session, .. } = &event {
            self.kept.forget(session);
            self.owners.forget(session);
        }
        let garbage = matches!(event, HubEvent::GarbageDropped { .. });
        if log::tells(&event) && (!garbage || self.garbage.admits(outer.now)) {
            self.told.push(event);
        }
    }

    /// Lines of garbage that the log was spared, once it is time to say so.
    pub(super) fn take_suppressed(&mut self, now: Now) -> Option<u64> {
        self.garbage.take_suppressed(now)
    }

    /// There will be no process any more; see [`FromServer::Retired`].
    pub(super) fn retire(&mut self, outer: &Outer<'_>) {
        self.stdin = None;
        outer
            .health
            .send_replace(ServerHealth::Failed(Loss::ScaledDown));
        self.step(outer, Input::Server(FromServer::Retired));
    }

    pub(super) fn take_told(&mut self) -> (Vec<HubEvent>, Vec<Done>) {
        (mem::take(&mut self.told), self.book.close_step())
    }

    /// The hub's next deadline, for which the clock will now sleep.
    pub(super) fn arm(&mut self) -> Option<Now> {
        self.armed = self.next_deadline();
        self.armed
    }

    /// Whether the clock sleeps for too long. Asked once: it is then told.
    pub(super) fn deadline_came_nearer(&mut self) -> bool {
        let next = self.next_deadline();
        let nearer = match (next, self.armed) {
            (Some(next), Some(armed)) => next < armed,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if nearer {
            self.armed = next;
        }
        nearer
    }
}

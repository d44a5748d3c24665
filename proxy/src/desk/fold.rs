//! The live view as a fold over what happens: events in, lines out, no clock and no terminal.

mod calls;
mod rows;
mod server;

use std::time::Duration;

use hivewright_bridge::{
    event::{CloseReason, Door, DropReason, HubEvent, Side},
    io::SessionId,
    protocol::{MethodLabel, Revision},
    refusal::Refusal,
};

pub use self::calls::{MAX_RUNNING, SLOW_AFTER};
use self::{calls::Running, rows::call};
use super::{
    Paint,
    layout::Layout,
    paint::Tone,
    stderr::LastWords,
    units::{count, time},
};
use crate::{driver::CommandNews, log};

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum What {
    /// In a hub.
    Event(HubEvent),
    /// The server wrote a line to stderr.
    Stderr(String),
    /// To the command.
    Command(CommandNews),
}

/// When it happened.
#[derive(Clone, Debug)]
pub struct Clock {
    /// For people.
    pub text: String,
    /// To count with, from any zero.
    pub seconds: i64,
}

/// What the view remembers.
#[derive(Debug)]
pub struct Fold {
    paint: Paint,
    layout: Layout,
    /// Only what goes wrong with the server.
    quiet: bool,
    sessions: usize,
    opened: u64,
    calls: u64,
    failed: u64,
    starts: u64,
    running: Running,
    last_words: LastWords,
    ended: Option<std::sync::Arc<str>>,
    /// The end of the proxy was told.
    stopped: bool,
    /// A refusal is told with the call that it ends, if that follows at once.
    refusal: Option<Refusal>,
}

impl Fold {
    /// Shows everything.
    pub fn new(paint: Paint) -> Self {
        Self {
            paint,
            layout: Layout::default(),
            quiet: false,
            sessions: 0,
            opened: 0,
            calls: 0,
            failed: 0,
            starts: 0,
            running: Running::default(),
            last_words: LastWords::default(),
            ended: None,
            stopped: false,
            refusal: None,
        }
    }

    /// Shows what goes wrong with the server.
    pub fn quiet(paint: Paint) -> Self {
        Self {
            quiet: true,
            ..Self::new(paint)
        }
    }

    /// From now on calls are no longer than so many characters, if the terminal has such a bound.
    pub fn fit(&mut self, width: Option<usize>) {
        self.layout = Layout::new(width);
    }

    /// The lines that tell this.
    pub fn saw(&mut self, clock: &Clock, pod: usize, what: What) -> Vec<String> {
        match what {
            What::Event(event) if !self.quiet => self.event(clock, event),
            What::Event(_) => Vec::new(),
            What::Stderr(line) => self.stderr(clock, pod, &line),
            What::Command(news) => self.command(clock, pod, &news),
        }
    }

    /// So many things were not shown.
    pub fn lost(&self, events: u64) -> Vec<String> {
        let text = || format!("          … not shown: {}", count(events, "event"));
        let told = (events > 0).then(text);
        told.into_iter().collect()
    }

    /// What is to be told because time has passed: calls that take long.
    pub fn look(&mut self, clock: &Clock) -> Vec<String> {
        let mut lines = self.settle(clock);
        for (session, what) in self.running.slow(clock.seconds) {
            lines.push(self.running(clock, &session, &what));
        }
        lines
    }

    /// What it all came to.
    pub fn sum(&self) -> Vec<String> {
        if self.quiet {
            return Vec::new();
        }
        vec![format!(
            "{}, {} of them failed; {}; {} of the server",
            count(self.calls, "request"),
            self.failed,
            count(self.opened, "session"),
            count(self.starts.saturating_sub(1), "restart")
        )]
    }

    fn event(&mut self, clock: &Clock, event: HubEvent) -> Vec<String> {
        let ends_a_call = matches!(event, HubEvent::RequestFinished { .. });
        let mut lines = if ends_a_call {
            Vec::new()
        } else {
            self.settle(clock)
        };
        lines.extend(self.told(clock, event));
        lines
    }

    /// Tells a refusal that belongs to no call.
    fn settle(&mut self, clock: &Clock) -> Vec<String> {
        let refused = self.refusal.take();
        let told = refused.map(|refusal| {
            let text = format!("refused with {}: {refusal}", refusal.http_status());
            self.line(clock, "", &self.paint.paint(Tone::Bad, &text))
        });
        told.into_iter().collect()
    }

    fn told(&mut self, clock: &Clock, event: HubEvent) -> Option<String> {
        match event {
            HubEvent::SessionOpened {
                session,
                door,
                revision,
            } => Some(self.opened(clock, &session, (door, revision))),
            HubEvent::SessionClosed {
                session,
                why,
                duration,
                ..
            } => Some(self.closed(clock, &session, why, duration)),
            HubEvent::RequestStarted {
                session,
                method,
                tool,
                ..
            } => {
                let what = call(method, tool.as_deref());
                self.running
                    .started(log::prefix(&session), what, clock.seconds);
                None
            }
            HubEvent::RequestFinished {
                session,
                method,
                tool,
                outcome,
                duration,
                bytes,
                ..
            } => {
                let what = call(method, tool.as_deref());
                Some(self.finished(clock, (&session, &what), outcome, (duration, bytes)))
            }
            HubEvent::AskFinished {
                method,
                outcome,
                duration,
            } => Some(self.asked(clock, method, outcome, duration)),
            HubEvent::MessageDropped { from, method, why } => {
                self.dropped(clock, from, method, why)
            }
            HubEvent::Refused { refusal } => {
                self.refusal = Some(refusal);
                None
            }
            HubEvent::RequestSent { .. }
            | HubEvent::AskStarted { .. }
            | HubEvent::NotificationForwarded { .. } => None,
            HubEvent::GarbageDropped { .. }
            | HubEvent::Overflow { .. }
            | HubEvent::HandshakeStarted
            | HubEvent::ServerInitialized { .. }
            | HubEvent::HandshakeFailed { .. }
            | HubEvent::ServerLost { .. } => self.server(clock, &event),
        }
    }

    fn opened(&mut self, clock: &Clock, session: &SessionId, how: (Door, Revision)) -> String {
        self.sessions += 1;
        self.opened += 1;
        let (door, revision) = (how.0.as_str(), how.1.as_str());
        let open = self.sessions;
        let text = format!("session opened: {revision} over {door} ({open} open)");
        self.line(
            clock,
            log::prefix(session),
            &self.paint.paint(Tone::Notice, &text),
        )
    }

    fn closed(
        &mut self,
        clock: &Clock,
        session: &SessionId,
        why: CloseReason,
        duration: Duration,
    ) -> String {
        self.sessions = self.sessions.saturating_sub(1);
        let (why, after, open) = (why.as_str(), time(duration), self.sessions);
        let text = format!("session closed: {why} after {after} ({open} open)");
        self.line(
            clock,
            log::prefix(session),
            &self.paint.paint(Tone::Notice, &text),
        )
    }

    /// What is dropped by rule all the time is not worth a line.
    fn dropped(
        &self,
        clock: &Clock,
        from: Side,
        method: MethodLabel,
        why: DropReason,
    ) -> Option<String> {
        match why {
            DropReason::AfterCancel
            | DropReason::BelowLevel
            | DropReason::NoSubscriber
            | DropReason::Absorbed => return None,
            DropReason::Unmatched
            | DropReason::NotAttributable
            | DropReason::NoStream
            | DropReason::NoServer
            | DropReason::Malformed => {}
        }
        let (from, method, why) = (from.as_str(), method.as_str(), why.as_str());
        let text = format!("dropped {method} of the {from}: {why}");
        Some(self.line(clock, "", &self.paint.paint(Tone::Dim, &text)))
    }
}

#[cfg(test)]
mod tests;

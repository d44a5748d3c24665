//! The live view as a fold over what happens: events in, lines out, no clock and no terminal.

mod calls;
mod server;

use std::time::Duration;

use hivewright_bridge::{
    event::{AskOutcome, CloseReason, Door, DropReason, HubEvent, Outcome, Side},
    io::SessionId,
    protocol::{MethodLabel, Revision},
    refusal::Refusal,
};

use self::calls::Running;
pub use self::calls::{MAX_RUNNING, SLOW_AFTER};
use super::{
    Paint,
    paint::{Tone, clean},
    stderr::LastWords,
    units::{size, time},
};
use crate::{driver::CommandNews, log};

/// Width of what a call is, in characters; longer ones push the rest to the right.
const CALL: usize = 34;

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
    /// A refusal is told with the call that it ends, if that follows at once.
    refusal: Option<Refusal>,
}

impl Fold {
    /// Shows everything.
    pub fn new(paint: Paint) -> Self {
        Self {
            paint,
            quiet: false,
            sessions: 0,
            opened: 0,
            calls: 0,
            failed: 0,
            starts: 0,
            running: Running::default(),
            last_words: LastWords::default(),
            ended: None,
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
    pub fn lost(&self, count: u64) -> Vec<String> {
        let told = (count > 0).then(|| format!("          … {count} events were not shown"));
        told.into_iter().collect()
    }

    /// What is to be told because time has passed: calls that take long.
    pub fn look(&mut self, clock: &Clock) -> Vec<String> {
        let mut lines = self.settle(clock);
        for (session, what) in self.running.slow(clock.seconds) {
            let rest = self.paint.paint(Tone::Notice, "still running");
            lines.push(self.line(clock, &session, &format!("{what:CALL$}  {rest}")));
        }
        lines
    }

    /// What it all came to.
    pub fn sum(&self) -> Vec<String> {
        if self.quiet {
            return Vec::new();
        }
        let restarts = self.starts.saturating_sub(1);
        vec![format!(
            "{} requests, {} of them failed; {} sessions; {restarts} restarts of the server",
            self.calls, self.failed, self.opened
        )]
    }

    fn event(&mut self, clock: &Clock, event: HubEvent) -> Vec<String> {
        let mut lines = match &event {
            HubEvent::RequestFinished { .. } => Vec::new(),
            _ => self.settle(clock),
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
            } => {
                let what = call(method, tool.as_deref());
                Some(self.finished(clock, (&session, what), outcome, (duration, bytes)))
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
            HubEvent::AskStarted { .. } | HubEvent::NotificationForwarded { .. } => None,
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

    fn finished(
        &mut self,
        clock: &Clock,
        (session, what): (&SessionId, String),
        outcome: Outcome,
        (duration, bytes): (Duration, usize),
    ) -> String {
        let session = log::prefix(session);
        self.running.finished(session, &what);
        self.calls += 1;
        let (tone, failed) = tone(outcome);
        self.failed += u64::from(failed);
        let outcome = self.paint.paint(tone, &format!("{:12}", outcome.as_str()));
        let (duration, bytes) = (time(duration), size(bytes));
        let refusal = self.refusal.take();
        let why = refusal.map_or_else(String::new, |refusal| format!("  {refusal}"));
        let text = format!("{what:CALL$}  {outcome}  {duration:>9}  {bytes:>9}{why}");
        self.line(clock, session, &text)
    }

    fn asked(
        &self,
        clock: &Clock,
        method: MethodLabel,
        outcome: AskOutcome,
        duration: Duration,
    ) -> String {
        let (method, outcome, duration) = (method.as_str(), outcome.as_str(), time(duration));
        let text = format!(
            "{:CALL$}  {outcome:12}  {duration:>9}",
            format!("the server asked: {method}")
        );
        self.line(clock, "", &text)
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

    fn line(&self, clock: &Clock, session: &str, rest: &str) -> String {
        let at = self.paint.paint(Tone::Dim, &clock.text);
        format!("{at}  {session:8}  {}", rest.trim_end())
    }
}

/// What a call is, for people.
fn call(method: MethodLabel, tool: Option<&str>) -> String {
    match tool {
        Some(tool) => format!("{} {}", method.as_str(), clean(tool, CALL)),
        None => method.as_str().to_owned(),
    }
}

/// How an outcome looks, and whether it counts as failed.
const fn tone(outcome: Outcome) -> (Tone, bool) {
    match outcome {
        Outcome::Ok | Outcome::InputRequired => (Tone::Good, false),
        Outcome::Cancelled | Outcome::SessionClosed => (Tone::Dim, false),
        Outcome::ToolError
        | Outcome::Error
        | Outcome::Refused
        | Outcome::Lost
        | Outcome::Unavailable
        | Outcome::TimedOut => (Tone::Bad, true),
    }
}

#[cfg(test)]
mod tests;

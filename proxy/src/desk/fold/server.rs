//! What is told of the server: its processes, its handshakes, its stderr.

use hivewright_bridge::{event::HubEvent, io::Loss, protocol::Revision};

use super::{Clock, Fold};
use crate::{
    desk::{
        paint::{Tone, clean},
        stderr::MAX_SHOWN,
        units::{count, time},
    },
    driver::CommandNews,
};

impl Fold {
    pub(super) fn stderr(&mut self, clock: &Clock, pod: usize, line: &str) -> Vec<String> {
        let line = self.last_words.keep(pod, line);
        if self.quiet {
            return Vec::new();
        }
        let text = self.paint.paint(Tone::Dim, &format!("stderr | {line}"));
        vec![self.line(clock, "", &text)]
    }

    /// A process that ends is told together with when the next one starts: at the end of the proxy
    /// there is none, and nothing to tell.
    pub(super) fn command(&mut self, clock: &Clock, pod: usize, news: &CommandNews) -> Vec<String> {
        match news {
            CommandNews::Started { pid } => {
                self.starts += 1;
                let text = format!("server started, process {pid}");
                self.unless_quiet(clock, &text)
            }
            CommandNews::Ended { how } => {
                self.ended = Some(how.clone());
                Vec::new()
            }
            CommandNews::Waiting { wait } => match self.ended.take() {
                None => Vec::new(),
                Some(how) => {
                    let text = format!("server ended ({how}), starts again in {}", time(*wait));
                    self.with_last_words(clock, pod, &text)
                }
            },
            CommandNews::NotStarted { why } => {
                let text = format!("server not started: {why}");
                self.with_last_words(clock, pod, &text)
            }
        }
    }

    pub(super) fn server(&mut self, clock: &Clock, event: &HubEvent) -> Option<String> {
        let (tone, text) = match event {
            HubEvent::ServerInitialized {
                name,
                version,
                revision,
                duration,
                ..
            } => {
                let (name, version) = (clean(name, MAX_SHOWN), clean(version, MAX_SHOWN));
                let revision = revision.map_or("of an unknown revision", Revision::as_str);
                let after = time(*duration);
                let text = format!("server answers: {name} {version}, {revision}, after {after}");
                (Tone::Good, text)
            }
            HubEvent::HandshakeFailed {
                loss: Loss::Draining,
                ..
            } => self.stopped(0)?,
            HubEvent::HandshakeFailed { loss, excerpt } => {
                let said = match &**excerpt {
                    "" => String::new(),
                    said => format!("; it said: {said}"),
                };
                (
                    Tone::Bad,
                    format!("server is of no use ({}){said}", loss.reason()),
                )
            }
            HubEvent::ServerLost { loss, failed_calls } => {
                self.lost_server(*loss, *failed_calls)?
            }
            HubEvent::GarbageDropped { excerpt, .. } => {
                (Tone::Bad, format!("no message on stdout: {excerpt}"))
            }
            HubEvent::Overflow { bound } => (
                Tone::Bad,
                format!("a bound was reached: {}", bound.as_str()),
            ),
            HubEvent::HandshakeStarted
            | HubEvent::SessionOpened { .. }
            | HubEvent::SessionClosed { .. }
            | HubEvent::RequestStarted { .. }
            | HubEvent::RequestSent { .. }
            | HubEvent::RequestFinished { .. }
            | HubEvent::AskStarted { .. }
            | HubEvent::AskFinished { .. }
            | HubEvent::NotificationForwarded { .. }
            | HubEvent::MessageDropped { .. }
            | HubEvent::Refused { .. } => return None,
        };
        Some(self.line(clock, "", &self.paint.paint(tone, &text)))
    }

    fn lost_server(&mut self, loss: Loss, failed: usize) -> Option<(Tone, String)> {
        let reason = loss.reason();
        match loss {
            Loss::Draining => self.stopped(failed),
            Loss::Renewed | Loss::ScaledDown if failed == 0 => {
                Some((Tone::Dim, format!("server ended ({reason})")))
            }
            Loss::Renewed
            | Loss::ScaledDown
            | Loss::ProcessExited
            | Loss::AttachLost
            | Loss::ConnectionLost
            | Loss::NotReading
            | Loss::NotAnswering
            | Loss::HandshakeTimeout
            | Loss::NotMcp => Some((
                Tone::Bad,
                format!("server lost ({reason}), {}", failures(failed)),
            )),
        }
    }

    /// The end that was asked for, once for all processes; only what it costs is told each time.
    fn stopped(&mut self, failed: usize) -> Option<(Tone, String)> {
        let told = std::mem::replace(&mut self.stopped, true);
        match failed {
            0 => (!told).then(|| (Tone::Dim, "stopped".to_owned())),
            _ => Some((Tone::Bad, format!("stopped, {}", failures(failed)))),
        }
    }

    fn unless_quiet(&self, clock: &Clock, text: &str) -> Vec<String> {
        let text = self.paint.paint(Tone::Notice, text);
        let told = (!self.quiet).then(|| self.line(clock, "", &text));
        told.into_iter().collect()
    }

    fn with_last_words(&mut self, clock: &Clock, pod: usize, text: &str) -> Vec<String> {
        let words = self.last_words.take(pod);
        let told = self.paint.paint(Tone::Bad, text);
        let mut lines = vec![self.line(clock, "", &told)];
        if !words.is_empty() {
            lines.push("          the last that it wrote to stderr:".to_owned());
        }
        lines.extend(words.iter().map(|word| format!("            | {word}")));
        lines
    }
}

fn failures(calls: usize) -> String {
    format!(
        "{} failed",
        count(u64::try_from(calls).unwrap_or(u64::MAX), "call")
    )
}

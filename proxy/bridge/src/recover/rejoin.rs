//! From the last line heard, through the log, onto the new connection.

use std::collections::VecDeque;

use serde::de::IgnoredAny;

use super::{
    Log, Lost,
    digest::{Digest, Kind, Mark, opens},
};
use crate::line::Framed;

/// Bytes of lines of the new connection that are kept until the log has shown one of them. Past it
/// the oldest go: the log has them.
pub const MAX_KEPT_BYTES: usize = 8 * 1024 * 1024;
/// Lines that are kept likewise, and lines of the log that are remembered to compare them with.
pub const MAX_KEPT_LINES: usize = 4096;
/// Length from which the runtime stores a line in pieces, in bytes (containerd,
/// `max_container_log_line_size`): only such a line can be torn.
const PIECE: usize = 16 * 1024;

/// Where it stands.
#[derive(Debug)]
enum Stage {
    /// The landmark has not been seen in the log yet.
    Seeking(Digest, VecDeque<Digest>),
    /// These, which were received before the break, are still to come in the log.
    Passing(VecDeque<Digest>),
    /// What the log shows is missing.
    Reading,
    /// The log has been left. These lines, which it has given, are still to come on the connection.
    Joined(VecDeque<Digest>),
}

/// Gives each line that was missed once, in order. Takes the lines of the log and those of the new
/// connection as they come, in any order of the two.
#[derive(Debug)]
pub struct Rejoin {
    log: Log,
    stage: Stage,
    /// The latest lines that the log has given.
    given: VecDeque<Mark>,
    given_more: bool,
    /// The latest messages of the new connection.
    kept: VecDeque<(Mark, Framed)>,
    kept_bytes: usize,
    /// The new connection has shown a newline: its lines are whole from here.
    whole: bool,
    recovered: usize,
}

impl Rejoin {
    pub(super) const fn new(log: Log, landmark: Digest, after: VecDeque<Digest>) -> Self {
        Self {
            log,
            stage: Stage::Seeking(landmark, after),
            given: VecDeque::new(),
            given_more: false,
            kept: VecDeque::new(),
            kept_bytes: 0,
            whole: false,
            recovered: 0,
        }
    }

    /// Whether the place of the break was found in the log: it is the same process, and nothing of
    /// it will be missed.
    pub const fn found(&self) -> bool {
        matches!(self.stage, Stage::Reading | Stage::Joined(_))
    }

    /// Whether the log is not needed any more.
    pub const fn joined(&self) -> bool {
        matches!(self.stage, Stage::Joined(_))
    }

    /// Whether the connection alone is right from now on.
    pub fn done(&self) -> bool {
        matches!(&self.stage, Stage::Joined(again) if again.is_empty())
    }

    /// How many lines the log has given.
    pub const fn recovered(&self) -> usize {
        self.recovered
    }

    /// One line of the log. Appends what is to be handed on.
    ///
    /// # Errors
    /// [`Lost`]; nothing may be handed on after it.
    pub fn log(&mut self, line: Framed, out: &mut Vec<Framed>) -> Result<(), Lost> {
        let mark = Mark::framed(&line);
        match &mut self.stage {
            Stage::Seeking(landmark, after) => {
                if mark.digest == *landmark {
                    let after = std::mem::take(after);
                    self.pass(after);
                }
            }
            Stage::Passing(after) => {
                if after.front() == Some(&mark.digest) {
                    after.pop_front();
                    let after = std::mem::take(after);
                    self.pass(after);
                } else if mark.kind != Kind::Other && self.log == Log::Stdout {
                    return Err(Lost::Diverged);
                }
            }
            Stage::Reading => return self.missing(mark, line, out),
            Stage::Joined(_) => {}
        }
        Ok(())
    }

    fn pass(&mut self, after: VecDeque<Digest>) {
        self.stage = if after.is_empty() {
            Stage::Reading
        } else {
            Stage::Passing(after)
        };
    }

    /// A line of the log that nobody has seen yet.
    fn missing(&mut self, mark: Mark, line: Framed, out: &mut Vec<Framed>) -> Result<(), Lost> {
        if self.log == Log::Both && is_torn(mark.kind, &line) {
            return Err(Lost::Torn);
        }
        if mark.kind == Kind::Other {
            return Ok(());
        }
        out.push(line);
        self.recovered += 1;
        self.given.push_back(mark);
        if self.given.len() > MAX_KEPT_LINES {
            self.given.pop_front();
            self.given_more = true;
        }
        match self
            .kept
            .iter()
            .rposition(|(kept, _)| is_landmark(kept, mark))
        {
            Some(at) => self.join(self.given.len() - 1, at, out),
            None => Ok(()),
        }
    }

    /// One line of the new connection. Appends what is to be handed on.
    ///
    /// # Errors
    /// [`Lost`]; nothing may be handed on after it.
    pub fn attached(&mut self, line: Framed, out: &mut Vec<Framed>) -> Result<(), Lost> {
        if !self.whole {
            self.whole = true;
            return Ok(());
        }
        let mark = Mark::framed(&line);
        match &mut self.stage {
            Stage::Joined(again) => match again.front() {
                Some(_) if mark.kind == Kind::Other => Ok(()),
                Some(next) if *next == mark.digest => {
                    again.pop_front();
                    Ok(())
                }
                Some(_) => Err(Lost::Diverged),
                None => {
                    out.push(line);
                    Ok(())
                }
            },
            Stage::Seeking(..) | Stage::Passing(_) | Stage::Reading => {
                if mark.kind == Kind::Other {
                    return Ok(());
                }
                self.keep(mark, line);
                match self
                    .given
                    .iter()
                    .rposition(|given| is_landmark(given, mark))
                {
                    Some(at) => self.join(at, self.kept.len() - 1, out),
                    None => Ok(()),
                }
            }
        }
    }

    /// Lines and bytes of the new connection that are kept.
    #[cfg(test)]
    pub(super) fn kept(&self) -> (usize, usize) {
        (self.kept.len(), self.kept_bytes)
    }

    fn keep(&mut self, mark: Mark, line: Framed) {
        self.kept_bytes += size(&line);
        self.kept.push_back((mark, line));
        while self.kept.len() > MAX_KEPT_LINES
            || (self.kept_bytes > MAX_KEPT_BYTES && self.kept.len() > 1)
        {
            if let Some((_, oldest)) = self.kept.pop_front() {
                self.kept_bytes -= size(&oldest);
            }
        }
    }

    /// Leaves the log: its line `given` is the connection's line `kept`.
    fn join(&mut self, given: usize, kept: usize, out: &mut Vec<Framed>) -> Result<(), Lost> {
        let log = |at: usize| self.given[at].digest;
        let connection = |at: usize| self.kept[at].0.digest;
        let before = given.min(kept);
        let same_before = (1..=before).all(|back| log(given - back) == connection(kept - back));
        // The connection began after the break, so the log has all that it showed first.
        let covered = kept <= given || self.given_more;
        let (log_after, kept_after) = (self.given.len() - given, self.kept.len() - kept);
        let both = log_after.min(kept_after);
        let same_after = (1..both).all(|on| log(given + on) == connection(kept + on));
        if !(same_before && covered && same_after) {
            return Err(Lost::Diverged);
        }
        let again = self.given.iter().skip(given + both);
        let again = again.map(|mark| mark.digest).collect();
        let news = self.kept.drain(..).skip(kept + both);
        out.extend(news.map(|(_, line)| line));
        self.given = VecDeque::new();
        self.kept_bytes = 0;
        self.stage = Stage::Joined(again);
        Ok(())
    }
}

fn is_landmark(one: &Mark, other: Mark) -> bool {
    other.kind == Kind::Landmark && *one == other
}

fn size(line: &Framed) -> usize {
    match line {
        Framed::Line(line) => line.len(),
        Framed::Oversized(line) => line.head.len() + line.tail.len(),
    }
}

/// Whether a line of stderr may have got into the middle of this line.
fn is_torn(kind: Kind, line: &Framed) -> bool {
    match line {
        Framed::Line(line) => {
            let could_be = kind != Kind::Other || (line.len() >= PIECE && opens(line));
            could_be && serde_json::from_slice::<IgnoredAny>(line).is_err()
        }
        // It cannot be read any more, and fails its call whatever is in it.
        Framed::Oversized(_) => false,
    }
}

//! Lines of calls, in columns.

use std::{fmt::Write as _, time::Duration};

use hivewright_bridge::{
    event::{AskOutcome, Outcome},
    io::SessionId,
    protocol::MethodLabel,
};

use super::{Clock, Fold};
use crate::{
    desk::{
        layout::{Column, GAP, OUTCOME},
        paint::{Tone, clean},
        units::{size, time},
    },
    log,
};

/// Characters of a tool's name that are ever shown.
const MAX_TOOL: usize = 64;

/// A field after what the call is.
struct Cell {
    text: String,
    tone: Option<Tone>,
}

impl Cell {
    fn outcome(tone: Option<Tone>, text: &str) -> Self {
        let text = format!("{text:OUTCOME$}");
        Self { text, tone }
    }

    /// A number, flush right; none if there is no such column.
    fn number(fold: &Fold, column: Column, text: &str) -> Option<Self> {
        let width = column.width();
        let text = format!("{text:>width$}");
        fold.layout.has(column).then_some(Self { text, tone: None })
    }
}

impl Fold {
    pub(super) fn finished(
        &mut self,
        clock: &Clock,
        (session, what): (&SessionId, &str),
        outcome: Outcome,
        (duration, bytes): (Duration, usize),
    ) -> String {
        let session = log::prefix(session);
        self.running.finished(session, what);
        self.calls += 1;
        let (tone, failed) = tone(outcome);
        self.failed += u64::from(failed);
        let mut cells = vec![Cell::outcome(Some(tone), outcome.as_str())];
        cells.extend(Cell::number(self, Column::Took, &time(duration)));
        cells.extend(Cell::number(self, Column::Size, &size(bytes)));
        let why = self.refusal.take().map(|refusal| refusal.to_string());
        self.row(clock, session, what, (&cells, why.as_deref()))
    }

    pub(super) fn asked(
        &self,
        clock: &Clock,
        method: MethodLabel,
        outcome: AskOutcome,
        duration: Duration,
    ) -> String {
        let what = format!("the server asked: {}", method.as_str());
        let mut cells = vec![Cell::outcome(None, outcome.as_str())];
        cells.extend(Cell::number(self, Column::Took, &time(duration)));
        self.row(clock, "", &what, (&cells, None))
    }

    pub(super) fn running(&self, clock: &Clock, session: &str, what: &str) -> String {
        let cell = Cell::outcome(Some(Tone::Notice), "still running");
        self.row(clock, session, what, (&[cell], None))
    }

    /// No longer than the terminal is wide.
    fn row(
        &self,
        clock: &Clock,
        session: &str,
        what: &str,
        (cells, why): (&[Cell], Option<&str>),
    ) -> String {
        let mut after = width(cells);
        let mut row = self.layout.call(what, after);
        let needed = why.map_or(0, |why| GAP + why.chars().count());
        let mut cells = cells;
        if !self.layout.fits(row.chars().count() + after + needed) {
            // Why it failed is worth more than how long that took.
            cells = cells.get(..1).unwrap_or_default();
            after = width(cells);
            row = self.layout.tight(what, after);
        }
        let before = row.chars().count() + after;
        for Cell { text, tone } in cells {
            row.push_str("  ");
            match tone {
                Some(tone) => row.push_str(&self.paint.paint(*tone, text)),
                None => row.push_str(text),
            }
        }
        if let Some(why) = why.and_then(|why| self.layout.reason(why, before)) {
            row.push_str("  ");
            row.push_str(&why);
        }
        self.line(clock, session, &row)
    }

    pub(super) fn line(&self, clock: &Clock, session: &str, rest: &str) -> String {
        let mut line = String::new();
        if self.layout.has(Column::At) {
            line.push_str(&self.paint.paint(Tone::Dim, &clock.text));
            line.push_str("  ");
        }
        if self.layout.has(Column::Session) {
            let width = Column::Session.width() + GAP;
            // Writing to a String does not fail.
            let _ = write!(line, "{session:width$}");
        }
        line + rest.trim_end()
    }
}

/// Characters that cells take, with the gaps before them.
fn width(cells: &[Cell]) -> usize {
    let wide = |cell: &Cell| GAP + cell.text.chars().count();
    cells.iter().map(wide).sum()
}

/// What a call is, for people.
pub(super) fn call(method: MethodLabel, tool: Option<&str>) -> String {
    match tool {
        Some(tool) => format!("{} {}", method.as_str(), clean(tool, MAX_TOOL)),
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

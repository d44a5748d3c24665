//! What the person who started `run` sees, and what is kept for a bug report.
//!
//! ```text
//!  bridges ──saw──> Desk ─┬─> Printer ══ bounded queue ══> Fold ──lines──> stderr, stdout
//!                         └─> Recorder ═ bounded queue ══> FILE
//! ```
//!
//! Neither ever makes a bridge wait: a terminal that is stopped, or a slow disk, loses lines, and
//! how many is told.

mod fold;
mod layout;
mod out;
mod paint;
mod printer;
mod stderr;
mod units;
mod view;

use std::{path::PathBuf, sync::Arc};

pub use self::{
    fold::{Fold, MAX_RUNNING, SLOW_AFTER, What},
    paint::Paint,
    printer::MAX_WAITING,
    stderr::{LAST_WORDS, MAX_SHOWN},
    view::{LIVE_FILTER, View},
};
use self::{out::Place, printer::Printer};
use crate::{
    args::DeskArgs,
    driver::{Observer, Seen},
    record::{CreateError, Recorder, Summary},
};

/// Everything that watches the bridges of a desk. Cheap to clone; all clones are the same.
#[derive(Clone, Debug)]
pub struct Desk(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    printer: Option<Printer>,
    recording: Option<(PathBuf, Recorder)>,
}

impl Desk {
    /// Begins what the options ask for, if they ask for anything.
    ///
    /// # Errors
    /// If the recording cannot be written.
    pub fn begin(args: &DeskArgs, view: View) -> Result<Self, CreateError> {
        let recording = match &args.record {
            None => None,
            Some(path) => {
                let recorder = Recorder::create(path, args.record_redact)?;
                let warning = warning(path, args.record_redact);
                out::write(Place::Stderr, &format!("{warning}\n"));
                Some((path.clone(), recorder))
            }
        };
        let printer = Printer::start(view).map_err(CreateError::System)?;
        Ok(Self(Arc::new(Inner { printer, recording })))
    }

    /// This desk as an observer; none if there is nothing to see or to keep.
    pub fn observer(&self) -> Option<Arc<dyn Observer>> {
        let used = self.0.printer.is_some() || self.0.recording.is_some();
        used.then(|| Arc::new(self.clone()) as Arc<dyn Observer>)
    }

    /// Writes lines to stdout, between those of the live view.
    pub async fn say(&self, lines: String) {
        let desk = self.clone();
        let say = move || match &desk.0.printer {
            Some(printer) => printer.say(lines),
            None => out::write(Place::Stdout, &lines),
        };
        // A panic there has printed its own message.
        let _ = tokio::task::spawn_blocking(say).await;
    }

    /// Writes what still waits, and tells what became of the recording.
    pub async fn finish(&self) {
        if let Some(printer) = &self.0.printer {
            printer.finish();
        }
        if let Some((path, recorder)) = &self.0.recording {
            let told = recorded(path, recorder.finish().await);
            out::write(Place::Stderr, &format!("{told}\n"));
        }
    }
}

/// What became of the recording.
fn recorded(path: &std::path::Path, summary: Option<Summary>) -> String {
    let path = path.display();
    let Some(summary) = summary else {
        return format!("The recording {path} was not finished in time.");
    };
    let entries = match summary.entries {
        1 => "1 entry".to_owned(),
        entries => format!("{entries} entries"),
    };
    if summary.is_complete() {
        format!("Recorded {entries} in {path}.")
    } else {
        format!("Recorded {entries} in {path}, which is incomplete; the log says why.")
    }
}

impl Observer for Desk {
    fn saw(&self, pod: usize, seen: Seen<'_>) {
        if let Some((_, recorder)) = &self.0.recording {
            recorder.saw(pod, seen);
        }
        if let Some(printer) = &self.0.printer {
            printer.saw(pod, seen);
        }
    }
}

fn warning(path: &std::path::Path, redacted: bool) -> String {
    let path = path.display();
    if redacted {
        format!("Recording to {path}: methods, sizes and digests. It cannot be replayed.")
    } else {
        format!(
            "Recording to {path}: every argument and every result, secrets included. Look through it \
             before you pass it on, or use --record-redact."
        )
    }
}

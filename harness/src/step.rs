//! Steps that a person can follow: a name, the time while it runs and at its end, a log file, and
//! on failure one sentence with the end of that log.

use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

use crate::place::Place;

/// How often a running step says that it still runs: often enough not to look hung, seldom enough
/// that a CI log stays readable.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// How many lines of a failed step's log are shown: the cause is nearly always within a screen.
const TAIL_LINES: usize = 20;

/// A step has failed and has said so on the terminal: nothing is left to print.
#[derive(Debug, thiserror::Error)]
#[error("the step \"{name}\" failed")]
pub struct StepFailed {
    /// The step's name.
    pub name: String,
}

/// What a step gives: its result, and a few words about it for the terminal.
#[derive(Debug)]
pub struct Done<T> {
    /// What later steps use.
    pub value: T,
    /// For the terminal, for example a version.
    pub note: String,
}

impl<T> Done<T> {
    /// A result with its words.
    pub fn new(value: T, note: impl Into<String>) -> Self {
        Self {
            value,
            note: note.into(),
        }
    }
}

/// The step's log file.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    fn create(place: &Place, name: &str) -> io::Result<Self> {
        fs::create_dir_all(place.logs())?;
        let path = place.logs().join(format!("{}.log", name.replace(' ', "-")));
        let file = File::create(&path)?;
        Ok(Self { path, file })
    }

    /// The open file, for commands to write to.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Adds a line of our own: what was decided, and why.
    pub fn note(&self, line: &str) {
        use io::Write as _;
        // A log that cannot be written to must not fail the step that it is about.
        let _ = writeln!(&self.file, "{line}");
    }
}

/// Runs one step and tells about it.
///
/// # Errors
/// [`StepFailed`] after the failure was printed.
pub async fn step<T, E: Error>(
    place: &Place,
    name: &str,
    work: impl AsyncFnOnce(&Log) -> Result<Done<T>, E>,
) -> Result<T, StepFailed> {
    let start = Instant::now();
    let log = match Log::create(place, name) {
        Ok(log) => log,
        Err(error) => {
            let dir = place.logs();
            eprintln!(
                "FAIL {name}: its log cannot be written to {}: {error}",
                dir.display()
            );
            return Err(StepFailed {
                name: name.to_owned(),
            });
        }
    };
    let result = with_heartbeat(name, &log.path, start, work(&log)).await;
    let seconds = start.elapsed().as_secs_f64();
    match result {
        Ok(done) => {
            eprintln!(" ok  {name}: {} ({seconds:.1} s)", done.note);
            Ok(done.value)
        }
        Err(error) => {
            eprint!("{}", failure(name, seconds, &chain(&error), &log.path));
            Err(StepFailed {
                name: name.to_owned(),
            })
        }
    }
}

async fn with_heartbeat<T>(
    name: &str,
    log: &Path,
    start: Instant,
    work: impl Future<Output = T>,
) -> T {
    let mut beat = tokio::time::interval_at(start + HEARTBEAT, HEARTBEAT);
    tokio::pin!(work);
    loop {
        tokio::select! {
            result = &mut work => return result,
            _ = beat.tick() => {
                let seconds = start.elapsed().as_secs();
                eprintln!(" ..  {name}: {seconds} s so far, log {}", log.display());
            }
        }
    }
}

/// An error and its sources in one line.
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        // Writing to a String cannot fail.
        let _ = write!(line, ": {error}");
        source = error.source();
    }
    line
}

fn failure(name: &str, seconds: f64, sentence: &str, log: &Path) -> String {
    let mut text = format!("FAIL {name} after {seconds:.1} s: {sentence}\n");
    let content = fs::read(log).unwrap_or_default();
    let content = String::from_utf8_lossy(&content);
    let lines: Vec<&str> = content.lines().collect();
    let tail = &lines[lines.len().saturating_sub(TAIL_LINES)..];
    if !tail.is_empty() {
        let _ = writeln!(text, "     the end of {}:", log.display());
    }
    for line in tail {
        let _ = writeln!(text, "     | {line}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_shows_the_sentence_and_only_the_end_of_the_log() {
        let log = std::env::temp_dir().join(format!("hivewright-step-{}", std::process::id()));
        let lines: Vec<String> = (1..=30).map(|n| format!("line {n}")).collect();
        fs::write(&log, lines.join("\n")).expect("the temporary directory is writable");
        let text = failure("engine", 1.25, "it did not start", &log);
        fs::remove_file(&log).expect("the file is ours");
        assert!(
            text.starts_with("FAIL engine after 1.2 s: it did not start\n"),
            "{text}"
        );
        assert!(
            text.contains("| line 11\n") && text.contains("| line 30\n"),
            "{text}"
        );
        assert!(!text.contains("| line 10\n"), "{text}");
    }

    #[tokio::test]
    async fn a_failed_step_names_itself() {
        let cache = std::env::temp_dir().join(format!("hivewright-steps-{}", std::process::id()));
        let place = Place {
            project: cache.clone(),
            cache: cache.clone(),
            cluster: "none".to_owned(),
        };
        let failed = step(&place, "two words", async |log: &Log| {
            log.note("tried");
            Err::<Done<()>, _>(io::Error::other("broken"))
        })
        .await
        .unwrap_err();
        let log = fs::read_to_string(cache.join("logs/two-words.log")).expect("it was written");
        fs::remove_dir_all(&cache).expect("the directory is ours");
        assert_eq!(failed.name, "two words");
        assert_eq!(log, "tried\n");
    }
}

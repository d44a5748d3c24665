//! What the journal of the controller takes: measured by the controller's own bench, on this disk.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::place::Place;

/// Time to compile the bench and run it.
const BOUND: Duration = Duration::from_mins(30);

/// What was measured.
#[derive(Debug, Deserialize)]
pub struct Figures {
    /// Starts of servers, one after the other and as many at once as the controller has passes.
    runs: Vec<Run>,
    /// Bytes that the file holds in the end.
    bytes: u64,
}

/// Starts of servers.
#[derive(Debug, Deserialize)]
struct Run {
    /// Servers at once.
    at_once: u32,
    /// Passes that were kept.
    passes: u32,
    /// Events in them.
    events: u32,
    /// Time of all.
    seconds: f64,
    /// Time until half of the passes, and all but one in a hundred, were on the disk.
    p50_ms: f64,
    p99_ms: f64,
}

/// Runs the bench.
///
/// # Errors
/// When it cannot be compiled, or does not end well.
pub async fn run(place: &Place) -> Result<Figures> {
    let told = place
        .cmd("cargo")
        .args(["bench", "--quiet", "--locked"])
        .args(["--package", "hivewright-controller", "--bench", "journal"])
        .bound(BOUND)
        .text()
        .await
        .context("the bench of the journal did not run")?;
    serde_json::from_str(told.trim()).context("the bench of the journal printed no figures")
}

/// The section of docs/benchmarks.md.
pub fn section(figures: &Figures, machine: &str, date: &str) -> String {
    let mut text = format!(
        "## Journal\n\n{machine}, {date}. Servers start, with every event of a start; a pass goes on \
         when its events are on the disk.\n\n\
         | servers at once | passes/s | events/s | p50 of a pass | p99 |\n|---|---|---|---|---|\n"
    );
    for run in &figures.runs {
        let (passes, events) = (f64::from(run.passes), f64::from(run.events));
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.0} | {:.2} ms | {:.2} ms |",
            run.at_once,
            passes / run.seconds,
            events / run.seconds,
            run.p50_ms,
            run.p99_ms
        );
    }
    let events: u64 = figures.runs.iter().map(|run| u64::from(run.events)).sum();
    let kilobytes = figures.bytes * 1000 / events.max(1) / 1024;
    let _ = writeln!(text, "\n1,000 events take {kilobytes} KiB of the file.");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_has_a_line_for_each_run_and_the_size() {
        let run = |at_once| Run {
            at_once,
            passes: 600,
            events: 4_000,
            seconds: 2.0,
            p50_ms: 0.5,
            p99_ms: 1.5,
        };
        let figures = Figures {
            runs: vec![run(1), run(16)],
            bytes: 4_096_000,
        };
        let section = section(&figures, "a machine", "today");
        assert!(
            section.contains("| 16 | 300 | 2000 | 0.50 ms | 1.50 ms |"),
            "{section}"
        );
        assert!(section.contains("1,000 events take 500 KiB"), "{section}");
    }
}

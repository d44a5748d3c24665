//! The figures as Markdown.

use std::fmt::Write as _;

use super::{Figures, Mode};

/// The section of the page, for a machine in one line and a date.
pub fn section(figures: &Figures, machine: &str, date: &str) -> String {
    let mut text = format!(
        "## What it costs to be observed\n\nWritten by `make bench PART=observability ARGS=--write` on {date}: the proxy in \
         front of the stdio echo server, {} connections with one call at a time each, on {machine}, which the load, the \
         server and a collector that reads and forgets share. CPU is the proxy's own process; of each set of runs the \
         one with the least CPU is shown. Instructions are by callgrind, on one connection, and do not depend on what \
         else the machine does. Counting is always on, so it is measured by itself.\n\n\
         | what is told | calls/s | CPU us/call | more | instructions/call | more |\n|---|---|---|---|---|---|\n",
        figures.connections
    );
    let plain = figures
        .modes
        .iter()
        .find(|measured| measured.mode == Mode::Plain);
    let (micros, instructions) = plain.map_or((f64::NAN, f64::NAN), |plain| {
        (plain.round.cpu_micros, plain.instructions)
    });
    let counting = figures.counting;
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "| counting alone, part of each of the following | | {:.2} | {:.1} % of the call | {:.0} | {:.1} % of the call |",
        counting.micros,
        share(counting.micros, micros),
        counting.instructions,
        share(counting.instructions, instructions)
    );
    for measured in &figures.modes {
        let round = &measured.round;
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.1} | {:+.1} % | {:.0} | {:+.1} % |",
            measured.mode.name(),
            round.rate,
            round.cpu_micros,
            share(round.cpu_micros - micros, micros),
            measured.instructions,
            share(measured.instructions - instructions, instructions)
        );
    }
    text
}

fn share(part: f64, whole: f64) -> f64 {
    100.0 * part / whole
}

//! Instructions for one call, which do not depend on how busy the machine is.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};

use super::{
    catalog::{Line, Peer},
    ensure::Own,
    program::{Program, free_port},
};
use crate::{machine, place::Place};

/// Calls of the two runs; what differs between them is the difference of the runs.
const CALLS: [u32; 2] = [1000, 5000];

/// Instructions that the bridge executes for one call on one connection.
pub(super) async fn instructions(place: &Place, own: &Own) -> Result<f64> {
    of(place, own, &|port| Peer::Ours.line(place, own, port)).await
}

/// As [`instructions`], of what is started by this line.
pub(super) async fn of(place: &Place, own: &Own, line: &dyn Fn(u16) -> Line) -> Result<f64> {
    if machine::find(place, "valgrind").is_none() {
        bail!("valgrind is not here; install it (on Debian: apt-get install valgrind)");
    }
    let few = total(place, own, CALLS[0], line).await?;
    let many = total(place, own, CALLS[1], line).await?;
    Ok((many - few) / f64::from(CALLS[1] - CALLS[0]))
}

async fn total(place: &Place, own: &Own, calls: u32, line: &dyn Fn(u16) -> Line) -> Result<f64> {
    let out = place.logs().join(format!("callgrind-{calls}.out"));
    let port = free_port()?;
    let mut line = line(port);
    let valgrind = [
        "valgrind".to_owned(),
        "--tool=callgrind".to_owned(),
        format!("--callgrind-out-file={}", out.display()),
    ];
    // What sets the environment comes first.
    let proxy = own.proxy.display().to_string();
    let at = line.command.iter().position(|word| *word == proxy);
    let at = at.context("the line has no program of ours")?;
    line.command.splice(at..at, valgrind);
    let program = Program::start(place, own, line, port).await?;
    let args = [
        "--max-calls",
        &calls.to_string(),
        "--seconds",
        "110",
        "--warm-up",
        "0",
    ];
    let report = program.load(own, &args).await?;
    anyhow::ensure!(
        report.calls == calls,
        "only {} calls were made",
        report.calls
    );
    program.interrupt().await?;
    read(&out)
}

/// The total of an output file: its line `totals: N` or, with several parts, `summary: N`.
pub(super) fn read(out: &Path) -> Result<f64> {
    let text = fs::read_to_string(out).context("callgrind wrote nothing")?;
    total_of(&text).context("callgrind's output has no total")
}

fn total_of(text: &str) -> Option<f64> {
    let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
    let total = line("totals:").or_else(|| line("summary:"))?;
    total.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read_from_either_line() {
        assert_eq!(total_of("x\ntotals: 120\n"), Some(120.0));
        assert_eq!(total_of("summary: 7 8\n"), Some(7.0));
        assert_eq!(total_of("events: Ir\n"), None);
    }
}

//! What it costs a call that it is counted, traced and audited.
//!
//! ```text
//!  load ──> ours, as it is ───────────┐
//!  load ──> ours, exporting metrics ──┤
//!  load ──> ours, 1 trace in 10 ──────┼──> us and instructions for one call, and how much more that is
//!  load ──> ours, every trace ────────┤
//!  load ──> ours, audit log ──────────┘
//!  the fold of metrics by itself ────────> us and instructions of counting
//! ```
//!
//! Metrics are always counted, so what counting costs is measured by itself. Nobody keeps what is
//! exported: the collector here reads and forgets.

mod mode;
pub mod page;
mod sink;

use anyhow::{Context as _, Result, ensure};

pub use self::mode::Mode;
use super::{
    Round, callgrind,
    ensure::{self, Own},
    measure::round,
    program::{Program, free_port},
};
use crate::{images::executables, place::Place};

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Connections.
    pub connections: u32,
    /// Seconds of each run, after two of warm-up.
    pub seconds: u32,
    /// How often each is repeated, in turns, so that a busy moment of the machine meets all; the
    /// least CPU of a mode counts.
    pub runs: usize,
}

/// One mode.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Which.
    pub mode: Mode,
    /// Its best run.
    pub round: Round,
    /// Instructions for one call, by callgrind.
    pub instructions: f64,
}

/// What counting one call costs.
#[derive(Clone, Copy, Debug)]
pub struct Counting {
    /// In microseconds.
    pub micros: f64,
    /// In instructions.
    pub instructions: f64,
}

/// What was measured.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Connections.
    pub connections: u32,
    /// Of metrics alone.
    pub counting: Counting,
    /// Each mode, the plain one first.
    pub modes: Vec<Measured>,
}

/// Builds ours and measures one mode after the other.
///
/// # Errors
/// Ours does not build or start, a load run failed, or valgrind is missing.
pub async fn run(place: &Place, plan: &Plan) -> Result<Figures> {
    let own = ensure::own(place).await?;
    let counting = counting(place).await?;
    let sink = sink::open().await?;
    let mut rounds: Vec<Option<Round>> = vec![None; Mode::ALL.len()];
    for _ in 0..plan.runs {
        for (mode, best) in Mode::ALL.iter().zip(&mut rounds) {
            let port = free_port()?;
            let line = mode.line(place, &own, (port, sink));
            let program = Program::start(place, &own, line, port).await?;
            let run = round(&program, &own, plan.connections, plan.seconds).await?;
            ensure!(run.errors == 0, "{} calls failed", run.errors);
            let better = best
                .as_ref()
                .is_none_or(|best| run.cpu_micros < best.cpu_micros);
            if better {
                *best = Some(run);
            }
        }
    }
    let mut modes = Vec::new();
    for (mode, round) in Mode::ALL.iter().zip(rounds) {
        modes.push(Measured {
            mode: *mode,
            round: round.context("--runs must be at least 1")?,
            instructions: instructions(place, &own, (*mode, sink)).await?,
        });
    }
    Ok(Figures {
        connections: plan.connections,
        counting,
        modes,
    })
}

async fn instructions(place: &Place, own: &Own, (mode, sink): (Mode, u16)) -> Result<f64> {
    let line = |port| mode.line(place, own, (port, sink));
    callgrind::of(place, own, &line).await
}

/// Calls of the two runs under callgrind.
const FEW: [&str; 2] = ["1000", "11000"];

async fn counting(place: &Place) -> Result<Counting> {
    const NAME: &str = "metrics_cost";
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let cargo = place.cmd("cargo").args(["build", "--release", "--locked"]);
    let cargo = cargo.args([
        "--message-format=json-render-diagnostics",
        "--target",
        &target,
    ]);
    let cargo = cargo.env("RUSTFLAGS", "-C target-feature=+crt-static");
    let cargo = cargo.args(["-p", "hivewright-proxy", "--example", NAME]);
    let built = executables(&cargo.bound(ensure::BUILD_BOUND).text().await?);
    let program = built.get(NAME).context("cargo built no example")?;
    let program = program.display().to_string();
    let micros = place.cmd(&program).arg("2000000").text().await?;
    let mut totals = [0.0; 2];
    for (calls, total) in FEW.iter().zip(&mut totals) {
        let out = place.logs().join(format!("callgrind-metrics-{calls}.out"));
        let to = format!("--callgrind-out-file={}", out.display());
        let valgrind = place.cmd("valgrind").args(["--tool=callgrind", &to]);
        valgrind.args([&program, *calls]).text().await?;
        *total = callgrind::read(&out)?;
    }
    Ok(Counting {
        micros: micros
            .trim()
            .parse()
            .context("the example printed no number")?,
        instructions: (totals[1] - totals[0]) / 10_000.0,
    })
}

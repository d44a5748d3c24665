//! The measurements.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::time::sleep;

use super::{
    Plan,
    catalog::Peer,
    ensure::Own,
    program::{Program, Report, free_port, load},
};
use crate::place::Place;

/// Seconds before the measured ones.
const WARM_UP: u32 = 2;
/// After the start, until memory is looked at.
const SETTLE: Duration = Duration::from_secs(2);
/// Sessions that are opened to learn what one takes: so many that the allocator's slack is no part of it.
const IDLE_SESSIONS: u32 = 2000;
/// Of the others, which keep a process or some 100 KiB for each.
const IDLE_SESSIONS_OF_OTHERS: u32 = 50;
/// Sessions with a call a second each.
const STEADY_SESSIONS: u32 = 1000;
/// For so many seconds.
const STEADY_SECONDS: u32 = 60;
/// Streams with a thousand notifications a second each.
const FLOOD: &str = "10";
/// Seconds of the flood, and of the quiet before it.
const FLOOD_SECONDS: u32 = 10;

/// The server without a bridge: so many callers on its stdin at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Bare {
    /// Callers.
    pub connections: u32,
    /// Calls a second.
    pub rate: f64,
    /// Half of the answers came within this, in milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 answers came within this, in milliseconds.
    pub p99_ms: f64,
}

/// One measurement of a bridge.
#[derive(Clone, Debug)]
pub struct Round {
    /// Connections, with one call at a time each, all in one session.
    pub connections: u32,
    /// Right answers a second.
    pub rate: f64,
    /// Half of them came within this, in milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 came within this, in milliseconds.
    pub p99_ms: f64,
    /// CPU of the bridge for one call, in microseconds.
    pub cpu_micros: f64,
    /// Calls without a right answer.
    pub errors: u32,
}

/// One bridge.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Which.
    pub peer: Peer,
    /// Resident memory after its start, in MiB.
    pub idle_mib: f64,
    /// What one more session takes, in KiB.
    pub session_kib: f64,
    /// For each number of connections, the round with the median rate.
    pub rounds: Vec<Round>,
}

/// Many sessions with one call a second each.
#[derive(Clone, Copy, Debug)]
pub struct Steady {
    /// Sessions, each on a connection of its own.
    pub sessions: u32,
    /// Seconds.
    pub seconds: u32,
    /// Right answers.
    pub calls: u32,
    /// Calls without one.
    pub errors: u32,
    /// 99 of 100 came within this, in milliseconds.
    pub p99_ms: f64,
    /// Resident memory after the first half of the time and at its end, in MiB.
    pub resident_mib: (f64, f64),
}

/// Calls on one connection, quiet and with a flood of notifications to another session.
#[derive(Clone, Copy, Debug)]
pub struct Flood {
    /// Notifications a second that came.
    pub rate: f64,
    /// 99 of 100 quiet answers came within this, in milliseconds.
    pub quiet_p99_ms: f64,
    /// The same during the flood.
    pub p99_ms: f64,
    /// Calls without a right answer.
    pub errors: u32,
}

/// Without any bridge.
pub(super) async fn bare(own: &Own, plan: &Plan) -> Result<Vec<Bare>> {
    let mut all = Vec::new();
    for connections in &plan.connections {
        let [number, seconds] = [connections, &plan.seconds].map(u32::to_string);
        let echo = own.echo.display().to_string();
        let args = ["--connections", &number, "--seconds", &seconds, "--", &echo];
        let report = load(&own.load, &args).await?;
        ensure!(
            report.errors == 0,
            "the bare server: {:?}",
            report.first_error
        );
        all.push(Bare {
            connections: *connections,
            rate: report.calls_per_second,
            p50_ms: report.p50_ms,
            p99_ms: report.p99_ms,
        });
    }
    Ok(all)
}

/// One bridge, from its start to its end.
pub(super) async fn bridge(place: &Place, own: &Own, peer: Peer, plan: &Plan) -> Result<Measured> {
    let (idle_mib, session_kib) = memory(place, own, peer).await?;
    let program = start(place, own, peer).await?;
    sleep(SETTLE).await;
    let mut rounds = Vec::new();
    for connections in &plan.connections {
        rounds.push(median(&program, own, plan, *connections).await?);
    }
    Ok(Measured {
        peer,
        idle_mib,
        session_kib,
        rounds,
    })
}

/// Of a process that has served nobody: its memory in MiB, and what one more session takes in KiB. After
/// calls, sessions would find room in what the calls have left.
async fn memory(place: &Place, own: &Own, peer: Peer) -> Result<(f64, f64)> {
    let program = start(place, own, peer).await?;
    sleep(SETTLE).await;
    let idle = program.usage()?.resident_mib;
    let sessions = match peer {
        Peer::Ours => IDLE_SESSIONS,
        Peer::RustProxy
        | Peer::NpmProxy
        | Peer::Supergateway
        | Peer::PythonProxy
        | Peer::ContextForge
        | Peer::FastMcp => IDLE_SESSIONS_OF_OTHERS,
    };
    program
        .load(own, &["--open", &sessions.to_string()])
        .await?;
    let session_kib = (program.usage()?.resident_mib - idle) * 1024.0 / f64::from(sessions);
    eprintln!(
        "{}: {idle:.1} MiB idle, {session_kib:.1} KiB a session",
        peer.name()
    );
    Ok((idle, session_kib.max(0.0)))
}

async fn start(place: &Place, own: &Own, peer: Peer) -> Result<Program> {
    let port = free_port()?;
    let line = peer.line(place, own, port);
    if peer == Peer::RustProxy {
        let config = format!(
            "[proxy]\nname = \"peer\"\n[proxy.listen]\nhost = \"127.0.0.1\"\nport = {port}\n\
             [[backends]]\nname = \"x\"\ntransport = \"stdio\"\ncommand = {:?}\nargs = []\n",
            own.echo.display().to_string()
        );
        let file = line.command.last().context("it has a configuration file")?;
        std::fs::write(file, config)?;
    }
    Program::start(place, own, line, port).await
}

async fn median(program: &Program, own: &Own, plan: &Plan, connections: u32) -> Result<Round> {
    let mut rounds = Vec::new();
    for _ in 0..plan.runs {
        rounds.push(round(program, own, connections, plan.seconds).await?);
    }
    rounds.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    let round = rounds.into_iter().nth(plan.runs / 2);
    round.context("--runs must be at least 1")
}

pub(super) async fn round(
    program: &Program,
    own: &Own,
    connections: u32,
    seconds: u32,
) -> Result<Round> {
    let before = program.usage()?;
    let numbers = [connections, seconds, WARM_UP].map(|number| number.to_string());
    let args = [
        "--connections",
        &numbers[0],
        "--seconds",
        &numbers[1],
        "--warm-up",
        &numbers[2],
    ];
    let report = program.load(own, &args).await?;
    let after = program.usage()?;
    Ok(rated(
        connections,
        &report,
        after.cpu_seconds - before.cpu_seconds,
    ))
}

fn rated(connections: u32, report: &Report, cpu_seconds: f64) -> Round {
    let calls = f64::from(report.calls) + f64::from(report.warm_up_calls);
    let round = Round {
        connections,
        rate: report.calls_per_second,
        p50_ms: report.p50_ms,
        p99_ms: report.p99_ms,
        cpu_micros: cpu_seconds * 1e6 / calls,
        errors: report.errors,
    };
    eprintln!(
        "  {connections} connections: {:.0} calls/s, p50 {:.2} ms, p99 {:.2} ms, {:.0} us, {} errors {}",
        round.rate,
        round.p50_ms,
        round.p99_ms,
        round.cpu_micros,
        round.errors,
        report.first_error.as_deref().unwrap_or_default()
    );
    round
}

/// Ours with many sessions for a while: the first half warms up, the second is measured.
pub(super) async fn steady(place: &Place, own: &Own) -> Result<Steady> {
    let program = start(place, own, Peer::Ours).await?;
    let numbers = [STEADY_SESSIONS, STEADY_SECONDS].map(|number| number.to_string());
    let args = [
        "--connections",
        &numbers[0],
        "--sessions",
        "own",
        "--every-ms",
        "1000",
        "--seconds",
        &numbers[1],
        "--warm-up",
        "5",
    ];
    let half = async {
        sleep(Duration::from_secs(u64::from(STEADY_SECONDS / 2))).await;
        program.usage()
    };
    let (report, middle) = tokio::join!(program.load(own, &args), half);
    let (report, end) = (report?, program.usage()?);
    Ok(Steady {
        sessions: STEADY_SESSIONS,
        seconds: STEADY_SECONDS,
        calls: report.calls,
        errors: report.errors,
        p99_ms: report.p99_ms,
        resident_mib: (middle?.resident_mib, end.resident_mib),
    })
}

/// Ours with a flood of notifications in one session and calls in another.
pub(super) async fn flood(place: &Place, own: &Own) -> Result<Flood> {
    let program = start(place, own, Peer::Ours).await?;
    let seconds = FLOOD_SECONDS.to_string();
    let quiet = ["--seconds", &seconds, "--every-ms", "2"];
    let before = program.load(own, &quiet).await?;
    let during = program
        .load(own, &[&quiet[..], &["--flood", FLOOD]].concat())
        .await?;
    Ok(Flood {
        rate: f64::from(during.notifications) / f64::from(FLOOD_SECONDS + WARM_UP),
        quiet_p99_ms: before.p99_ms,
        p99_ms: during.p99_ms,
        errors: before.errors + during.errors,
    })
}

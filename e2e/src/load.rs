//! A load generator for one MCP server behind Streamable HTTP.
//!
//! ```text
//!  Plan ──> N connections, each: initialize (or the shared session) ──> warm-up ──> measured calls
//!              │  keep-alive HTTP/1.1, one call at a time                               │
//!              └──────────────── latencies, errors ──> Report (JSON) <──────────────────┘
//! ```
//!
//! It is bounded three ways: connections, seconds, and calls. Every answer is checked against what
//! was sent, so a rate is a rate of right answers.

mod caller;
mod connection;
mod flood;
mod message;
mod pipe;
mod plan;
mod reach;
mod report;
mod session;

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use tokio::time::{Instant, sleep_until};

use caller::Caller;
use flood::Flood;
use pipe::Pipe;
pub use plan::{Plan, Sessions};
pub use report::Report;
use session::Session;

/// What one connection saw: latencies of right answers in microseconds, and the other calls.
#[derive(Debug, Default)]
struct Seen {
    micros: Vec<u32>,
    warm_up_calls: u64,
    errors: u64,
    first_error: Option<String>,
}

/// [`run`] on a runtime of its own. One thread: the generator must not take both cores of a small
/// machine from what it measures.
///
/// # Errors
/// As [`run`].
pub fn run_blocking(plan: &Plan) -> Result<Report> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(run(plan))
}

/// Runs the plan.
///
/// # Errors
/// The server cannot be reached, or does not open a session.
pub async fn run(plan: &Plan) -> Result<Report> {
    plan.check()?;
    if plan.command.is_empty() {
        reach::reach(&plan.target).await?;
    }
    if plan.open > 0 {
        for _ in 0..plan.open {
            open(plan).await?;
        }
        return Ok(Report::new(plan, Vec::new(), 0));
    }
    let callers = callers(plan).await?;
    let flood = Flood::start(plan);
    let begin = Instant::now() + plan.warm_up();
    let end = begin + plan.duration();
    let tasks: Vec<_> = (0..plan.connections)
        .map(|number| {
            let caller = callers[number % callers.len()].clone();
            tokio::spawn(calls(plan.clone(), caller, number, (begin, end)))
        })
        .collect();
    let mut seen = Vec::new();
    for task in tasks {
        seen.push(task.await??);
    }
    let notifications = flood.end()?;
    for caller in callers {
        caller.close().await?;
    }
    Ok(Report::new(plan, seen, notifications))
}

async fn callers(plan: &Plan) -> Result<Vec<Caller>> {
    if !plan.command.is_empty() {
        let pipe = Pipe::open(&plan.command).await?;
        return Ok(vec![Caller::Pipe(Arc::new(pipe))]);
    }
    let mut callers = Vec::new();
    for _ in 0..plan.sessions() {
        callers.push(Caller::Http(match plan.sessions {
            Sessions::None => Session::none(plan),
            Sessions::Shared | Sessions::Own => open(plan).await?,
        }));
    }
    Ok(callers)
}

async fn open(plan: &Plan) -> Result<Session> {
    let session = Session::open(plan).await;
    session.context("no session could be opened")
}

async fn calls(
    plan: Plan,
    caller: Caller,
    number: usize,
    (begin, end): (Instant, Instant),
) -> Result<Seen> {
    let mut way = caller.way(&plan).await?;
    let mut seen = Seen::default();
    let padding = "x".repeat(plan.bytes);
    let mut due = Instant::now();
    for call in 0..plan.max_calls {
        if let Some(every) = plan.every() {
            due += every;
            sleep_until(due).await;
        }
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        let text = format!("{number}-{call}-{padding}");
        let id = ((number as u64 + 1) << 32) | call;
        match way.echo(id, &text).await {
            Ok(()) if sent < begin => seen.warm_up_calls += 1,
            Ok(()) => seen.micros.push(u32::try_from(sent.elapsed().as_micros())?),
            Err(error) => {
                seen.errors += 1;
                seen.first_error.get_or_insert_with(|| format!("{error:#}"));
                ensure!(seen.errors < plan.max_errors, "{error:#}; gave up");
                way = caller.way(&plan).await?;
            }
        }
    }
    Ok(seen)
}

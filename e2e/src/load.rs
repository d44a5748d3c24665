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

mod connection;
mod plan;
mod report;
mod session;

use anyhow::{Context, Result, ensure};
use tokio::time::Instant;

use connection::Connection;
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
    let mut sessions = Vec::new();
    for _ in 0..plan.sessions() {
        sessions.push(
            Session::open(&plan.target)
                .await
                .context("no session could be opened")?,
        );
    }
    let begin = Instant::now() + plan.warm_up();
    let end = begin + plan.duration();
    let tasks: Vec<_> = (0..plan.connections)
        .map(|number| {
            let session = sessions[number % sessions.len()].clone();
            tokio::spawn(calls(plan.clone(), session, number, begin, end))
        })
        .collect();
    let mut seen = Vec::new();
    for task in tasks {
        seen.push(task.await??);
    }
    for session in sessions {
        session.close().await?;
    }
    Ok(Report::new(plan, seen))
}

async fn calls(
    plan: Plan,
    session: Session,
    number: usize,
    begin: Instant,
    end: Instant,
) -> Result<Seen> {
    let mut connection = Connection::open(&plan.target).await?;
    let mut seen = Seen::default();
    let padding = "x".repeat(plan.bytes);
    for call in 0..plan.max_calls {
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        let text = format!("{number}-{call}-{padding}");
        let id = ((number as u64) << 32) | call;
        let outcome = session.echo(&mut connection, id, &text).await;
        match outcome {
            Ok(()) if sent < begin => seen.warm_up_calls += 1,
            Ok(()) => seen.micros.push(u32::try_from(sent.elapsed().as_micros())?),
            Err(error) => {
                seen.errors += 1;
                seen.first_error.get_or_insert_with(|| format!("{error:#}"));
                ensure!(seen.errors < plan.max_errors, "{error:#}; gave up");
                connection = Connection::open(&plan.target).await?;
            }
        }
    }
    Ok(seen)
}

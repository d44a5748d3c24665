//! Calls of one session that flow while something breaks, each checked to the letter.
//!
//! ```text
//!  4 callers  echo      ──┐
//!  4 callers  slow, 1-3 s ├──> one session, one call of each caller at a time ──> Tally
//!  3 callers  progress  ──┘     until told to stop
//! ```

use std::{ops::AddAssign, time::Duration};

use anyhow::{Context as _, Result, ensure};
use futures::future::try_join_all;
use hivewright_harness::mcp::{message, streamable::Session};
use serde_json::{Value, json};
use tokio::{sync::watch, time::sleep};

/// Callers of `echo`.
const ECHOES: usize = 4;
/// Callers of `slow`.
const SLOW: usize = 4;
/// Callers of `progress`.
const PROGRESS: usize = 3;
/// Notifications of one such call, and milliseconds between them: one falls into every break.
const STEPS: u32 = 60;
const STEP_MS: u32 = 15;
/// Time between two calls of a caller: lines flow all the time, and leave the node to others.
const PAUSE: Duration = Duration::from_millis(10);
/// Ids of one caller, which no other caller uses.
const IDS: i64 = 1_000_000;

/// What came of the calls.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    /// Calls that were answered right, once.
    pub(super) right: u64,
    /// Calls that failed because nobody can know whether they arrived.
    pub(super) in_doubt: u32,
    /// Notifications of progress that came in order.
    pub(super) steps: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.right += other.right;
        self.in_doubt += other.in_doubt;
        self.steps += other.steps;
    }
}

/// What a caller calls.
#[derive(Clone, Copy, Debug)]
enum Tool {
    Echo,
    Slow,
    Progress,
}

impl Tool {
    /// The call with this id; the text, which no other call has, is the token of its progress too.
    fn call(self, id: i64, text: &str) -> Value {
        match self {
            Self::Echo => message::call(id, "echo", json!({ "text": text })),
            Self::Slow => {
                let ms = 1000 + id % 5 * 500;
                message::call(id, "slow", json!({ "ms": ms, "text": text }))
            }
            Self::Progress => {
                let arguments = json!({ "steps": STEPS, "ms": STEP_MS, "text": text });
                message::call_with_progress(id, "progress", arguments, text)
            }
        }
    }

    /// The notifications that belong to it.
    fn steps(self, text: &str) -> Vec<Value> {
        let steps = match self {
            Self::Echo | Self::Slow => 0,
            Self::Progress => STEPS,
        };
        let params = |step| {
            json!({
                "progressToken": text, "progress": step, "total": steps, "message": text,
            })
        };
        (1..=steps)
            .map(|step| message::notification("notifications/progress", params(step)))
            .collect()
    }
}

/// Calls in the session until told to stop; ends when every call has its answer.
pub(super) async fn flow(session: &Session, stop: &watch::Receiver<bool>) -> Result<Tally> {
    let callers = [
        (Tool::Echo, ECHOES),
        (Tool::Slow, SLOW),
        (Tool::Progress, PROGRESS),
    ];
    let tools = callers
        .into_iter()
        .flat_map(|(tool, count)| std::iter::repeat_n(tool, count));
    let callers = (1..)
        .zip(tools)
        .map(|(number, tool)| caller(session, stop, number, tool));
    let mut all = Tally::default();
    for tally in try_join_all(callers).await? {
        all += tally;
    }
    Ok(all)
}

async fn caller(
    session: &Session,
    stop: &watch::Receiver<bool>,
    number: i64,
    tool: Tool,
) -> Result<Tally> {
    let mut all = Tally::default();
    let mut ids = number * IDS..(number + 1) * IDS;
    while !*stop.borrow() {
        let id = ids.next().context("a caller has no more ids")?;
        let text = format!("{tool:?} {id}");
        let called = call(session, tool, id, &text).await;
        all += called.with_context(|| format!("the call {text:?}"))?;
        sleep(PAUSE).await;
    }
    Ok(all)
}

/// One call, from its first message to the end of its stream.
async fn call(session: &Session, tool: Tool, id: i64, text: &str) -> Result<Tally> {
    let mut messages = session.request(&tool.call(id, text)).await?;
    let mut heard = Vec::new();
    while let Some(message) = messages.next().await? {
        heard.push(message);
    }
    let answer = heard.pop().context("it has no answer")?;
    ensure!(answer["id"] == json!(id), "it was answered {answer}");
    if answer.pointer("/error/data/reason") == Some(&json!("delivery_unknown")) {
        // A call that has spoken has arrived.
        ensure!(heard.is_empty(), "it is in doubt after {heard:?}");
        return Ok(Tally {
            in_doubt: 1,
            ..Tally::default()
        });
    }
    ensure!(
        message::text(&answer) == Some(text),
        "it was answered {answer}"
    );
    let steps = tool.steps(text);
    ensure!(heard == steps, "it heard {heard:?}");
    Ok(Tally {
        right: 1,
        in_doubt: 0,
        steps: steps.len() as u64,
    })
}

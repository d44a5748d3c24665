//! Calls that use up the budgets of a server, and calls that make them small again.

use anyhow::{Context as _, Result, ensure};
use futures::future::{join_all, try_join_all};
use hivewright_harness::mcp::{message, streamable::Session};
use serde_json::json;

/// Calls that go wrong at once: more than the failures that an alert needs.
const WRONG: i64 = 8;
/// Longer than the target of ten seconds.
const TOO_SLOW_MS: u64 = 10_500;
/// Longer than the process lives.
const TOO_LONG_MS: u64 = 60_000;
/// Good calls after eight bad ones: with two thousand the half per cent that may fail is not
/// exceeded over hours either.
const CALLERS: i64 = 16;
const CALLS: i64 = 400;
/// Ids of one caller, which no other one uses.
const IDS: i64 = 10_000;

/// So many calls of a tool that need so long, each with an id of its own.
async fn wait(session: &Session, ids: i64, ms: u64) -> Result<Vec<Option<i64>>> {
    let calls = (0..WRONG)
        .map(|number| session.call(ids + number, "slow", json!({ "ms": ms, "text": "x" })));
    let answers = try_join_all(calls).await?;
    Ok(answers.iter().map(message::error_code).collect())
}

/// Calls that are answered, and too late.
pub(super) async fn too_slow(session: &Session) -> Result<()> {
    let errors = wait(session, IDS, TOO_SLOW_MS).await?;
    ensure!(errors.iter().all(Option::is_none), "{errors:?}");
    Ok(())
}

/// Calls whose process ends before it has answered.
pub(super) async fn lost(session: &Session) -> Result<()> {
    let end = async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        session.call(3 * IDS, "exit", json!({ "code": 3 })).await
    };
    let (errors, _) = tokio::try_join!(wait(session, 2 * IDS, TOO_LONG_MS), end)?;
    ensure!(errors.iter().all(Option::is_some), "{errors:?}");
    Ok(())
}

/// Thousands of calls that are answered at once.
pub(super) async fn good(session: &Session) -> Result<()> {
    let callers = (0..CALLERS).map(async |caller| {
        for call in 0..CALLS {
            let id = (4 + caller) * IDS + call;
            session.text(id, "echo", json!({ "text": "x" })).await?;
        }
        anyhow::Ok(())
    });
    let all: Result<Vec<()>> = join_all(callers).await.into_iter().collect();
    all.context("a good call").map(drop)
}

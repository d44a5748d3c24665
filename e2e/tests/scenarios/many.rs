//! Many clients of one process.

use anyhow::{Context as _, Result, ensure};
use futures::future::{join_all, try_join_all};
use hivewright_harness::mcp::{
    message, rust_sdk::RustClient, sse::SseSession, streamable::Session,
};
use serde_json::json;

use crate::support::{Echo, beside_others, echo};

/// Raw clients on each of the two doors; with those of the Rust SDK they are twenty.
const ON_EACH_DOOR: usize = 8;
/// Clients of the Rust SDK.
const SDK_CLIENTS: usize = 4;
/// Rounds of calls of each client.
const ROUNDS: usize = 10;
/// Calls in flight of each client, with the same ids in all of them.
const IN_FLIGHT: i64 = 4;

fn payload(client: &str, round: usize, id: i64) -> String {
    format!("{client} in round {round} with id {id}: \u{1F41D} \u{2028} \"quoted\"")
}

/// One round on `/mcp`: every call on a connection of its own, answers in any order.
async fn streamable_round(session: &Session, client: &str, round: usize) -> Result<()> {
    let calls = (1..=IN_FLIGHT).map(|id| async move {
        let text = payload(client, round, id);
        let arguments = json!({ "text": text, "ms": (5 - id) * 10 });
        let tool = if id % 2 == 0 { "slow" } else { "echo" };
        let answer = session.text(id, tool, arguments).await?;
        ensure!(answer == text, "{client} was given {answer:?}");
        Ok(())
    });
    try_join_all(calls).await?;
    Ok(())
}

async fn streamable_client(echo: &Echo, number: usize) -> Result<()> {
    let client = format!("streamable-{number}");
    let session = echo.raw.open(&client).await?;
    for round in 0..ROUNDS {
        streamable_round(&session, &client, round).await?;
    }
    session.close().await?;
    Ok(())
}

/// One round on `/sse`: all calls first, then all answers from the one stream.
async fn sse_round(session: &mut SseSession, client: &str, round: usize) -> Result<()> {
    for id in 1..=IN_FLIGHT {
        let arguments = json!({ "text": payload(client, round, id), "ms": (5 - id) * 10 });
        let tool = if id % 2 == 0 { "slow" } else { "echo" };
        session.post(&message::call(id, tool, arguments)).await?;
    }
    for _ in 1..=IN_FLIGHT {
        let answer = session.next().await?;
        let id = answer["id"]
            .as_i64()
            .with_context(|| format!("not an answer: {answer}"))?;
        let expected = payload(client, round, id);
        ensure!(
            message::text(&answer) == Some(&expected),
            "{client} was given {answer}"
        );
    }
    Ok(())
}

async fn sse_client(echo: &Echo, number: usize) -> Result<()> {
    let client = format!("sse-{number}");
    let mut session = SseSession::open(&echo.forward.url(""), &client).await?;
    for round in 0..ROUNDS {
        sse_round(&mut session, &client, round).await?;
    }
    ensure!(
        session.kept().is_empty(),
        "{client} was sent messages of others"
    );
    Ok(())
}

async fn sdk_client(echo: &Echo, number: usize) -> Result<()> {
    let name = format!("sdk-{number}");
    let client = RustClient::connect(&echo.forward.url("/mcp"), &name).await?;
    for round in 0..ROUNDS {
        let calls = (1..=IN_FLIGHT).map(|id| {
            let text = payload(&name, round, id);
            let client = &client;
            async move {
                let answer = client.call("echo", json!({ "text": text })).await?;
                ensure!(answer == text, "an SDK client was given {answer:?}");
                Ok(())
            }
        });
        try_join_all(calls).await?;
    }
    client.close().await
}

#[tokio::test]
async fn twenty_clients_with_the_same_ids_each_get_their_own_answers() -> Result<()> {
    beside_others("many", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        let streamable = join_all((0..ON_EACH_DOOR).map(|n| streamable_client(&echo, n)));
        let sse = join_all((0..ON_EACH_DOOR).map(|n| sse_client(&echo, n)));
        let sdk = join_all((0..SDK_CLIENTS).map(|n| sdk_client(&echo, n)));
        let (streamable, sse, sdk) = futures::join!(streamable, sse, sdk);
        let outcomes = streamable.into_iter().chain(sse).chain(sdk);
        outcomes.collect::<Result<Vec<()>>>()?;
        Ok(())
    })
    .await
}

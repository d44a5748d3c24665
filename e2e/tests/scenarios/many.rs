//! Many clients of one process.

use anyhow::{Context as _, Result, ensure};
use futures::future::{join_all, try_join_all};
use hivewright_harness::{
    mcp::{message, rust_sdk::RustClient, sse::SseSession, streamable::Session},
    wait::POLL,
};
use serde_json::{Value, json};

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

/// A call with progress under the token that all clients use; gives the texts of the progress.
async fn progress(session: &Session, client: &str) -> Result<Vec<Value>> {
    let arguments = json!({ "steps": 5, "ms": 50, "text": client });
    let call = message::call_with_progress(1, "progress", arguments, "the-same-token");
    let mut messages = session.request(&call).await?;
    let mut heard = Vec::new();
    while let Some(message) = messages.next().await? {
        if message::is_answer(&message) {
            ensure!(
                message::text(&message) == Some(client),
                "{client} was given {message}"
            );
            return Ok(heard);
        }
        heard.push(message["params"].clone());
    }
    anyhow::bail!("no answer for {client}")
}

async fn progress_is_heard_by_who_asked(echo: &Echo) -> Result<()> {
    let names: Vec<String> = (0..6).map(|number| format!("walker-{number}")).collect();
    let sessions = try_join_all(names.iter().map(|name| echo.raw.open(name))).await?;
    let calls = sessions
        .iter()
        .zip(&names)
        .map(|(session, name)| progress(session, name));
    for (heard, name) in try_join_all(calls).await?.iter().zip(&names) {
        ensure!(heard.len() == 5, "{name} heard {heard:?}");
        for params in heard {
            let (token, text) = (&params["progressToken"], &params["message"]);
            ensure!(
                token == "the-same-token" && text == name,
                "{name} heard {params}"
            );
        }
    }
    Ok(())
}

/// Waits until the server has what was sent before: the other call is on its way by then, and this
/// one goes the same way after it.
async fn at_the_server(session: &Session) -> Result<()> {
    tokio::time::sleep(POLL).await;
    session.text(99, "whoami", json!({})).await?;
    Ok(())
}

/// The first message that comes for a slow call with the id that both sessions use.
async fn slow(session: &Session, text: &str) -> Result<Option<Value>> {
    let call = message::call(7, "slow", json!({ "ms": 1500, "text": text }));
    session.request(&call).await?.next().await
}

async fn cancelling_touches_only_the_own_call(echo: &Echo) -> Result<()> {
    let (impatient, patient) = (
        echo.raw.open("impatient").await?,
        echo.raw.open("patient").await?,
    );
    let cancel = async {
        at_the_server(&impatient).await?;
        let params = json!({ "requestId": 7 });
        impatient
            .tell(&message::notification("notifications/cancelled", params))
            .await
    };
    let (given_up, wanted, cancelled) = tokio::join!(
        slow(&impatient, "unwanted"),
        slow(&patient, "wanted"),
        cancel
    );
    cancelled?;
    let wanted = wanted?.context("the patient one was given nothing")?;
    ensure!(
        message::text(&wanted) == Some("wanted"),
        "the patient one was given {wanted}"
    );
    let count = patient.text(8, "cancelled", json!({})).await?;
    ensure!(count == "1", "the server heard of {count} cancellations");
    // No answer may follow a cancellation (MCP 2025-11-25, Cancellation); the stream just ends.
    let given_up = given_up?;
    ensure!(
        given_up.is_none(),
        "the impatient one was given {given_up:?}"
    );
    Ok(())
}

async fn a_question_goes_to_who_caused_it(echo: &Echo) -> Result<()> {
    let (asker, other) = (echo.raw.open("asker").await?, echo.raw.open("other").await?);
    let mut overheard = other.listen().await?;
    let call = message::call(
        1,
        "ask",
        json!({ "kind": "elicitation", "text": "who are you?" }),
    );
    let mut messages = asker.request(&call).await?;
    let question = messages.next().await?.context("a question")?;
    ensure!(
        question["method"] == "elicitation/create",
        "not a question: {question}"
    );
    ensure!(
        question["params"]["message"] == "who are you?",
        "another question: {question}"
    );
    let content = json!({ "action": "accept", "content": { "answer": "the asker" } });
    asker
        .tell(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": content }))
        .await?;
    let answer = messages.answer().await?;
    let told = message::text(&answer).with_context(|| format!("no text: {answer}"))?;
    ensure!(told.contains("the asker"), "the server was told {told}");
    let nothing = tokio::time::timeout(std::time::Duration::from_millis(300), overheard.next());
    ensure!(nothing.await.is_err(), "the other session heard something");
    Ok(())
}

/// While two sessions have calls at the server, nothing says which of them a question belongs to: it
/// must reach neither, and the server is told so.
async fn a_question_of_unknown_cause_goes_to_nobody(echo: &Echo) -> Result<()> {
    let (one, two) = (echo.raw.open("one").await?, echo.raw.open("two").await?);
    let ask = async {
        at_the_server(&one).await?;
        let call = message::call(1, "ask", json!({ "kind": "elicitation", "text": "who?" }));
        one.request(&call).await?.next().await
    };
    let (first, busy) = tokio::join!(ask, slow(&two, "busy"));
    let first = first?.context("an answer")?;
    ensure!(
        message::is_answer(&first),
        "a question was sent on a guess: {first}"
    );
    let busy = busy?.context("an answer")?;
    ensure!(
        message::text(&busy) == Some("busy"),
        "the other session was sent {busy}"
    );
    Ok(())
}

#[tokio::test]
async fn progress_cancellation_and_questions_reach_only_their_session() -> Result<()> {
    beside_others("routes", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        progress_is_heard_by_who_asked(&echo)
            .await
            .context("progress")?;
        a_question_goes_to_who_caused_it(&echo)
            .await
            .context("question")?;
        a_question_of_unknown_cause_goes_to_nobody(&echo)
            .await
            .context("unknown cause")?;
        // Last, since a cancelled call may for a while still be the cause of what the server does.
        cancelling_touches_only_the_own_call(&echo)
            .await
            .context("cancellation")
    })
    .await
}

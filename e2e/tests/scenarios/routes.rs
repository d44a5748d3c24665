//! What a server sends beside answers reaches only the session that it belongs to.

use anyhow::{Context as _, Result, ensure};
use futures::future::try_join_all;
use hivewright_harness::{
    mcp::{message, streamable::Session},
    wait::POLL,
};
use serde_json::{Value, json};

use crate::support::{Echo, beside_others, echo};

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

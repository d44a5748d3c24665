//! Wrong requests get the errors that the protocol names, exactly.

use anyhow::{Context as _, Result, ensure};
use hivewright_harness::mcp::{
    REVISION, message,
    raw::{Answer, Raw, SESSION_HEADER, VERSION_HEADER},
};
use serde_json::json;

use crate::support::{Echo, beside_others, echo};

/// One byte more than the proxy reads.
const TOO_LARGE: usize = 8 * 1024 * 1024 + 1;

/// One wrong request: what is wrong, its headers, its body, and the status and code it must get.
struct Wrong<'a> {
    what: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: String,
    status: u16,
    code: i64,
}

fn check(wrong: &Wrong<'_>, answer: &Answer) -> Result<()> {
    let what = wrong.what;
    ensure!(
        answer.status == wrong.status,
        "{what}: HTTP {} {}",
        answer.status,
        answer.body
    );
    let body = answer
        .json
        .as_ref()
        .with_context(|| format!("{what}: {}", answer.body))?;
    ensure!(
        body["jsonrpc"] == "2.0" && body["id"].is_null(),
        "{what}: {body}"
    );
    ensure!(
        message::error_code(body) == Some(wrong.code),
        "{what}: {body}"
    );
    let sentence = body["error"]["message"].as_str().unwrap_or_default();
    ensure!(sentence.len() > 20, "{what}: no sentence in {body}");
    Ok(())
}

fn wrong<'a>(
    what: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: &str,
    (status, code): (u16, i64),
) -> Wrong<'a> {
    Wrong {
        what,
        headers,
        body: body.to_owned(),
        status,
        code,
    }
}

fn ping(id: i64) -> String {
    message::request(id, "ping", json!({})).to_string()
}

/// Bodies that are wrong in a good session.
fn wrong_bodies<'a>(session: &[(&'a str, &'a str)]) -> Vec<Wrong<'a>> {
    let batch = format!("[{}]", ping(1));
    let large = "x".repeat(TOO_LARGE);
    vec![
        wrong("not JSON", session.to_vec(), "{\"jsonrpc\":", (400, -32700)),
        wrong(
            "not JSON-RPC",
            session.to_vec(),
            "{\"hello\":\"world\"}",
            (400, -32600),
        ),
        wrong(
            "a batch where none is allowed",
            session.to_vec(),
            &batch,
            (400, -32600),
        ),
        wrong("a body too large", session.to_vec(), &large, (413, -32600)),
    ]
}

/// Headers that are wrong with a good body.
fn wrong_headers<'a>(session: &[(&'a str, &'a str)]) -> Vec<Wrong<'a>> {
    let ping = ping(1);
    let with = |name: &'a str, value: &'a str| [session, &[(name, value)]].concat();
    let unknown = vec![
        (SESSION_HEADER, "no-such-session"),
        (VERSION_HEADER, REVISION),
    ];
    let old = vec![session[0], (VERSION_HEADER, "1999-12-31")];
    let evil = "https://evil.example";
    vec![
        wrong("an unknown session", unknown, &ping, (404, -32001)),
        wrong("no session", vec![], &ping, (400, -32000)),
        wrong("an unknown revision", old, &ping, (400, -32000)),
        wrong(
            "a foreign Origin",
            with("origin", evil),
            &ping,
            (403, -32000),
        ),
        wrong(
            "a foreign Host",
            with("host", "evil.example"),
            &ping,
            (421, -32000),
        ),
        wrong(
            "no way to answer",
            with("accept", "text/html"),
            &ping,
            (406, -32000),
        ),
        wrong(
            "not called JSON",
            with("content-type", "text/plain"),
            &ping,
            (415, -32000),
        ),
    ]
}

/// A batch in a session whose revision has batches (2025-03-26) is answered.
async fn a_batch_is_answered_where_it_is_allowed(raw: &Raw) -> Result<()> {
    let hello = message::initialize(0, "batcher", "2025-03-26").to_string();
    let answer = raw.post("/mcp", &[], hello).await?;
    let session = answer.session.context("a session")?;
    let headers = [(SESSION_HEADER, session.as_str())];
    raw.post("/mcp", &headers, message::initialized().to_string())
        .await?;
    let batch = format!("[{},{}]", ping(1), ping(2));
    let answer = raw.post("/mcp", &headers, batch).await?;
    ensure!(answer.status == 200, "a batch in 2025-03-26: {answer:?}");
    Ok(())
}

/// Everything of this file, against the proxy of `raw`.
pub(crate) async fn wrong_requests_get_the_protocols_errors(raw: &Raw) -> Result<()> {
    let session = raw.open("clumsy").await?;
    let headers = session.headers();
    for wrong in wrong_bodies(&headers)
        .into_iter()
        .chain(wrong_headers(&headers))
    {
        let answer = raw.post("/mcp", &wrong.headers, wrong.body.clone()).await;
        check(&wrong, &answer.with_context(|| wrong.what.to_owned())?)?;
    }
    let good = session
        .text(2, "echo", json!({ "text": "still here" }))
        .await?;
    ensure!(good == "still here", "the session suffered: {good}");
    session.close().await?;
    let late = raw
        .post(
            "/mcp",
            &session.headers(),
            message::initialized().to_string(),
        )
        .await?;
    ensure!(late.status == 404, "a closed session: {late:?}");
    a_batch_is_answered_where_it_is_allowed(raw).await
}

#[tokio::test]
async fn wrong_requests_get_the_errors_that_the_protocol_names() -> Result<()> {
    beside_others("bad-http", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        wrong_requests_get_the_protocols_errors(&echo.raw).await
    })
    .await
}

#[tokio::test]
async fn garbage_on_stdout_is_counted_and_never_forwarded() -> Result<()> {
    beside_others("garbage", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &["--garbage"])?).await?;
        let session = echo.raw.open("calm").await?;
        for id in 1..=20 {
            let call = message::call(id, "echo", json!({ "text": "clean" }));
            let first = session
                .request(&call)
                .await?
                .next()
                .await?
                .context("an answer")?;
            ensure!(message::text(&first) == Some("clean"), "was given {first}");
        }
        let metrics = crate::operator::proxy_metrics(&ns, &echo.name).await?;
        let garbage = metrics.sum("hivewright_proxy_stdout_garbage_lines_total", &[]);
        ensure!(garbage >= 20.0, "{garbage} lines of garbage were counted");
        Ok(())
    })
    .await
}

//! Every query of every panel, to the Prometheus that has watched the scenarios: each gives data, and
//! whatever a panel is there to show was caused by some scenario and is to be seen.

use std::time::Duration;

use anyhow::Result;
use hivewright_harness::{
    dashboards::{
        Kind,
        answers::{Answer, ask},
        boards,
        fill::Chosen,
        shape::Board,
    },
    prometheus::{Prometheus, Window},
    wait::{Look, until},
};
use serde_json::json;

use crate::support::{Echo, alone, echo};

/// How far back is looked: longer than a whole run takes.
const RUN: Duration = Duration::from_hours(2);
/// Between two points: a fault that lasted shorter than a rate's window is still seen.
const STEP: Duration = Duration::from_secs(15);
/// Until what lives now is scraped twice, recorded by rules, and the slowest rules were evaluated.
const SEEN: Duration = Duration::from_mins(6);
/// Calls to the server that lives now, and the time between them: longer than two scrapes together.
const CALLS: i64 = 12;
const PAUSE: Duration = Duration::from_millis(500);

#[tokio::test]
async fn every_query_of_every_panel_has_data_after_the_scenarios() -> Result<()> {
    alone("dashboards", async |ns| {
        let server = Echo::serve(&ns, &echo(&ns, "shown", &[])?).await?;
        let prometheus = Prometheus::connect(&ns.cluster).await?;
        until("every query of every panel with data", SEEN, async || {
            call(&server).await?;
            let mut missing = Vec::new();
            for board in boards()? {
                missing.extend(without_data(&prometheus, &board).await?);
            }
            Ok(if missing.is_empty() {
                Look::Done(())
            } else {
                Look::NotYet(missing.join("\n"))
            })
        })
        .await
    })
    .await
}

/// Keeps the server in use, so that what is asked of one moment has an answer.
async fn call(server: &Echo) -> Result<()> {
    let session = server.raw.open("shown").await?;
    for id in 1..=CALLS {
        session.text(id, "echo", json!({ "text": "x" })).await?;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// The queries of a dashboard that give nothing that could be drawn.
async fn without_data(prometheus: &Prometheus, board: &Board) -> Result<Vec<String>> {
    let chosen = Chosen::all(board.variables());
    let window = Window::last(RUN, STEP);
    let answered = ask(prometheus, board, &chosen, window).await?;
    let mut missing = Vec::new();
    for one in &answered {
        let told =
            |answer: &Answer<'_>| format!("{}: {}: {}", board.title, one.panel.title, answer.asked);
        missing.extend(
            one.answers
                .iter()
                .filter(|answer| !answer.has_data())
                .map(told),
        );
        let flat = one.panel.kind == Kind::Series && one.answers.iter().all(Answer::is_flat);
        if flat && !NEVER.contains(&one.panel.title.as_str()) {
            missing.push(format!(
                "{}: {}: nothing but 0",
                board.title, one.panel.title
            ));
        }
    }
    Ok(missing)
}

/// Panels of what no scenario causes.
const NEVER: [&str; 0] = [];

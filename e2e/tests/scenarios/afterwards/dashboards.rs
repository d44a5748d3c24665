//! Every query of every panel, to the Prometheus that has watched the scenarios: each gives data, and
//! whatever a panel counts has happened in some scenario and is to be seen.

mod causes;

use std::time::Duration;

use anyhow::Result;
use hivewright_harness::{
    dashboards::{
        Kind,
        answers::{Answer, Answered, ask},
        boards,
        fill::Chosen,
        shape::Board,
    },
    prometheus::{Prometheus, Window},
    wait::{Look, until},
};

use crate::support::alone;

/// How far back is looked: longer than a whole run takes.
const RUN: Duration = Duration::from_hours(2);
/// Between two points: a fault that lasted shorter than a rate's window is still seen.
const STEP: Duration = Duration::from_secs(15);
/// Until what lives now is scraped twice, recorded by rules, and the slowest rules were evaluated.
const SEEN: Duration = Duration::from_mins(6);
/// Panels that count what takes longer than a run: events of a journal get old, or many.
const NEVER: [&str; 1] = ["Events removed"];

#[tokio::test]
async fn every_query_of_every_panel_has_data_after_the_scenarios() -> Result<()> {
    alone("dashboards", async |ns| {
        let server = causes::servers(&ns).await?;
        let prometheus = Prometheus::connect(&ns.cluster).await?;
        until("every query of every panel with data", SEEN, async || {
            causes::use_it(&server).await?;
            let mut missing = Vec::new();
            for board in boards()? {
                missing.extend(not_shown(&prometheus, &board).await?);
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

/// What a dashboard asks for and does not get.
async fn not_shown(prometheus: &Prometheus, board: &Board) -> Result<Vec<String>> {
    let chosen = Chosen::all(board.variables());
    let window = Window::last(RUN, STEP);
    let answered = ask(prometheus, board, &chosen, window).await?;
    let mut missing = Vec::new();
    for one in &answered {
        let title = format!("{}: {}", board.title, one.panel.title);
        let empty = one.answers.iter().filter(|answer| !answer.has_data());
        missing.extend(empty.map(|answer| format!("{title}: {}", answer.asked)));
        if counts_nothing(one) {
            missing.push(format!("{title}: nothing but 0"));
        }
    }
    Ok(missing)
}

/// Whether a panel that counts has counted nothing. A gauge may have been 0 whenever it was scraped.
fn counts_nothing(one: &Answered<'_>) -> bool {
    let mut queries = one.answers.iter().map(|answer| answer.asked.as_str());
    let counts = queries.any(|query| query.contains("rate(") || query.contains("increase("));
    counts
        && one.panel.kind == Kind::Series
        && one.answers.iter().all(Answer::is_flat)
        && !NEVER.contains(&one.panel.title.as_str())
}

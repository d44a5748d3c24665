//! Draws every dashboard with the data of the cluster's Prometheus, as PNG files to look at.

use std::{fs, path::Path, process::ExitCode, time::Duration};

use anyhow::{Context as _, Result};
use clap::Parser;
use hivewright_harness::access::Cluster;
use hivewright_harness::browser::{self, Browser, Look};
use hivewright_harness::dashboards::{answers, boards, draw, fill::Chosen, shape::Board};
use hivewright_harness::place::Place;
use hivewright_harness::prometheus::{Prometheus, Window, now};

/// Points of a picture: more than it has pixels for would be drawn on each other.
const POINTS: f64 = 240.0;
/// The shortest time between two points: Prometheus scrapes no more often than that pays.
const STEP: Duration = Duration::from_secs(5);
/// The shortest time that is drawn.
const SHORTEST: Duration = Duration::from_mins(5);
/// When the first of all samples was taken.
const BEGIN: &str = "min(min_over_time(timestamp(up{job=\"prometheus\"})[12h:1m]))";
/// The server that was asked most.
const BUSIEST: &str = "topk(1, sum by (namespace, hivewright_dev_mcpserver) (increase(mcp_server_operation_duration_seconds_count[RANGE])))";

/// Draws every dashboard with the data of the cluster's Prometheus.
#[derive(Debug, Parser)]
struct Args {
    /// How far back; not further than there are samples.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=720))]
    minutes: u32,
    /// The server whose dashboards are drawn, as NAMESPACE/NAME; not given: the one that is asked most. `all`: all at once.
    #[arg(long)]
    server: Option<String>,
    /// Only dashboards with one of these in their names.
    only: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match pictures(&Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dashboards: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn pictures(args: &Args) -> Result<()> {
    let place = Place::from_env().context("set HOME or HIVEWRIGHT_CACHE")?;
    let programs = browser::find(&place)?;
    let prometheus = Prometheus::connect(&Cluster::connect().await?).await?;
    let span = span(args, &prometheus).await?;
    let window = Window::last(span, span.div_f64(POINTS).max(STEP));
    let look = Look {
        width: draw::WIDTH,
        height: 900,
        dark: false,
        scale: 1.0,
    };
    let browser = Browser::start(&programs, look).await?;
    let folder = place.cache.join("dashboards");
    fs::create_dir_all(&folder)?;
    let wanted = |board: &&Board| {
        args.only.is_empty() || args.only.iter().any(|part| board.uid.contains(part))
    };
    for board in boards()?.iter().filter(wanted) {
        let chosen = choose(args, &prometheus, board, span).await?;
        let answered = answers::ask(&prometheus, board, &chosen, window).await?;
        let page = draw::page(board, &answered, &chosen, window);
        browser.open_html(&page).await?;
        let file = folder.join(format!("{}.png", board.uid));
        fs::write(&file, browser.picture().await?)?;
        println!("{}", told(board, &answered, &file));
    }
    Ok(())
}

/// What is drawn where, and what had nothing to draw.
fn told(board: &Board, answered: &[answers::Answered<'_>], file: &Path) -> String {
    let empty = |one: &&answers::Answered<'_>| !one.answers.iter().any(answers::Answer::has_data);
    let without: Vec<&str> = answered
        .iter()
        .filter(empty)
        .map(|one| one.panel.title.as_str())
        .collect();
    let all = answered.len();
    let some = all - without.len();
    let rest = if without.is_empty() {
        String::new()
    } else {
        format!("; none: {}", without.join(", "))
    };
    format!(
        "{}: {} ({some} of {all} panels have data{rest})",
        board.title,
        file.display()
    )
}

/// The time that was asked for, from the first sample on.
async fn span(args: &Args, prometheus: &Prometheus) -> Result<Duration> {
    let asked = Duration::from_mins(args.minutes.into());
    let begin = prometheus
        .value(BEGIN)
        .await?
        .context("nothing was scraped yet")?;
    let kept = Duration::try_from_secs_f64(now() - begin)?;
    Ok(asked.min(kept).max(SHORTEST))
}

/// The values of a dashboard's variables: all, but one server where a dashboard is about one.
async fn choose(
    args: &Args,
    prometheus: &Prometheus,
    board: &Board,
    span: Duration,
) -> Result<Chosen> {
    let all = Chosen::all(board.variables());
    let (namespace, name) = match args.server.as_deref() {
        Some("all") => return Ok(all),
        Some(server) => server
            .split_once('/')
            .map(|(namespace, name)| (namespace.to_owned(), name.to_owned()))
            .context("--server is NAMESPACE/NAME, or all")?,
        None if board.is_of_one() => busiest(prometheus, span).await?,
        None => return Ok(all),
    };
    Ok(all.with("namespace", &namespace).with("mcpserver", &name))
}

/// The namespace and the name of the server that was asked most.
async fn busiest(prometheus: &Prometheus, span: Duration) -> Result<(String, String)> {
    let query = BUSIEST.replace("RANGE", &format!("{}s", span.as_secs()));
    let samples = prometheus.instant(&query).await?;
    let sample = samples
        .first()
        .context("no server was asked anything in that time; run `make e2e` or `make demo`")?;
    let label = |name: &str| sample.label(name).to_owned();
    Ok((label("namespace"), label("hivewright_dev_mcpserver")))
}

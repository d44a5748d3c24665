//! Measures bridges on this machine, then the cluster that HIVEWRIGHT_E2E_KUBECONFIG names.

use std::{fs, path::Path, process::ExitCode, thread};

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};
use hivewright_harness::{
    bench::{self, Plan, page, table},
    peers,
    place::Place,
};

/// Calls a second, latency, CPU and recovery times of the whole road.
#[derive(Debug, Parser)]
struct Args {
    /// What is measured.
    #[arg(long, value_enum)]
    part: Part,
    /// Connections of each measurement in the cluster.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 20])]
    connections: Vec<u32>,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// How often each is repeated; the median counts.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// How often the process is killed.
    #[arg(long, default_value_t = 3)]
    kills: usize,
    /// How often each documented server is started; the median counts.
    #[arg(long, default_value_t = 5)]
    starts: usize,
    /// Leaves out the bridges that others wrote.
    #[arg(long)]
    only_ours: bool,
    /// Writes docs/benchmarks.md too.
    #[arg(long)]
    write: bool,
}

/// What can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Bridges side by side on this machine; needs no cluster.
    Bridges,
    /// What it costs a call to be counted, traced and audited; needs no cluster.
    Observability,
    /// What the controller's journal takes; needs no cluster.
    Journal,
    /// The road through the cluster.
    Cluster,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    match measure(&args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(args: &Args) -> Result<()> {
    let place = Place::from_env().context("set HOME or HIVEWRIGHT_CACHE")?;
    let (machine, date) = (machine()?, date(&place).await?);
    match args.part {
        Part::Bridges => {
            let figures = peers::run(&place, &bridges(args)).await?;
            let section = peers::page::section(&figures, &machine, &date);
            tell(args, &place.project, "bridges", &section)
        }
        Part::Observability => {
            let plan = peers::observability::Plan {
                connections: 8,
                seconds: args.seconds,
                runs: args.runs,
            };
            let figures = peers::observability::run(&place, &plan).await?;
            let section = peers::observability::page::section(&figures, &machine, &date);
            tell(args, &place.project, "observability", &section)
        }
        Part::Journal => {
            let figures = bench::journal::run(&place).await?;
            let section = bench::journal::section(&figures, &machine, &date);
            tell(args, &place.project, "journal", &section)
        }
        Part::Cluster => {
            let figures = bench::run(&cluster(args)).await?;
            let section = table::section(&figures, &machine, &date);
            tell(args, &place.project, "cluster", &section)
        }
    }
}

fn bridges(args: &Args) -> peers::Plan {
    peers::Plan {
        // What the house plan's targets are about.
        connections: vec![1, 8],
        seconds: args.seconds,
        runs: args.runs,
        others: !args.only_ours,
    }
}

fn cluster(args: &Args) -> Plan {
    Plan {
        connections: args.connections.clone(),
        seconds: args.seconds,
        runs: args.runs,
        kills: args.kills,
        starts: args.starts,
    }
}

fn tell(args: &Args, project: &Path, name: &str, section: &str) -> Result<()> {
    print!("{section}");
    if args.write {
        let path = project.join("docs/benchmarks.md");
        let before = fs::read_to_string(&path).unwrap_or_default();
        fs::write(&path, page::put(&before, name, section))?;
    }
    Ok(())
}

fn machine() -> Result<String> {
    let processors = thread::available_parallelism()?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    Ok(format!("{processors} processors, Linux {}", kernel.trim()))
}

async fn date(place: &Place) -> Result<String> {
    let date = place.cmd("date").args(["-u", "+%Y-%m-%d"]).text().await?;
    Ok(date.trim().to_owned())
}

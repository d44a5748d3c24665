//! Measures the cluster that HIVEWRIGHT_E2E_KUBECONFIG names and prints a table.

use std::{fs, process::ExitCode, thread};

use anyhow::{Context as _, Result};
use clap::Parser;
use hivewright_harness::{
    bench::{self, Figures, Plan, table},
    place::Place,
};

/// Calls a second, latency, CPU and recovery times of the whole road.
#[derive(Debug, Parser)]
struct Args {
    /// Connections of each measurement.
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
    /// Writes docs/benchmarks.md too.
    #[arg(long)]
    write: bool,
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
    let plan = Plan {
        connections: args.connections.clone(),
        seconds: args.seconds,
        runs: args.runs,
        kills: args.kills,
        starts: args.starts,
    };
    let figures = bench::run(&plan).await?;
    print!("{}", table::markdown(&figures));
    if args.write { write(&figures) } else { Ok(()) }
}

fn write(figures: &Figures) -> Result<()> {
    let place = Place::from_env().context("set HOME or HIVEWRIGHT_CACHE")?;
    let processors = thread::available_parallelism()?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let machine = format!("{processors} processors, Linux {}", kernel.trim());
    fs::write(
        place.project.join("docs/benchmarks.md"),
        table::page(figures, &machine),
    )?;
    Ok(())
}

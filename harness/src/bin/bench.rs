//! Measures the cluster that HIVEWRIGHT_E2E_KUBECONFIG names and prints a table.

use std::process::ExitCode;

use clap::Parser;
use hivewright_harness::bench::{self, Plan, table};

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
}

#[tokio::main]
async fn main() -> ExitCode {
    let Args {
        connections,
        seconds,
        runs,
        kills,
    } = Args::parse();
    match bench::run(&Plan {
        connections,
        seconds,
        runs,
        kills,
    })
    .await
    {
        Ok(figures) => {
            print!("{}", table::markdown(&figures));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

//! The outside world in one small program: pages to fetch, and packets to send.

use std::process::ExitCode;

use clap::Parser;
use hivewright_e2e::{reach, world};

/// The outside world of the scenarios.
#[derive(Debug, Parser)]
enum Command {
    /// Serves the pages.
    Serve {
        /// TCP port.
        #[arg(long, default_value_t = world::PORT)]
        port: u16,
    },
    /// Opens a TCP connection to each target in turn and prints one word for each.
    Probe {
        /// HOST:PORT
        #[arg(required = true)]
        targets: Vec<String>,
    },
}

fn main() -> ExitCode {
    let outcome = match Command::parse() {
        Command::Serve { port } => world::serve(port),
        Command::Probe { targets } => probe(&targets),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("world: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn probe(targets: &[String]) -> anyhow::Result<()> {
    for target in targets {
        let (host, port) = target
            .rsplit_once(':')
            .ok_or_else(|| anyhow::anyhow!("{target:?} is not HOST:PORT"))?;
        let outcome = reach::reach(host, port.parse()?);
        println!(
            "{target} {}",
            serde_json::to_string(&outcome)?.trim_matches('"')
        );
    }
    Ok(())
}

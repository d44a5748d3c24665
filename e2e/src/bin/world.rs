//! The outside world in one small program: pages to fetch, stand-ins of two APIs, packets to send.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use hivewright_e2e::{reach, world};

/// The outside world of the scenarios.
#[derive(Debug, Parser)]
enum Command {
    /// Serves the pages, and the stand-ins if there are certificates.
    Serve {
        /// TCP port of the pages.
        #[arg(long, default_value_t = world::PORT)]
        port: u16,
        /// TCP port of the stand-ins.
        #[arg(long, default_value_t = world::TLS_PORT)]
        tls_port: u16,
        /// TCP port of the collector.
        #[arg(long, default_value_t = world::collector::PORT)]
        otlp_port: u16,
        /// Folder of tls.crt and tls.key.
        #[arg(long)]
        certificates: Option<PathBuf>,
    },
    /// Serves the OTLP collector alone.
    Collector {
        /// TCP port.
        #[arg(long, default_value_t = world::collector::PORT)]
        port: u16,
    },
    /// Makes an authority and the stand-ins' certificate.
    Certificates {
        /// Where ca.crt, tls.crt and tls.key go.
        folder: PathBuf,
    },
    /// Prints a token that the stand-in of api.github.com believes.
    Token {
        /// Another seed gives another account.
        seed: String,
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
        Command::Serve {
            port,
            tls_port,
            otlp_port,
            certificates,
        } => world::serve(&world::Options {
            port,
            tls_port,
            otlp_port,
            certificates,
        }),
        Command::Collector { port } => world::collect(port),
        Command::Certificates { folder } => world::certificates::write(&folder),
        Command::Token { seed } => {
            println!("{}", world::github::token::mint(&seed));
            Ok(())
        }
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

//! From the command line to an exit code.

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command, RunArgs};
use crate::{app, crd, reference, telemetry};

/// Exit code for a command line that cannot be used (`EX_USAGE` of BSD's sysexits).
const USAGE: u8 = 64;

/// Parses the process's arguments and does what they say.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Nothing is left to do when even the explanation cannot be printed.
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::from(USAGE)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let done = match args.command {
        Command::Run(args) => run(&args),
        Command::Crd => crd::print(&mut std::io::stdout().lock()).map_err(anyhow::Error::new),
        Command::Reference => {
            reference::print(&mut std::io::stdout().lock()).map_err(anyhow::Error::new)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hivewright-controller: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &RunArgs) -> anyhow::Result<()> {
    let records = telemetry::init(&args.log.log, args.log.log_format)?;
    // kube would choose the same; said here so that no dependency decides it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // One thread: a pass takes about a millisecond and waits for the API server most of the time. More
    // of them would wake each other, and each would keep memory of its own.
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(app::run(args, &records))?;
    Ok(())
}

//! The bench's client: calls a tool as fast as the connections allow and prints a report as JSON.

use std::process::ExitCode;

use clap::Parser;
use hivewright_e2e::load;

fn main() -> ExitCode {
    match load::run_blocking(&load::Plan::parse()) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

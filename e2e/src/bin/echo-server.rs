//! An MCP server over stdio that answers quickly, and fails in every way that can be asked for.

use std::process::ExitCode;

use hivewright_e2e::echo;

fn main() -> ExitCode {
    match echo::Args::parse(std::env::args().skip(1)) {
        Ok(args) => echo::run(&args),
        Err(unknown) => {
            eprintln!("echo-server: {unknown}");
            ExitCode::from(2)
        }
    }
}

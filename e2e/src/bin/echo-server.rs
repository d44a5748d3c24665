//! An MCP server over stdio that answers quickly, and fails in every way that can be asked for.

use std::process::ExitCode;

use hivewright_e2e::echo;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, path, text] = args.as_slice()
        && flag == "--leave"
    {
        return leave(path, text);
    }
    match echo::Args::parse(args) {
        Ok(args) => echo::run(&args),
        Err(unknown) => {
            eprintln!("echo-server: {unknown}");
            ExitCode::from(2)
        }
    }
}

/// All that an init container does: it leaves a file for the server and ends.
fn leave(path: &str, text: &str) -> ExitCode {
    match std::fs::write(path, text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo-server: {path} cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}

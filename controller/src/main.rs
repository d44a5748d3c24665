//! The `hivewright-controller` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    hivewright_controller::cli::main()
}

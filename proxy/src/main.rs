//! The program; see the library for what it does.

use std::process::ExitCode;

use hivewright_proxy::args::Args;

fn main() -> ExitCode {
    // The only failure is that one is installed already, and then by nobody but us.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match Args::from_command_line() {
        Ok(args) => args.run(),
        Err(code) => code,
    }
}

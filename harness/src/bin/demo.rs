//! `make demo`, once Hivewright is installed: a program of its own, so that the harness proper needs
//! no cluster client to compile.

use std::process::ExitCode;

use hivewright_harness::demo;
use hivewright_harness::place::Place;

fn main() -> ExitCode {
    let Some(place) = Place::from_env() else {
        eprintln!("neither HIVEWRIGHT_CACHE nor HOME is set; set one to say where the cache is");
        return ExitCode::FAILURE;
    };
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("the async runtime did not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    // A failed step has said so.
    match runtime.block_on(demo::run(&place)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

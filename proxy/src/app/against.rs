//! `replay FILE --against -- CMD`, from the file to the exit code.

use std::process::ExitCode;

use super::{
    error::{AppError, EXIT_UNAVAILABLE, fail},
    runtime,
};
use crate::{
    args::{EXIT_USAGE, ReplayArgs},
    backend::process::Command,
    record::Recording,
    replay,
    settings::{Settings, SettingsError},
};

/// Exit code when a server does not answer as it did in the recording.
pub const EXIT_DIFFERS: u8 = 1;

/// Compares, and prints what was found.
pub(super) fn against(args: &ReplayArgs) -> ExitCode {
    let (recording, command) = match read(args) {
        Ok(read) => read,
        Err(error) => return fail(&error, EXIT_USAGE),
    };
    if let Some(warning) = recording.warning() {
        eprintln!("hivewright-proxy: {warning}");
    }
    let ran = runtime().and_then(|runtime| {
        let run = replay::against::run(&recording, command);
        runtime.block_on(run).map_err(AppError::Against)
    });
    match ran {
        Err(error) => fail(&error, EXIT_UNAVAILABLE),
        Ok(report) => {
            println!("{report}");
            if report.findings.is_empty() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(EXIT_DIFFERS)
            }
        }
    }
}

fn read(args: &ReplayArgs) -> Result<(Recording, Command), SettingsError> {
    let command = Settings::command(&args.command)?;
    Ok((Recording::read_whole(&args.file)?, command))
}

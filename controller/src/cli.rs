//! From the command line to an exit code.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command, PluginArgs, ReadCommand, RunArgs};
use crate::{app, crd, plugin, reference, schemas, telemetry};

/// Exit code for a command line that cannot be used (`EX_USAGE` of BSD's sysexits).
const USAGE: u8 = 64;

/// Under this name the program is a plugin of kubectl: `kubectl hivewright`.
const PLUGIN: &str = "kubectl-hivewright";

/// Parses the process's arguments and does what they say.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let is_plugin = words.first().is_some_and(|name| is_plugin(Path::new(name)));
    let command = if is_plugin {
        PluginArgs::try_parse_from(words).map(|args| Command::Read(Box::new(args.command)))
    } else {
        Args::try_parse_from(words).map(|args| args.command)
    };
    let command = match command {
        Ok(command) => command,
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
    let done = match command {
        Command::Run(args) => run(&args),
        Command::Read(command) => read(*command),
        Command::Crd => crd::print(&mut std::io::stdout().lock()).map_err(anyhow::Error::new),
        Command::Schemas => {
            schemas::print(&mut std::io::stdout().lock()).map_err(anyhow::Error::new)
        }
        Command::Reference => {
            reference::print(&mut std::io::stdout().lock()).map_err(anyhow::Error::new)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let name = if is_plugin {
                "kubectl hivewright"
            } else {
                "hivewright-controller"
            };
            eprintln!("{name}: {error:#}");
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

fn is_plugin(program: &Path) -> bool {
    program.file_stem().is_some_and(|name| name == PLUGIN)
}

fn read(command: ReadCommand) -> anyhow::Result<()> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(plugin::run(command))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugin_is_known_by_its_name_wherever_it_lies() {
        assert!(is_plugin(Path::new("/usr/local/bin/kubectl-hivewright")));
        assert!(is_plugin(Path::new("kubectl-hivewright.exe")));
        assert!(!is_plugin(Path::new("/hivewright-controller")));
    }
}

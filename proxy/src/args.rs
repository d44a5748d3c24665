//! The command line.

use std::{ffi::OsString, net::IpAddr, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand, ValueEnum};
use hivewright_api::names;

use crate::telemetry::LogFormat;

mod isolation;
mod telling;

pub use isolation::{IsolationArgs, Sharing};
pub use telling::{AuditPart, TellingArgs};

/// Exit code of a command line or a configuration that cannot be used (EX_USAGE of sysexits.h).
pub const EXIT_USAGE: u8 = 64;
/// Port of the doors of `run`, where no configuration names one: the API's default for spec.port.
const RUN_PORT: u16 = 8080;

/// Serves one MCP server to many clients, over Streamable HTTP and HTTP+SSE.
#[derive(Debug, Parser)]
#[command(name = "hivewright-proxy", version, about)]
pub struct Args {
    /// What is logged and how.
    #[command(flatten)]
    pub log: LogArgs,
    /// What to serve.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of logging.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Logging")]
pub struct LogArgs {
    /// How log lines look, on stderr.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "plain",
        env = "HIVEWRIGHT_LOG_FORMAT"
    )]
    pub log_format: LogFormat,
    /// What is logged: `LEVEL` or `TARGET=LEVEL`, separated by commas. Targets beside module names:
    /// `access` (one line a request), `server` (the server's stderr). Without it: our own facts, both
    /// of these, and the warnings of libraries; beside a live view only warnings.
    #[arg(
        long = "log",
        value_name = "FILTER",
        global = true,
        env = "HIVEWRIGHT_LOG"
    )]
    pub filter: Option<String>,
}

/// What to serve.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the MCP server of a pod, as the controller's configuration says.
    Serve(ServeArgs),
    /// Serve a local command that speaks MCP on its stdin and stdout.
    Run(RunArgs),
    /// Play back what `run --record` wrote: as a server, or against a server.
    Replay(ReplayArgs),
}

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// The configuration that the controller wrote (JSON).
    #[arg(long, value_name = "FILE", default_value_os_t = config_file(), env = "HIVEWRIGHT_CONFIG")]
    pub config: PathBuf,
    /// Address on which the doors and the admin port listen.
    #[arg(
        long,
        value_name = "IP",
        default_value = "0.0.0.0",
        env = "HIVEWRIGHT_LISTEN"
    )]
    pub listen: IpAddr,
    /// Port of `/metrics`, `/live`, `/ready` and `/sessions`.
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = names::PROXY_ADMIN_PORT,
        env = "HIVEWRIGHT_ADMIN_PORT"
    )]
    pub admin_port: u16,
}

/// Options of `run`.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// The doors.
    #[command(flatten)]
    pub doors: DoorArgs,
    /// What is shown and kept.
    #[command(flatten)]
    pub desk: DeskArgs,
    /// Who shares a process.
    #[command(flatten)]
    pub isolation: IsolationArgs,
    /// What is told of calls, and to whom.
    #[command(flatten)]
    pub telling: TellingArgs,
    /// The command and its arguments, after `--`.
    #[arg(last = true, required = true, num_args = 1.., value_name = "CMD")]
    pub command: Vec<String>,
}

/// Options of `replay`.
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// What `run --record` wrote.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Send what the recorded clients sent to the command after `--`, and compare its answers with
    /// the recorded ones. Exits with 1 if they differ.
    #[arg(long, requires = "command", conflicts_with_all = ["live", "quiet", "record"])]
    pub against: bool,
    /// The doors.
    #[command(flatten)]
    pub doors: DoorArgs,
    /// What is shown and kept.
    #[command(flatten)]
    pub desk: DeskArgs,
    /// With `--against`: the command and its arguments, after `--`.
    #[arg(last = true, num_args = 1.., value_name = "CMD", requires = "against")]
    pub command: Vec<String>,
}

/// Where clients come in, on a machine of one's own.
#[derive(Debug, clap::Args)]
pub struct DoorArgs {
    /// Port of the doors; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = RUN_PORT, env = "HIVEWRIGHT_PORT")]
    pub port: u16,
    /// Address on which to listen.
    #[arg(
        long,
        value_name = "IP",
        default_value = "127.0.0.1",
        env = "HIVEWRIGHT_LISTEN"
    )]
    pub listen: IpAddr,
    /// Port of the status page (`/`), `/metrics`, `/live`, `/ready` and `/sessions`; without it there is none.
    #[arg(long, value_name = "PORT", env = "HIVEWRIGHT_ADMIN_PORT")]
    pub admin_port: Option<u16>,
    /// A DNS name by which clients may address the proxy beside localhost and IP addresses.
    #[arg(long = "allowed-host", value_name = "NAME")]
    pub allowed_hosts: Vec<String>,
    /// An origin (scheme://host[:port]) whose web pages may use the proxy.
    #[arg(long = "allowed-origin", value_name = "ORIGIN")]
    pub allowed_origins: Vec<String>,
}

/// What the person at the desk sees, and what is kept for a bug report.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Desk")]
pub struct DeskArgs {
    /// Show calls, sessions and the server on stderr as they happen, instead of the log.
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub live: Live,
    /// Show only the settings for clients, and what goes wrong.
    #[arg(long, conflicts_with = "live")]
    pub quiet: bool,
    /// Write every message that crosses to this new file, which only you may read. It holds all
    /// arguments and results.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Record sizes and digests in place of arguments, results and the server's stderr.
    #[arg(long, requires = "record")]
    pub record_redact: bool,
}

/// When calls are shown as they happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Live {
    /// If stderr is a terminal and no log filter is chosen.
    #[default]
    Auto,
    /// Also to a file or a pipe, without colours.
    Always,
    /// The log instead.
    Never,
}

fn config_file() -> PathBuf {
    [names::PROXY_CONFIG_DIR, names::PROXY_CONFIG_FILE]
        .iter()
        .collect()
}

impl Args {
    /// Reads the process's own command line. What is wrong with it, or the help that was asked for,
    /// is printed here.
    ///
    /// # Errors
    /// The exit code: 0 after help or version, [`EXIT_USAGE`] otherwise.
    pub fn from_command_line() -> Result<Self, ExitCode> {
        Self::read(std::env::args_os()).map_err(|(error, code)| {
            // A closed stderr leaves nobody to tell.
            let _ = error.print();
            ExitCode::from(code)
        })
    }

    fn read(words: impl IntoIterator<Item = OsString>) -> Result<Self, (clap::Error, u8)> {
        Self::try_parse_from(words).map_err(|error| {
            let code = if error.use_stderr() { EXIT_USAGE } else { 0 };
            (error, code)
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn read(line: &str) -> Result<Args, u8> {
        let words = line.split_whitespace().map(OsString::from);
        Args::read(words).map_err(|(_, code)| code)
    }

    #[test]
    fn verify_cli() {
        Args::command().debug_assert();
    }

    #[test]
    fn everything_after_the_dashes_is_the_command() {
        let args =
            read("hivewright-proxy run --port 9000 -- uvx mcp-server-fetch --port 1").unwrap();
        let Command::Run(run) = args.command else {
            panic!("run was asked for")
        };
        assert_eq!(run.doors.port, 9000);
        assert_eq!(run.command, ["uvx", "mcp-server-fetch", "--port", "1"]);
        assert_eq!(run.doors.listen.to_string(), "127.0.0.1");
    }

    #[test]
    fn serve_needs_no_option_in_a_pod() {
        let args = read("hivewright-proxy serve").unwrap();
        let Command::Serve(serve) = args.command else {
            panic!("serve was asked for")
        };
        assert_eq!(serve.config.to_str(), Some("/etc/hivewright/proxy.json"));
        assert_eq!(serve.admin_port, 9464);
    }

    #[test]
    fn a_wrong_command_line_exits_with_64_and_help_with_0() {
        for line in [
            "x",
            "x run",
            "x run -- ",
            "x run --record-redact -- x",
            "x run --trace-share 2 -- x",
            "x run --audit-data request -- x",
            "x run --quiet --live always -- x",
            "x replay",
            "x replay f --against",
            "x replay f -- x",
            "x replay f --against --record g -- x",
            "x serve --admin-port 70000",
            "x serve --nonsense",
        ] {
            assert_eq!(read(line).map(drop), Err(EXIT_USAGE), "{line}");
        }
        assert_eq!(read("x --help").map(drop), Err(0));
        assert_eq!(read("x --version").map(drop), Err(0));
    }
}

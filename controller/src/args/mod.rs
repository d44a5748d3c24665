//! The command line: parsed, then checked as a whole before anything is bound or called.

mod journal;
mod read;
mod server;

use std::net::{Ipv6Addr, SocketAddr};

use clap::{ArgAction, Args as ClapArgs, Parser, Subcommand};
use hivewright_api::names;

use crate::telemetry;

pub use journal::JournalArgs;
pub use read::{
    ClusterArgs, FromArgs, Output, PageArgs, PluginArgs, ReadCommand, ReplayArgs, ShowArgs, Target,
    TimelineArgs, WhyArgs,
};
pub use server::{NetworkPolicy, ServerArgs};

/// Makes MCPServers so.
#[derive(Debug, Parser)]
#[command(name = "hivewright-controller", version)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch MCPServers and make them so, until SIGTERM or SIGINT
    Run(Box<RunArgs>),
    /// Print the MCPServer CustomResourceDefinition as YAML
    Crd,
    /// Print the JSON Schemas of all events, those of the audit log among them, as a JSON array
    Schemas,
    /// Print what docs/reference.md is made of, as JSON
    #[command(hide = true)]
    Reference,
    /// Read what is known of MCPServers.
    #[command(flatten)]
    Read(Box<ReadCommand>),
}

/// Settings of `run`.
#[derive(Debug, ClapArgs)]
pub struct RunArgs {
    /// What each MCPServer gets.
    #[command(flatten)]
    pub server: ServerArgs,
    /// Namespaces to watch, separated by commas; none: all
    #[arg(long, env = "HIVEWRIGHT_WATCH_NAMESPACES", value_delimiter = ',', value_parser = namespace)]
    pub watch_namespaces: Vec<String>,
    /// Whether Secrets are looked at, by their metadata alone: missing ones are told in the status,
    /// and a changed one makes new pods
    #[arg(long, env = "HIVEWRIGHT_WATCH_SECRETS", action = ArgAction::Set, default_value_t = true)]
    pub watch_secrets: bool,
    /// Whether events, states and the status page are served, to whom the cluster's rights allow it
    #[arg(long, env = "HIVEWRIGHT_READERS", action = ArgAction::Set, default_value_t = true)]
    pub readers: bool,
    /// Port of /metrics, /live and /ready, and of what readers read, on every address
    #[arg(long, env = "HIVEWRIGHT_ADMIN_PORT", default_value_t = names::CONTROLLER_ADMIN_PORT)]
    pub admin_port: u16,
    /// Where events are kept.
    #[command(flatten)]
    pub journal: JournalArgs,
    /// Of several controllers, which one works.
    #[command(flatten)]
    pub lease: LeaseArgs,
    /// What is logged, and how.
    #[command(flatten)]
    pub log: LogArgs,
}

/// Leader election.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Leader election")]
pub struct LeaseArgs {
    /// Work only while holding a Lease, so that several controllers may run
    #[arg(long, env = "HIVEWRIGHT_LEADER_ELECT", action = ArgAction::SetTrue, requires = "lease_identity")]
    pub leader_elect: bool,
    /// Namespace of the Lease; none: the namespace of the service account or kubeconfig context
    #[arg(long, env = "HIVEWRIGHT_LEASE_NAMESPACE", value_parser = namespace)]
    pub lease_namespace: Option<String>,
    /// Name of the Lease
    #[arg(long, env = "HIVEWRIGHT_LEASE_NAME", default_value = names::MANAGER)]
    pub lease_name: String,
    /// Our name in the Lease, different for each controller
    #[arg(long, env = "POD_NAME")]
    pub lease_identity: Option<String>,
}

/// Logging.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Logs")]
pub struct LogArgs {
    /// LEVEL or TARGET=LEVEL, separated by commas
    #[arg(long, env = "HIVEWRIGHT_LOG", default_value = telemetry::DEFAULT_FILTER, value_parser = filter)]
    pub log: String,
    /// Text for people or JSON for machines
    #[arg(long, env = "HIVEWRIGHT_LOG_FORMAT", value_enum, default_value_t = telemetry::Format::Text)]
    pub log_format: telemetry::Format,
}

impl RunArgs {
    /// Where the admin listener binds: every address, of both families.
    pub fn admin_address(&self) -> SocketAddr {
        SocketAddr::from((Ipv6Addr::UNSPECIFIED, self.admin_port))
    }
}

/// Longest namespace name, in characters: a DNS label (RFC 1123).
const MAX_NAMESPACE: usize = 63;

fn namespace(text: &str) -> Result<String, String> {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let edges = !text.starts_with('-') && !text.ends_with('-');
    if text.is_empty() || text.len() > MAX_NAMESPACE || !text.chars().all(inner) || !edges {
        return Err("a namespace is 1 to 63 of a-z, 0-9 and -, not at either end".to_owned());
    }
    Ok(text.to_owned())
}

fn filter(text: &str) -> Result<String, telemetry::Error> {
    telemetry::parse(text).map(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use hivewright_core::{Enforcement, PullPolicy};

    use super::*;

    fn run(more: &[&str]) -> Result<Box<RunArgs>, clap::Error> {
        let words = ["hivewright-controller", "run", "--proxy-image=p:1"];
        match Args::try_parse_from(words.iter().chain(more))?.command {
            Command::Run(args) => Ok(args),
            Command::Crd | Command::Schemas | Command::Reference | Command::Read(_) => {
                unreachable!("the words say run")
            }
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn without_a_list_every_namespace_is_watched() {
        assert!(run(&[]).unwrap().watch_namespaces.is_empty());
        assert_eq!(
            run(&["--watch-namespaces=a,b"]).unwrap().watch_namespaces,
            ["a", "b"]
        );
    }

    #[test]
    fn bad_values_are_refused_before_anything_starts() {
        for wrong in [
            "--watch-namespaces=a,B",
            "--watch-namespaces=-a",
            "--admin-port=70000",
            "--log=hivewright=loud",
            "--log-format=xml",
            "--proxy-image-pull-policy=sometimes",
            "--network-policy=perhaps",
            "--network-policy=unknown",
            "--watch-secrets=perhaps",
            "--cluster-domain=cluster.local.",
            "--journal-max-age=0m",
            "--journal-max-bytes=1",
        ] {
            assert!(run(&[wrong]).is_err(), "{wrong} was accepted");
        }
    }

    #[test]
    fn settings_are_what_the_command_line_says() {
        let args = run(&[
            "--server-image-pull-policy=Never",
            "--network-policy=ignored",
            "--allowed-hosts=a,b",
        ]);
        let settings = args.unwrap().server.settings();
        assert_eq!(settings.proxy_image, "p:1");
        assert_eq!(settings.proxy_pull_policy, None);
        assert_eq!(settings.server_pull_policy, Some(PullPolicy::Never));
        assert_eq!(settings.enforcement, Enforcement::NotEnforced);
        assert_eq!(settings.allowed_hosts, ["a", "b"]);
    }

    #[test]
    fn nobody_needs_to_say_whether_policies_are_enforced() {
        let settings = run(&[]).unwrap().server.settings();
        assert_eq!(settings.enforcement, Enforcement::Unknown);
        assert!(run(&[]).unwrap().watch_secrets);
        assert!(!run(&["--watch-secrets=false"]).unwrap().watch_secrets);
    }

    #[test]
    fn a_journal_is_kept_where_a_file_is_named() {
        assert_eq!(run(&[]).unwrap().journal.settings(), None);
        assert!(run(&["--journal="]).is_err());
        let settings = run(&["--journal=/j/journal.db"])
            .unwrap()
            .journal
            .settings();
        assert_eq!(settings.unwrap().path.to_str(), Some("/j/journal.db"));
    }

    #[test]
    fn leader_election_needs_a_name_of_ones_own() {
        let refusal = run(&["--leader-elect"]).unwrap_err().to_string();
        assert!(refusal.contains("--lease-identity"), "{refusal}");
        run(&["--leader-elect", "--lease-identity=me"]).unwrap();
    }
}

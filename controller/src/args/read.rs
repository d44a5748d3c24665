//! The commands that read: of `hivewright-controller`, and of `kubectl hivewright`, which is the same
//! program under another name.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use jiff::{SpanRelativeTo, Timestamp};

/// Reads what Hivewright knows of MCPServers.
#[derive(Debug, Parser)]
#[command(
    name = "kubectl-hivewright",
    bin_name = "kubectl hivewright",
    version,
    about = "What Hivewright knows of MCP servers: their timelines, their state at any time, and why they are as they are"
)]
pub struct PluginArgs {
    /// What to read.
    #[command(subcommand)]
    pub command: ReadCommand,
}

/// What to read.
#[derive(Debug, Subcommand)]
pub enum ReadCommand {
    /// Print what happened to one server, event by event
    Timeline(TimelineArgs),
    /// Print how every server was at a time
    Replay(ReplayArgs),
    /// Say why a server is as it is: what is wrong, since when, and what to do
    Why(WhyArgs),
    /// Open the status page to a browser on this machine, until interrupted
    Page(PageArgs),
}

/// Which events of which server.
#[derive(Debug, ClapArgs)]
pub struct TimelineArgs {
    /// The MCPServer: NAME or NAMESPACE/NAME
    #[arg(value_parser = target)]
    pub server: Target,
    /// Go on with what happens, until interrupted
    #[arg(long, short)]
    pub follow: bool,
    /// Only what happened since: a time like 2026-01-31T12:00:00Z, or so long ago, like 90s, 15m, 2h, 3d
    #[arg(long, value_parser = moment)]
    pub since: Option<Timestamp>,
    /// Only the newest so many events of the past
    #[arg(long)]
    pub tail: Option<usize>,
    /// How to print it.
    #[command(flatten)]
    pub show: ShowArgs,
    /// Where it is read.
    #[command(flatten)]
    pub from: FromArgs,
}

/// Which servers, and when.
#[derive(Debug, ClapArgs)]
pub struct ReplayArgs {
    /// When: a time like 2026-01-31T12:00:00Z, or so long ago, like 15m; none: now
    #[arg(long, value_parser = moment)]
    pub at: Option<Timestamp>,
    /// How to print it.
    #[command(flatten)]
    pub show: ShowArgs,
    /// Where it is read.
    #[command(flatten)]
    pub from: FromArgs,
}

/// Which server.
#[derive(Debug, ClapArgs)]
pub struct WhyArgs {
    /// The MCPServer: NAME or NAMESPACE/NAME
    #[arg(value_parser = target)]
    pub server: Target,
    /// How to print it.
    #[command(flatten)]
    pub show: ShowArgs,
    /// Where it is read.
    #[command(flatten)]
    pub from: FromArgs,
}

/// Where the browser finds the page.
#[derive(Debug, ClapArgs)]
pub struct PageArgs {
    /// Loopback address and port to listen on; port 0: one that is free
    #[arg(long, default_value = "127.0.0.1:0", value_parser = loopback)]
    pub listen: SocketAddr,
    /// Where it is read.
    #[command(flatten)]
    pub cluster: ClusterArgs,
}

/// How to print.
#[derive(Debug, ClapArgs)]
pub struct ShowArgs {
    /// A table for people, or JSON for programs
    #[arg(long, short, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Table,
    /// For programs: CloudEvents, one a line.
    Json,
}

/// Where it is read: a file, or a cluster.
#[derive(Debug, ClapArgs)]
pub struct FromArgs {
    /// Journal file to read instead of asking a controller: within its pod, or a copy
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kubeconfig", "context", "controller_namespace"])]
    pub journal: Option<PathBuf>,
    /// The cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
}

/// Which cluster, and where in it.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Cluster")]
pub struct ClusterArgs {
    /// Namespace of the MCPServer; none: that of the context. Of `replay`: none is every namespace
    #[arg(long, short, value_parser = super::namespace)]
    pub namespace: Option<String>,
    /// Kubeconfig file; none: as kubectl finds it, or the service account of the pod
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig; none: the current one
    #[arg(long)]
    pub context: Option<String>,
    /// Namespace in which the controller runs; none: it is looked for
    #[arg(long, env = "HIVEWRIGHT_CONTROLLER_NAMESPACE", value_parser = super::namespace)]
    pub controller_namespace: Option<String>,
}

/// A server as it is named on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its namespace, if that is said.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

fn target(text: &str) -> Result<Target, String> {
    let wrong = || "a server is NAME or NAMESPACE/NAME".to_owned();
    let (namespace, name) = match text.split_once('/') {
        Some((namespace, name)) => (Some(super::namespace(namespace)?), name),
        None => (None, text),
    };
    if name.is_empty() || name.contains('/') {
        return Err(wrong());
    }
    Ok(Target {
        namespace,
        name: name.to_owned(),
    })
}

/// A time, or how long ago.
fn moment(text: &str) -> Result<Timestamp, String> {
    let wrong = || {
        "a moment is a time like 2026-01-31T12:00:00Z, or so long ago, like 90s, 15m, 2h or 3d"
            .to_owned()
    };
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let span: jiff::Span = text.parse().map_err(|_| wrong())?;
    let long = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| wrong())?;
    if long.is_negative() {
        return Err(wrong());
    }
    Timestamp::now().checked_sub(long).map_err(|_| wrong())
}

/// Who reaches the page reads with the rights of whoever opened it, so it is for this machine alone.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|_| "an address is like 127.0.0.1:8080".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err(
            "only a loopback address will do: whoever reaches the page reads with your rights"
                .to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(words: &[&str]) -> Result<ReadCommand, clap::Error> {
        let words = ["kubectl-hivewright"].iter().chain(words);
        PluginArgs::try_parse_from(words).map(|args| args.command)
    }

    fn timeline(words: &[&str]) -> TimelineArgs {
        match parse(words).unwrap() {
            ReadCommand::Timeline(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        PluginArgs::command().debug_assert();
    }

    #[test]
    fn a_server_is_named_with_or_without_its_namespace() {
        let named = |text: &str| timeline(&["timeline", text]).server;
        assert_eq!(named("osv").namespace, None);
        assert_eq!(named("team/osv").namespace.as_deref(), Some("team"));
        for wrong in ["", "a/", "/a", "a/b/c", "UPPER/a"] {
            assert!(parse(&["timeline", wrong]).is_err(), "{wrong} was accepted");
        }
    }

    #[test]
    fn a_moment_is_a_time_or_so_long_ago() {
        let since = |text: &str| timeline(&["timeline", "a", "--since", text]).since.unwrap();
        assert_eq!(
            since("2026-01-31T12:00:00Z").to_string(),
            "2026-01-31T12:00:00Z"
        );
        for (text, seconds) in [("90s", 90), ("15m", 900), ("2h", 7200), ("3d", 259_200)] {
            let then = since(text);
            let ago = Timestamp::now().duration_since(then).as_secs();
            assert!((seconds..seconds + 5).contains(&ago), "{text} is {ago} s");
        }
        for wrong in ["yesterday", "-5m", "12"] {
            let refused = parse(&["timeline", "a", &format!("--since={wrong}")]).is_err();
            assert!(refused, "{wrong} was accepted");
        }
    }

    #[test]
    fn a_file_and_a_cluster_are_not_read_at_once() {
        assert!(parse(&["replay", "--journal=j", "--context=c"]).is_err());
        parse(&["replay", "--journal=j", "-n=team"]).unwrap();
    }

    #[test]
    fn the_page_is_for_this_machine_alone() {
        assert!(parse(&["page", "--listen=0.0.0.0:8080"]).is_err());
        parse(&["page", "--listen=[::1]:8080"]).unwrap();
    }
}

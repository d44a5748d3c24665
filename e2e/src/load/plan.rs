//! What to do, from the command line.

use std::time::Duration;

use anyhow::{Result, ensure};
use clap::{Parser, ValueEnum};

/// Connections at most: enough for the figures of the house plan, no attack.
const MAX_CONNECTIONS: usize = 1024;
/// Sessions that are opened for their memory, at most.
const MAX_OPEN: usize = 4000;
/// Streams of notifications at most, each with a thousand a second.
const MAX_FLOOD: u64 = 16;
/// Seconds at most.
const MAX_SECONDS: u64 = 120;

/// Whose session a connection uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sessions {
    /// All connections share one.
    Shared,
    /// Each has its own.
    Own,
    /// There is none: every call stands for itself.
    None,
}

/// Calls `echo` of one MCP server for a while.
#[derive(Clone, Debug, Parser)]
pub struct Plan {
    /// HOST:PORT of the proxy.
    #[arg(long, default_value = "")]
    pub target: String,
    /// Path of the MCP endpoint.
    #[arg(long, default_value = "/mcp")]
    pub path: String,
    /// The tool that gives its argument `text` back.
    #[arg(long, default_value = "echo")]
    pub tool: String,
    /// Connections, each with one call at a time.
    #[arg(long, default_value_t = 1)]
    pub connections: usize,
    /// Whose session a connection uses.
    #[arg(long, value_enum, default_value_t = Sessions::Shared)]
    pub sessions: Sessions,
    /// Seconds that are measured.
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    /// Seconds before them that are not.
    #[arg(long, default_value_t = 2)]
    pub warm_up: u64,
    /// Bytes of text beside the few that tell calls apart.
    #[arg(long, default_value_t = 8)]
    pub bytes: usize,
    /// Calls of one connection at most.
    #[arg(long, default_value_t = 1_000_000)]
    pub max_calls: u64,
    /// Milliseconds from the start of one call of a connection to the start of its next; 0: at once.
    #[arg(long, default_value_t = 0)]
    pub every_ms: u64,
    /// Opens this many sessions one after the other, leaves them open, and ends.
    #[arg(long, default_value_t = 0)]
    pub open: usize,
    /// Calls of the tool `progress`, each with a notification a millisecond, in another session meanwhile.
    #[arg(long, default_value_t = 0)]
    pub flood: u64,
    /// Speaks to this command's stdin and stdout instead, as so many callers at the same time.
    #[arg(last = true, value_name = "CMD")]
    pub command: Vec<String>,
    /// Errors of one connection after which it gives up.
    #[arg(long, default_value_t = 100)]
    pub max_errors: u64,
}

impl Plan {
    /// # Errors
    /// A figure is past its bound.
    pub(super) fn check(&self) -> Result<()> {
        ensure!(
            (1..=MAX_CONNECTIONS).contains(&self.connections),
            "--connections must be between 1 and {MAX_CONNECTIONS}"
        );
        ensure!(
            (1..=MAX_SECONDS).contains(&(self.seconds.saturating_add(self.warm_up))),
            "--seconds and --warm-up must be between 1 and {MAX_SECONDS} together"
        );
        ensure!(
            self.target.is_empty() != self.command.is_empty(),
            "give either --target or a command"
        );
        ensure!(self.open <= MAX_OPEN, "--open must be at most {MAX_OPEN}");
        ensure!(
            self.flood <= MAX_FLOOD,
            "--flood must be at most {MAX_FLOOD}"
        );
        Ok(())
    }

    pub(super) fn sessions(&self) -> usize {
        match self.sessions {
            Sessions::Shared | Sessions::None => 1,
            Sessions::Own => self.connections,
        }
    }

    /// From one call of a connection to its next, if they are paced.
    pub(super) fn every(&self) -> Option<Duration> {
        (self.every_ms > 0).then(|| Duration::from_millis(self.every_ms))
    }

    pub(super) fn warm_up(&self) -> Duration {
        Duration::from_secs(self.warm_up)
    }

    pub(super) fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_past_its_bounds_is_refused() {
        let plan = |args: &[&str]| {
            Plan::parse_from(["load", "--target", "x:1"].iter().chain(args).copied()).check()
        };
        assert!(plan(&["--connections", "20"]).is_ok());
        assert!(plan(&["--connections", "1025"]).is_err());
        assert!(plan(&["--seconds", "119"]).is_err());
        assert!(plan(&["--open", "4001"]).is_err());
        assert!(plan(&["--flood", "17"]).is_err());
    }
}

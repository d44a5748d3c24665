//! Options of `run` about who shares a process of the command.

use clap::ValueEnum;
use hivewright_api::names;

use crate::fleet::Bounds;

/// Who shares a process of the command.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
#[command(next_help_heading = "Isolation")]
pub struct IsolationArgs {
    /// Who shares a process of the command.
    #[arg(long, value_enum, value_name = "WHO", default_value = "shared")]
    pub isolation: Sharing,
    /// Most processes, and so most sessions at once. Default 4.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=16))]
    pub pool_max: Option<u16>,
    /// Processes that are kept ready for the next sessions. Default 1; one always stays.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=16))]
    pub pool_warm: Option<u16>,
}

/// Who shares a process of the command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Sharing {
    /// All clients.
    #[default]
    Shared,
    /// Nobody: each session has a process to itself, which ends with it.
    PerSession,
}

impl IsolationArgs {
    /// Most processes of the pool.
    pub fn max(&self) -> u16 {
        self.pool_max.unwrap_or(names::DEFAULT_POOL_MAX)
    }

    /// Spare processes of the pool.
    pub fn warm(&self) -> u16 {
        self.pool_warm.unwrap_or(names::DEFAULT_POOL_WARM)
    }

    /// The pool, if nobody shares.
    pub fn bounds(&self) -> Option<Bounds> {
        match self.isolation {
            Sharing::Shared => None,
            Sharing::PerSession => Some(Bounds {
                max: usize::from(self.max()),
                warm: usize::from(self.warm()),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        isolation: IsolationArgs,
    }

    fn bounds(line: &str) -> Result<Option<Bounds>, clap::Error> {
        let line = Line::try_parse_from(line.split_whitespace())?;
        Ok(line.isolation.bounds())
    }

    #[test]
    fn a_pool_has_four_processes_and_one_spare_unless_said_otherwise() {
        let pool = |line| bounds(line).expect("a good line");
        let of = |max, warm| Some(Bounds { max, warm });
        assert_eq!(pool("x"), None);
        assert_eq!(pool("x --isolation per-session"), of(4, 1));
        let said = "x --isolation per-session --pool-max 9 --pool-warm 0";
        assert_eq!(pool(said), of(9, 0));
        for wrong in ["--pool-max 0", "--pool-max 17", "--isolation mine"] {
            assert!(bounds(&format!("x {wrong}")).is_err(), "{wrong}");
        }
    }
}

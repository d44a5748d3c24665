//! What can be wrong with the settings.

use std::{fmt::Write as _, io, path::PathBuf};

use crate::{live::LiveError, record::ReadError};

/// One thing to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not a name that Kubernetes would give.
    #[error(
        "{field} is {value:?}; it must be a DNS label: up to 63 of a-z, 0-9 and -, no - at an end"
    )]
    Name {
        /// The field.
        field: &'static str,
        /// What it holds.
        value: String,
    },
    /// Port 0.
    #[error("{0} is 0; give a port between 1 and 65535")]
    PortZero(&'static str),
    /// Two listeners on one port.
    #[error("the doors and the admin port are both {0}; give them different ports")]
    SamePort(u16),
    /// A listener on a port that another one needs.
    #[error("port {0} is needed by the proxy itself; give the doors and the admin port others")]
    PortTaken(u16),
    /// Not the path of an endpoint.
    #[error("backend.transport.path is {0:?}; it must begin with / and hold no spaces, ? or #")]
    Path(String),
    /// Not a host name without port.
    #[error("the allowed host {0:?} is not a DNS name; give a name without scheme, port or path")]
    Host(String),
    /// Not an origin.
    #[error("the allowed origin {0:?} is not scheme://host[:port]; leave out any path")]
    Origin(String),
    /// Bounds of a pool without one.
    #[error("{0} is for --isolation per-session; give that too, or leave it out")]
    NoPool(&'static str),
    /// More spare processes than there may be.
    #[error("--pool-warm is {warm} and --pool-max {max}; keep no more spare than there may be")]
    Warm {
        /// Spare ones.
        warm: u16,
        /// All of them.
        max: u16,
    },
    /// An empty word.
    #[error("the command is empty; give a program after --")]
    NoCommand,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file is not there or may not be read.
    #[error("the configuration {} cannot be read; check --config", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// It is not a configuration.
    #[error("the configuration {} is not what this version expects", .0.display())]
    Invalid(PathBuf, #[source] serde_json::Error),
    /// The live part is not one.
    #[error("the live configuration {} cannot be used", .0.display())]
    Live(PathBuf, #[source] LiveError),
    /// The recording cannot be replayed.
    #[error(transparent)]
    Recording(#[from] ReadError),
    /// What is to be exported cannot be.
    #[error(transparent)]
    Telemetry(#[from] hivewright_telemetry::settings::Problem),
    /// What it says is wrong.
    #[error("{}", list(.0))]
    Problems(Vec<Problem>),
}

impl SettingsError {
    /// No error if there is no problem.
    pub(super) fn unless_empty(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self::Problems(problems))
        }
    }
}

fn list(problems: &[Problem]) -> String {
    problems.iter().fold(
        "the settings cannot be used:".to_owned(),
        |mut text, problem| {
            // Writing to a String does not fail.
            let _ = write!(text, "\n  - {problem}");
            text
        },
    )
}

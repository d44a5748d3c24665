//! Restarts of the server's container, and why the last one came about.

use hivewright_api::status::ComponentStatus;

use super::{PodState, server_words};
use crate::detail::Detail;
use crate::reason::Reason;

/// Restarts in the pods that are there now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restarts {
    /// How many, over all pods.
    pub count: u32,
    /// How the process ended that ran before the present one.
    pub cause: Option<Ending>,
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, or by a signal.
    Exited {
        /// Exit code.
        code: i32,
        /// Its last words.
        detail: Detail,
    },
    /// For want of memory.
    OutOfMemory {
        /// Exit code.
        code: i32,
        /// The limit that it met; empty if it has none.
        limit: Detail,
    },
}

impl Ending {
    /// The state of a pod whose process ended so, once.
    pub fn pod(&self) -> PodState {
        match self.clone() {
            Self::Exited { code, detail } => PodState::Exited {
                code,
                again: false,
                detail,
            },
            Self::OutOfMemory { code, limit } => PodState::OutOfMemory { code, limit },
        }
    }

    /// Why it ended.
    pub fn reason(&self) -> Reason {
        self.pod().reason()
    }

    /// One sentence that says what to change, if anything.
    pub fn sentence(&self) -> String {
        server_words::sentence(&self.pod())
    }

    /// Exit code of the process.
    pub const fn exit_code(&self) -> i32 {
        match self {
            Self::Exited { code, .. } | Self::OutOfMemory { code, .. } => *code,
        }
    }

    /// Its form in the status.
    pub fn status(&self) -> ComponentStatus {
        let (Self::Exited { detail, .. } | Self::OutOfMemory { limit: detail, .. }) = self;
        ComponentStatus {
            state: self.reason().as_str().to_owned(),
            detail: (!detail.is_empty()).then(|| detail.as_str().to_owned()),
            exit_code: Some(self.exit_code()),
            pod: None,
        }
    }

    /// Reads back its form in the status.
    pub fn from_status(status: &ComponentStatus) -> Option<Self> {
        let detail = Detail::new(status.detail.as_deref().unwrap_or_default());
        let code = status.exit_code?;
        match Reason::parse(&status.state)? {
            Reason::ProcessExited => Some(Self::Exited { code, detail }),
            Reason::OutOfMemory => Some(Self::OutOfMemory {
                code,
                limit: detail,
            }),
            _ => None,
        }
    }
}

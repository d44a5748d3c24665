//! Who has the server process, for a driver that gives each session one of its own.

use super::Hub;
use crate::protocol::Era;

/// Who has the server process now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenants {
    /// Nobody.
    None,
    /// Clients whose `initialize` waits for the process's own. It has not heard of them.
    Waiting,
    /// Requests without a session at a server of 2026-07-28, which keeps nothing between two of them
    /// (MCP 2026-07-28, Statelessness).
    Visits,
    /// Sessions, or requests without one at a server that keeps a session with us. What they leave
    /// in the process is for nobody else.
    Sessions,
}

impl Hub {
    /// Who has the server process now. Cheap.
    pub fn tenants(&self) -> Tenants {
        let visits = self.sessions.visits() > 0;
        if self.sessions.len() > 0 || visits && self.visit_era() == Era::Legacy {
            Tenants::Sessions
        } else if visits {
            Tenants::Visits
        } else if self.waiting.len() + self.hall.len() > 0 {
            Tenants::Waiting
        } else {
            Tenants::None
        }
    }
}

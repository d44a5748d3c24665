//! Who has the server process, for a driver that gives each session one of its own.

use super::Hub;

/// Who has the server process now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenants {
    /// Nobody.
    None,
    /// Clients whose `initialize` waits for the process's own. It has not heard of them.
    Waiting,
    /// Sessions. What they leave in the process is for nobody else.
    Sessions,
}

impl Hub {
    /// Who has the server process now. Cheap.
    pub fn tenants(&self) -> Tenants {
        if self.sessions.len() > 0 {
            Tenants::Sessions
        } else if self.waiting.len() > 0 {
            Tenants::Waiting
        } else {
            Tenants::None
        }
    }
}

//! Which session has the process, where each has one to itself.
//!
//! ```text
//!  Fresh(home) ──a session opens──> Let(home) ──it ends──> Ended(home) ──another home──> Fresh
//!                                                   └─ the process is dropped at once
//! ```
//!
//! All of it happens under the driver's lock, in the step in which the session ends: nobody can get
//! in between its end and that of its process.

use std::sync::Arc;

use hivewright_bridge::{hub::Tenants, io::Loss};

use super::{Core, Outer};
use crate::driver::stdin::StdinSender;

/// Where the process lives, and what of it is left for others: a pod outlives its container's
/// process, and what a session has written there with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lease {
    /// Sessions share the process.
    Shared,
    /// No session has had anything of it. None: there was no process yet.
    Fresh(Option<Arc<str>>),
    /// A session has it. None: a process that is known by no name; the next one is another.
    Let(Option<Arc<str>>),
    /// A session had it.
    Ended(Option<Arc<str>>),
}

impl Lease {
    pub(super) const fn new(exclusive: bool) -> Self {
        if exclusive {
            Self::Fresh(None)
        } else {
            Self::Shared
        }
    }

    /// The lease when a process comes up in this home; none if nobody may get that any more.
    fn moved(&self, home: Option<Arc<str>>) -> Option<Self> {
        match self {
            Self::Shared => Some(Self::Shared),
            Self::Ended(old) if home.is_some() && *old == home => None,
            Self::Let(old) if home.is_some() && *old == home => Some(Self::Let(home)),
            Self::Fresh(_) | Self::Let(_) | Self::Ended(_) => Some(Self::Fresh(home)),
        }
    }

    /// The lease now that these have the process.
    fn with(self, tenants: Tenants) -> Self {
        match (self, tenants) {
            (Self::Fresh(home), Tenants::Sessions) => Self::Let(home),
            (Self::Let(home), Tenants::None | Tenants::Waiting | Tenants::Visits) => {
                Self::Ended(home)
            }
            (lease, Tenants::None | Tenants::Waiting | Tenants::Visits | Tenants::Sessions) => {
                lease
            }
        }
    }
}

impl Core {
    /// As [`Core::server_up`] for a process in this home. Whether it may be used.
    pub(in crate::driver) fn server_up_in(
        &mut self,
        home: Option<Arc<str>>,
        stdin: StdinSender,
        outer: &Outer<'_>,
    ) -> bool {
        let moved = self.lease.moved(home);
        let usable = moved.is_some();
        if let Some(lease) = moved {
            self.lease = lease;
            self.server_up(stdin, outer);
        }
        usable
    }

    /// Sees who has the process now. One whose session has ended is dropped.
    pub(in crate::driver) fn see_tenants(&mut self, outer: &Outer<'_>) {
        if self.lease == Lease::Shared {
            return;
        }
        let tenants = self.hub.tenants();
        let lease = std::mem::replace(&mut self.lease, Lease::Shared).with(tenants);
        if matches!(lease, Lease::Ended(_)) {
            self.server_down(outer, Loss::Renewed);
        }
        self.lease = lease;
        let taken = self.hub.tenants() != Tenants::None;
        outer.taken.send_if_modified(|old| {
            let changed = *old != taken;
            *old = taken;
            changed
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(name: &str) -> Arc<str> {
        Arc::from(name)
    }

    #[test]
    fn what_a_session_had_is_nobody_elses_and_another_home_is_fresh() {
        let lease = Lease::new(true).moved(Some(home("a"))).expect("the first");
        assert_eq!(lease.clone().with(Tenants::Waiting), lease, "only waits");
        let lease = lease.with(Tenants::Sessions);
        assert_eq!(lease, Lease::Let(Some(home("a"))));
        assert_eq!(
            lease.moved(Some(home("a"))),
            Some(lease.clone()),
            "the same one's"
        );
        let lease = lease.with(Tenants::None);
        assert_eq!(lease.moved(Some(home("a"))), None);
        assert_eq!(lease.clone().with(Tenants::Waiting), lease);
        assert_eq!(
            lease.moved(Some(home("b"))),
            Some(Lease::Fresh(Some(home("b"))))
        );
        assert_eq!(
            lease.moved(None),
            Some(Lease::Fresh(None)),
            "it has no name"
        );
    }

    #[test]
    fn a_home_that_waiting_clients_left_is_as_good_as_new() {
        let lease = Lease::new(true).moved(Some(home("a"))).expect("the first");
        let lease = lease.with(Tenants::Waiting).with(Tenants::None);
        assert_eq!(lease, Lease::Fresh(Some(home("a"))));
    }

    #[test]
    fn a_process_that_keeps_nothing_of_its_visits_serves_the_next_one() {
        let lease = Lease::Fresh(Some(home("a")));
        assert_eq!(
            lease.clone().with(Tenants::Visits).with(Tenants::None),
            lease
        );
    }

    #[test]
    fn a_shared_process_is_never_given_up() {
        let lease = Lease::new(false);
        let lease = lease.with(Tenants::Sessions).with(Tenants::None);
        assert_eq!(lease.moved(Some(home("a"))), Some(Lease::Shared));
    }
}

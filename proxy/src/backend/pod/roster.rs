//! Which pod has which address.

use std::{net::IpAddr, sync::Arc};

use parking_lot::Mutex;

use crate::fleet::{MAX_PODS, Ordinal};

/// The addresses of all pods, as last seen. Cheap to clone; all clones are the same roster.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster(Arc<Mutex<[Option<IpAddr>; MAX_PODS]>>);

impl Roster {
    /// The pod has this address now, or none.
    pub(super) fn set(&self, pod: Ordinal, address: Option<IpAddr>) {
        self.0.lock()[pod.index()] = address;
    }

    /// Whether some pod has this address.
    pub(super) fn knows(&self, address: IpAddr) -> bool {
        self.0.lock().contains(&Some(address))
    }
}

//! Which addresses are those of our pods, or were.

use std::{collections::VecDeque, net::IpAddr, sync::Arc};

use parking_lot::Mutex;

use crate::egress::MAX_SOURCES;

/// Addresses that are remembered: as many as denials are kept for.
const MAX_ADDRESSES: usize = MAX_SOURCES;

/// The addresses that pods have, and those of pods that are gone: what they were denied is no news
/// of their successors. Cheap to clone; all clones are the same roster.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster(Arc<Mutex<VecDeque<IpAddr>>>);

impl Roster {
    /// A pod has this address. The one that was not noted for longest is forgotten past the bound.
    pub(super) fn note(&self, address: IpAddr) {
        let mut all = self.0.lock();
        all.retain(|known| *known != address);
        if all.len() == MAX_ADDRESSES {
            all.pop_front();
        }
        all.push_back(address);
    }

    /// Whether some pod has this address, or had it.
    pub(super) fn knows(&self, address: IpAddr) -> bool {
        self.0.lock().contains(&address)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn past_the_bound_the_address_that_was_not_noted_for_longest_is_forgotten() {
        let roster = Roster::default();
        let address = |number: usize| {
            let number = u32::try_from(number).expect("a small number");
            IpAddr::V4(Ipv4Addr::from_bits(number))
        };
        for number in 0..=MAX_ADDRESSES {
            roster.note(address(number));
            roster.note(address(0));
        }
        assert!(roster.knows(address(0)));
        assert!(!roster.knows(address(1)));
        assert!(roster.knows(address(2)));
    }
}

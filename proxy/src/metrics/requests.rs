//! Requests of clients by how they ended: what availability is reckoned from.
//!
//! `mcp_server_operation_duration_seconds` says more, but its series begin with the first call of
//! their kind, so the very failures that come first would be no increase. These begin at 0.

use hivewright_bridge::event::Outcome;
use prometheus::{IntCounter, IntCounterVec};

/// The handles, in the order of the enum.
#[derive(Debug)]
pub(super) struct Requests([IntCounter; Outcome::ALL.len()]);

impl Requests {
    /// Every outcome, at 0.
    pub(super) fn new(family: &IntCounterVec) -> Self {
        Self(std::array::from_fn(|index| {
            family.with_label_values(&[Outcome::ALL[index].as_str()])
        }))
    }

    /// A request ended so.
    pub(super) fn ended(&self, outcome: Outcome) {
        self.0[outcome as usize].inc();
    }
}

#[cfg(test)]
mod tests {
    use prometheus::{Opts, core::Collector};

    use super::*;

    #[test]
    fn every_outcome_is_there_before_the_first_request_and_counts_for_itself() {
        let opts = Opts::new("requests_total", "help");
        let family = IntCounterVec::new(opts, &["outcome"]).expect("a valid name");
        let requests = Requests::new(&family);
        assert_eq!(family.collect()[0].get_metric().len(), Outcome::ALL.len());
        for outcome in Outcome::ALL {
            requests.ended(*outcome);
            assert_eq!(family.with_label_values(&[outcome.as_str()]).get(), 1);
        }
    }
}

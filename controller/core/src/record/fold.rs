//! From facts to the status of the MCPServer: what the journal knows.

use hivewright_api::MCPServerStatus;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::fact::Fact;
use crate::status;

/// What has been told of one server. `status` is `None` before the first fact, and once the
/// MCPServer is gone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// The status that follows from it.
    pub status: Option<MCPServerStatus>,
}

impl Told {
    /// What is known once `fact` has become true at `at`.
    pub fn fold(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::Event(event) => {
                status::fold(self.status.get_or_insert_default(), event, at);
            }
            Fact::Snapshot(snapshot) => self.status = Some(snapshot.status.clone()),
            Fact::Deleted => self.status = None,
        }
    }
}

/// Tells one status from another.
pub type Digest = [u8; 16];

/// The digest of a status as the API server stores it: times to the second. An empty one is none.
pub fn digest(status: Option<&MCPServerStatus>) -> Digest {
    let status = status.filter(|status| **status != MCPServerStatus::default());
    // A status is a map with text keys, so it can always be written.
    let text = serde_json::to_vec(&status).unwrap_or_default();
    let mut digest = Digest::default();
    digest.copy_from_slice(&Sha256::digest(&text)[..16]);
    digest
}

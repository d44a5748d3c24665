//! The last step: waits until the caches show what was just written, so that the next pass over
//! the same server does not decide on an older world, write again and say again.
//!
//! A resourceVersion is compared as a number: Kubernetes promises that versions of one resource
//! are comparable so (KEP-5504).

use std::time::Duration;

use hivewright_core::Part;
use kube::Resource as _;
use kube::runtime::reflector::ObjectRef;
use tokio::time::timeout;

use crate::key::Key;
use crate::observe;
use crate::watch::{Caches, Server};

/// Longest wait for the caches. A watch delivers within milliseconds; when one is broken, the pass
/// goes on with what there is, and the next one corrects it.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// A version that the caches must reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// An object of the server; `None` is the MCPServer itself.
    pub part: Option<Part>,
    /// The resourceVersion that the API server gave it.
    pub version: String,
}

/// Waits until the caches have reached every mark, and says whether they have.
pub async fn settle(caches: &Caches, server: &ObjectRef<Server>, mut marks: Vec<Mark>) -> bool {
    let mut moved = caches.moved.clone();
    let key = Key::from(server);
    let reached = async {
        loop {
            moved.borrow_and_update();
            // One look at a time: many passes wait here while the caches move on.
            while marks
                .pop_if(|mark| reached(caches, server, &key, mark))
                .is_some()
            {}
            if marks.is_empty() {
                return true;
            }
            // The sender is gone only when the program ends.
            if moved.changed().await.is_err() {
                return false;
            }
        }
    };
    timeout(PATIENCE, reached).await.unwrap_or(false)
}

fn reached(caches: &Caches, server: &ObjectRef<Server>, key: &Key, mark: &Mark) -> bool {
    let held = match mark.part {
        Some(part) => observe::cached(caches, key, part),
        // An MCPServer that is gone will show no version: nothing is waited for.
        None => match caches.servers.get(server) {
            Some(server) => server.meta().resource_version.clone(),
            None => return true,
        },
    };
    held.is_some_and(|held| at_least(&held, &mark.version))
}

fn at_least(held: &str, wanted: &str) -> bool {
    match (held.parse::<u64>(), wanted.parse::<u64>()) {
        (Ok(held), Ok(wanted)) => held >= wanted,
        _ => held == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers_not_as_text() {
        assert!(at_least("10", "9"));
        assert!(!at_least("9", "10"));
        assert!(at_least("7", "7"));
    }

    #[test]
    fn versions_that_are_no_numbers_must_be_equal() {
        assert!(at_least("a1", "a1"));
        assert!(!at_least("a2", "a1"));
    }
}

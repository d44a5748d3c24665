//! Which MCPServers want a pass: a set, so that its size is bounded by the number of MCPServers
//! and a hundred changes to one of them ask for one pass.
//!
//! Each mark has a cause, so that a pass that was asked for by nothing but the echo of our own
//! status can be left out.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::sync::Arc;

use futures::{Stream, stream};
use kube::runtime::reflector::ObjectRef;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::watch::Server;

/// What asks for a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The MCPServer itself has this resourceVersion now, and nothing else has happened.
    Version(String),
    /// Anything else.
    Change,
}

type Marks = HashMap<ObjectRef<Server>, Cause>;

/// The set, shared by the watches that mark and the one runner that takes.
#[derive(Debug, Default)]
pub struct Queue {
    marked: Mutex<Marks>,
    /// Causes of passes that the runner has been told of and not begun.
    taken: Mutex<Marks>,
    wake: Notify,
}

impl Queue {
    /// Asks for a pass over `server`.
    pub fn mark(&self, server: ObjectRef<Server>) {
        self.mark_for(server, Cause::Change);
    }

    /// Asks for a pass over `server` for this cause.
    pub fn mark_for(&self, server: ObjectRef<Server>, cause: Cause) {
        add(&mut self.marked.lock(), server, cause);
        self.wake.notify_one();
    }

    /// Takes marks, for ever. One reader at a time: a wake-up reaches only one.
    pub fn take(self: Arc<Self>) -> impl Stream<Item = Result<ObjectRef<Server>, Infallible>> {
        stream::unfold(self, |queue| async move {
            let server = queue.next().await;
            Some((Ok(server), queue))
        })
    }

    /// Why a pass over `server` begins now; `None`: it was not asked for, its time has come.
    pub fn cause(&self, server: &ObjectRef<Server>) -> Option<Cause> {
        self.taken.lock().remove(server)
    }

    async fn next(&self) -> ObjectRef<Server> {
        loop {
            if let Some(server) = self.pop() {
                return server;
            }
            self.wake.notified().await;
        }
    }

    pub(crate) fn pop(&self) -> Option<ObjectRef<Server>> {
        let mut marked = self.marked.lock();
        let server = marked.keys().next().cloned()?;
        let cause = marked.remove(&server)?;
        add(&mut self.taken.lock(), server.clone(), cause);
        Some(server)
    }
}

/// Of two versions the later one counts; what is not a version counts more.
fn add(marks: &mut Marks, server: ObjectRef<Server>, cause: Cause) {
    match marks.entry(server) {
        Entry::Vacant(entry) => {
            entry.insert(cause);
        }
        Entry::Occupied(mut entry) => {
            if *entry.get() != Cause::Change {
                entry.insert(cause);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;

    fn one() -> ObjectRef<Server> {
        ObjectRef::new("one").within("a")
    }

    #[tokio::test]
    async fn many_marks_of_one_server_ask_for_one_pass() {
        let queue = Arc::new(Queue::default());
        for _ in 0..100 {
            queue.mark(one());
        }
        let mut taken = std::pin::pin!(Arc::clone(&queue).take());
        assert_eq!(taken.next().await.unwrap().unwrap().name, "one");
        assert!(queue.pop().is_none());
    }

    #[tokio::test]
    async fn a_mark_wakes_a_reader_that_waits() {
        let queue = Arc::new(Queue::default());
        let reader = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move { queue.next().await.name }
        });
        tokio::task::yield_now().await;
        queue.mark(ObjectRef::new("late").within("a"));
        assert_eq!(reader.await.unwrap(), "late");
    }

    #[test]
    fn a_change_is_not_forgotten_for_a_version_before_or_after_it() {
        let version = || Cause::Version("7".to_owned());
        for causes in [[version(), Cause::Change], [Cause::Change, version()]] {
            let queue = Queue::default();
            for cause in causes {
                queue.mark_for(one(), cause);
                queue.pop();
            }
            assert_eq!(queue.cause(&one()), Some(Cause::Change));
            assert_eq!(queue.cause(&one()), None, "it counts for one pass");
        }
    }
}

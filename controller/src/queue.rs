//! Which MCPServers want a pass: a set, so that its size is bounded by the number of MCPServers
//! and a hundred changes to one of them ask for one pass.
//!
//! Each mark has a cause, so that a pass that was asked for by nothing but the echo of our own
//! status can be left out. While nobody takes, nothing is kept: who begins to work looks at every
//! server anyway, and a standby must not collect the names of all that ever were.

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
    /// `None` while nobody takes.
    marked: Mutex<Option<Marks>>,
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
        if let Some(marked) = self.marked.lock().as_mut() {
            add(marked, server, cause);
            self.wake.notify_one();
        }
    }

    /// Takes marks, for ever, those from now on. One reader at a time: a wake-up reaches only one.
    pub fn take(self: Arc<Self>) -> impl Stream<Item = Result<ObjectRef<Server>, Infallible>> {
        stream::unfold(Reader::new(self), |reader| async move {
            let server = reader.0.next().await;
            Some((Ok(server), reader))
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
        let marked = marked.as_mut()?;
        let server = marked.keys().next().cloned()?;
        let cause = marked.remove(&server)?;
        add(&mut self.taken.lock(), server.clone(), cause);
        Some(server)
    }
}

/// Who takes; when it goes, so do the marks.
struct Reader(Arc<Queue>);

impl Reader {
    fn new(queue: Arc<Queue>) -> Self {
        queue.marked.lock().get_or_insert_default();
        Self(queue)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        *self.0.marked.lock() = None;
        self.0.taken.lock().clear();
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
        let mut taken = Box::pin(Arc::clone(&queue).take());
        for _ in 0..100 {
            queue.mark(one());
        }
        assert_eq!(taken.next().await.unwrap().unwrap().name, "one");
        assert!(queue.pop().is_none());
    }

    #[tokio::test]
    async fn a_mark_wakes_a_reader_that_waits() {
        let queue = Arc::new(Queue::default());
        let mut taken = Box::pin(Arc::clone(&queue).take());
        let reader = tokio::spawn(async move { taken.next().await.unwrap().unwrap().name });
        tokio::task::yield_now().await;
        queue.mark(ObjectRef::new("late").within("a"));
        assert_eq!(reader.await.unwrap(), "late");
    }

    #[test]
    fn while_nobody_takes_nothing_is_kept() {
        let queue = Arc::new(Queue::default());
        queue.mark(one());
        let taken = Arc::clone(&queue).take();
        assert_eq!(queue.pop(), None, "from before");
        queue.mark(one());
        queue.mark(ObjectRef::new("two").within("a"));
        assert!(queue.pop().is_some());
        drop(taken);
        assert!(queue.marked.lock().is_none() && queue.taken.lock().is_empty());
    }

    #[test]
    fn a_change_is_not_forgotten_for_a_version_before_or_after_it() {
        let version = || Cause::Version("7".to_owned());
        for causes in [[version(), Cause::Change], [Cause::Change, version()]] {
            let queue = Arc::new(Queue::default());
            let _taken = Arc::clone(&queue).take();
            for cause in causes {
                queue.mark_for(one(), cause);
                queue.pop();
            }
            assert_eq!(queue.cause(&one()), Some(Cause::Change));
            assert_eq!(queue.cause(&one()), None, "it counts for one pass");
        }
    }
}

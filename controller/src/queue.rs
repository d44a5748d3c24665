//! Which MCPServers want a pass: a set, so that its size is bounded by the number of MCPServers
//! and a hundred changes to one of them ask for one pass.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;

use futures::{Stream, stream};
use kube::runtime::reflector::ObjectRef;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::watch::Server;

/// The set, shared by the watches that mark and the one runner that takes.
#[derive(Debug, Default)]
pub struct Queue {
    marked: Mutex<HashSet<ObjectRef<Server>>>,
    wake: Notify,
}

impl Queue {
    /// Asks for a pass over `server`.
    pub fn mark(&self, server: ObjectRef<Server>) {
        self.marked.lock().insert(server);
        self.wake.notify_one();
    }

    /// Takes marks, for ever. One reader at a time: a wake-up reaches only one.
    pub fn take(self: Arc<Self>) -> impl Stream<Item = Result<ObjectRef<Server>, Infallible>> {
        stream::unfold(self, |queue| async move {
            let server = queue.next().await;
            Some((Ok(server), queue))
        })
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
        let first = marked.iter().next().cloned()?;
        marked.take(&first)
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn many_marks_of_one_server_ask_for_one_pass() {
        let queue = Arc::new(Queue::default());
        for _ in 0..100 {
            queue.mark(ObjectRef::new("one").within("a"));
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
}

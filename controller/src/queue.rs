//! Which MCPServers want a pass: a set, so that its size is bounded by the number of MCPServers
//! and a hundred changes to one of them ask for one pass.
//!
//! ```text
//!  watches ──mark──> marked ──(WINDOW)──pop──> taken ──begin──> a pass, or none
//!                       ▲                        ▲
//!                       └──── look: what has been looked at since asks no more
//! ```
//!
//! Each mark has a cause, so that a pass that was asked for by nothing but the echo of our own
//! status can be left out. A cache changes before it marks; so a pass that is about to look at the
//! caches sees whatever is marked by then, and those marks ask for nothing more. While nobody
//! takes, nothing is kept: who begins to work looks at every server anyway, and a standby must not
//! collect the names of all that ever were.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, stream};
use kube::runtime::reflector::ObjectRef;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::watch::Server;

/// How long marks of one server are collected before they are taken, from the first of them. What
/// happens to a pod comes in bursts (a container starts, is ready, its pod is ready, the gate says
/// so), each of which is one pass and one status then; and nobody notices a status that is so much
/// younger than the fact.
pub const WINDOW: Duration = Duration::from_millis(50);

/// What asks for a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The MCPServer itself has this resourceVersion now, and nothing else has happened.
    Version(String),
    /// Anything else.
    Change,
    /// Nothing: what asked has been looked at meanwhile.
    Seen,
}

/// The set, shared by the watches that mark and the one runner that takes.
#[derive(Debug, Default)]
pub struct Queue {
    /// `None` while nobody takes.
    marked: Mutex<Option<Marked>>,
    /// Causes of passes that the runner has been told of and not begun.
    taken: Mutex<HashMap<ObjectRef<Server>, Cause>>,
    wake: Notify,
}

/// Marks, and the order in which they are taken.
#[derive(Debug, Default)]
struct Marked {
    causes: HashMap<ObjectRef<Server>, (Instant, Cause)>,
    /// Of the first mark of each. A mark that is no longer there leaves its place behind for at
    /// most [`WINDOW`].
    order: VecDeque<(Instant, ObjectRef<Server>)>,
}

/// What there is to take.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// This server.
    Server(ObjectRef<Server>),
    /// Nothing before this time.
    At(Instant),
    /// Nothing.
    Nothing,
}

impl Queue {
    /// Asks for a pass over `server`.
    pub fn mark(&self, server: ObjectRef<Server>) {
        self.mark_for(server, Cause::Change);
    }

    /// Asks for a pass over `server` for this cause.
    pub fn mark_for(&self, server: ObjectRef<Server>, cause: Cause) {
        if let Some(marked) = self.marked.lock().as_mut() {
            marked.add(server, cause, Instant::now());
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

    /// The caches are about to be looked at for `server`: nothing that has happened until now asks
    /// for another pass. Says whether something did.
    pub fn look(&self, server: &ObjectRef<Server>) -> bool {
        let mut marked = self.marked.lock();
        let waited = marked
            .as_mut()
            .is_some_and(|marked| marked.causes.remove(server).is_some());
        let mut taken = self.taken.lock();
        let asked = taken.get_mut(server);
        let before = asked.map(|cause| std::mem::replace(cause, Cause::Seen));
        waited || before.is_some_and(|cause| cause != Cause::Seen)
    }

    async fn next(&self) -> ObjectRef<Server> {
        loop {
            match self.pop(Instant::now()) {
                Next::Server(server) => return server,
                // What is marked meanwhile has to wait for longer.
                Next::At(time) => sleep_until(time).await,
                Next::Nothing => self.wake.notified().await,
            }
        }
    }

    pub(crate) fn pop(&self, now: Instant) -> Next {
        let mut marked = self.marked.lock();
        let Some(marked) = marked.as_mut() else {
            return Next::Nothing;
        };
        while let Some((since, server)) = marked.order.pop_front() {
            let until = since + WINDOW;
            if until > now {
                marked.order.push_front((since, server));
                return Next::At(until);
            }
            if let Some(cause) = marked.remove(&server, since) {
                add(&mut self.taken.lock(), server.clone(), cause);
                return Next::Server(server);
            }
        }
        Next::Nothing
    }
}

impl Marked {
    fn add(&mut self, server: ObjectRef<Server>, cause: Cause, now: Instant) {
        match self.causes.entry(server) {
            Entry::Vacant(entry) => {
                self.order.push_back((now, entry.key().clone()));
                entry.insert((now, cause));
            }
            Entry::Occupied(mut entry) => later(&mut entry.get_mut().1, cause),
        }
    }

    /// The mark of that time, unless it is gone or another one.
    fn remove(&mut self, server: &ObjectRef<Server>, since: Instant) -> Option<Cause> {
        let (marked, _) = self.causes.get(server)?;
        if *marked != since {
            return None;
        }
        self.causes.remove(server).map(|(_, cause)| cause)
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

fn add(taken: &mut HashMap<ObjectRef<Server>, Cause>, server: ObjectRef<Server>, cause: Cause) {
    match taken.entry(server) {
        Entry::Vacant(entry) => {
            entry.insert(cause);
        }
        Entry::Occupied(mut entry) => later(entry.get_mut(), cause),
    }
}

/// Of two versions the later one counts; what is not a version counts more, and what has been
/// looked at not at all.
fn later(cause: &mut Cause, new: Cause) {
    match cause {
        Cause::Change => {}
        Cause::Version(_) | Cause::Seen => *cause = new,
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;

    fn one() -> ObjectRef<Server> {
        ObjectRef::new("one").within("a")
    }

    fn due() -> Instant {
        Instant::now() + WINDOW
    }

    #[tokio::test(start_paused = true)]
    async fn many_marks_of_one_server_ask_for_one_pass_a_window_after_the_first() {
        let queue = Arc::new(Queue::default());
        let mut taken = Box::pin(Arc::clone(&queue).take());
        let begin = Instant::now();
        queue.mark(one());
        tokio::time::sleep(WINDOW / 2).await;
        for _ in 0..100 {
            queue.mark(one());
        }
        assert_eq!(taken.next().await.unwrap().unwrap().name, "one");
        assert_eq!(begin.elapsed(), WINDOW, "later marks put nothing off");
        assert_eq!(queue.pop(due()), Next::Nothing);
    }

    #[tokio::test(start_paused = true)]
    async fn a_mark_wakes_a_reader_that_waits() {
        let queue = Arc::new(Queue::default());
        let mut taken = Box::pin(Arc::clone(&queue).take());
        let reader = tokio::spawn(async move { taken.next().await.unwrap().unwrap().name });
        tokio::task::yield_now().await;
        queue.mark(ObjectRef::new("late").within("a"));
        assert_eq!(reader.await.unwrap(), "late");
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_marked_first_is_taken_first() {
        let queue = Arc::new(Queue::default());
        let taken = Arc::clone(&queue).take();
        let names: Vec<String> = (0..20).map(|name| name.to_string()).collect();
        for name in &names {
            queue.mark(ObjectRef::new(name).within("a"));
        }
        let taken: Vec<String> = taken
            .take(names.len())
            .map(|server| server.unwrap().name)
            .collect()
            .await;
        assert_eq!(taken, names);
    }

    #[test]
    fn while_nobody_takes_nothing_is_kept() {
        let queue = Arc::new(Queue::default());
        queue.mark(one());
        let taken = Arc::clone(&queue).take();
        assert_eq!(queue.pop(due()), Next::Nothing, "from before");
        queue.mark(one());
        queue.mark(ObjectRef::new("two").within("a"));
        assert!(matches!(queue.pop(due()), Next::Server(_)));
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
                queue.pop(due());
            }
            assert_eq!(queue.cause(&one()), Some(Cause::Change));
            assert_eq!(queue.cause(&one()), None, "it counts for one pass");
        }
    }

    #[test]
    fn what_has_been_looked_at_asks_for_no_pass_and_what_comes_later_does() {
        let queue = Arc::new(Queue::default());
        let _taken = Arc::clone(&queue).take();
        assert!(!queue.look(&one()), "nothing asked");
        queue.mark(one());
        assert!(queue.look(&one()));
        assert_eq!(queue.pop(due()), Next::Nothing);
        // Told to the runner already: the pass that it begins has nothing to do.
        queue.mark(one());
        queue.pop(due());
        assert!(queue.look(&one()) && !queue.look(&one()));
        assert_eq!(queue.cause(&one()), Some(Cause::Seen));
        for looked in [true, false] {
            queue.mark(one());
            queue.pop(due());
            if looked {
                queue.look(&one());
                queue.mark(one());
                queue.pop(due());
            }
            assert_eq!(queue.cause(&one()), Some(Cause::Change));
        }
    }
}

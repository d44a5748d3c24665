//! The queue between those who tell and the one who sends: never waits, never grows past its bounds.

use parking_lot::Mutex;
use tokio::sync::Notify;

/// Bounds of a queue and of what is taken from it at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Most items that wait.
    pub(crate) items: usize,
    /// Most bytes that wait.
    pub(crate) bytes: usize,
    /// Most items that go out together; so many are worth a request at once.
    pub(crate) batch: usize,
    /// Bytes after which no more items go into the same request.
    pub(crate) batch_bytes: usize,
}

/// Something that waits to be sent.
pub(crate) trait Item {
    /// Roughly the bytes that it takes.
    fn weight(&self) -> usize;
}

/// A bounded queue.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    bounds: Bounds,
    waiting: Mutex<Waiting<T>>,
    not_empty: Notify,
    batch_is_full: Notify,
}

#[derive(Debug)]
struct Waiting<T> {
    /// Each with what it weighs, which takes a look at all of its parts.
    items: std::collections::VecDeque<(usize, T)>,
    bytes: usize,
}

impl<T: Item> Queue<T> {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            waiting: Mutex::new(Waiting {
                items: std::collections::VecDeque::new(),
                bytes: 0,
            }),
            not_empty: Notify::new(),
            batch_is_full: Notify::new(),
        }
    }

    /// Puts these in; returns how many found no place. The newest are lost, not the oldest: what led
    /// to a fault is told rather than what follows from it, and nobody has to move anything.
    pub(crate) fn push(&self, items: impl IntoIterator<Item = T>) -> u64 {
        let mut lost = 0;
        let mut waiting = self.waiting.lock();
        let before = waiting.items.len();
        for item in items {
            let bytes = item.weight();
            if waiting.items.len() >= self.bounds.items || waiting.bytes + bytes > self.bounds.bytes
            {
                lost += 1;
                continue;
            }
            waiting.bytes += bytes;
            waiting.items.push_back((bytes, item));
        }
        let after = waiting.items.len();
        drop(waiting);
        // Twice for each batch at most: waking a task costs more than all of the above.
        if before == 0 && after > 0 {
            self.not_empty.notify_one();
        }
        if before < self.bounds.batch && after >= self.bounds.batch {
            self.batch_is_full.notify_one();
        }
        lost
    }

    /// Takes what goes out together; empty if nothing waits.
    pub(crate) fn take(&self) -> Vec<T> {
        let mut waiting = self.waiting.lock();
        let mut bytes = 0;
        let fits = waiting.items.iter().take(self.bounds.batch);
        let fits = fits.take_while(|(weight, _)| {
            let fits = bytes < self.bounds.batch_bytes;
            bytes += if fits { *weight } else { 0 };
            fits
        });
        let count = fits.count();
        waiting.bytes -= bytes;
        let taken = waiting.items.drain(..count);
        taken.map(|(_, item)| item).collect()
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.lock().items.len()
    }

    /// Waits until something waits.
    pub(crate) async fn some(&self) {
        while self.len() == 0 {
            self.not_empty.notified().await;
        }
    }

    /// Waits until a batch has become full.
    pub(crate) async fn full(&self) {
        self.batch_is_full.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Item for usize {
        fn weight(&self) -> usize {
            *self
        }
    }

    const BOUNDS: Bounds = Bounds {
        items: 4,
        bytes: 100,
        batch: 3,
        batch_bytes: 50,
    };

    #[test]
    fn past_its_items_the_newest_are_lost_and_told() {
        let queue = Queue::new(BOUNDS);
        assert_eq!(queue.push(1..=6), 2);
        assert_eq!((queue.take(), queue.take()), (vec![1, 2, 3], vec![4]));
        assert_eq!(queue.push([7]), 0, "there is room again");
    }

    #[test]
    fn past_its_bytes_what_does_not_fit_is_lost_and_told() {
        let queue = Queue::new(BOUNDS);
        assert_eq!(queue.push([60, 60, 40]), 1);
        assert_eq!(queue.len(), 2);
    }

    #[test]
    fn a_batch_ends_with_the_item_that_passes_its_bytes() {
        let queue = Queue::new(BOUNDS);
        queue.push([40, 40, 10]);
        assert_eq!((queue.take(), queue.take()), (vec![40, 40], vec![10]));
        assert!(queue.take().is_empty());
    }

    #[tokio::test]
    async fn a_full_batch_wakes_the_sender_once() {
        let queue = Queue::new(BOUNDS);
        queue.push([1, 1]);
        assert!(futures_are_pending(&queue).await);
        queue.push([1]);
        queue.full().await;
        queue.push([1]);
        assert!(futures_are_pending(&queue).await);
    }

    async fn futures_are_pending(queue: &Queue<usize>) -> bool {
        tokio::select! {
            biased;
            () = queue.full() => false,
            () = std::future::ready(()) => true,
        }
    }
}

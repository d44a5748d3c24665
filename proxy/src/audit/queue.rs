//! What waits to be written. Pushing never waits.

use std::mem;

use parking_lot::Mutex;

use super::entry::Entry;

/// Entries that may wait: two seconds of a busy proxy.
pub const MAX_WAITING: usize = 16_384;
/// Bytes of kept requests and answers that may wait, where those are switched on.
const MAX_BYTES: usize = 16 * 1024 * 1024;

#[derive(Debug, Default)]
struct Waiting {
    entries: Vec<Entry>,
    bytes: usize,
    /// Entries that found no place since the last look.
    lost: usize,
}

/// The queue.
#[derive(Debug, Default)]
pub(super) struct Queue(Mutex<Waiting>);

impl Queue {
    /// Puts an entry in, if there is a place. Whether it is the first one, so that the writer has to
    /// be woken.
    pub(super) fn push(&self, entry: Entry) -> bool {
        let bytes = entry.kept();
        let mut waiting = self.0.lock();
        if waiting.entries.len() >= MAX_WAITING || waiting.bytes + bytes > MAX_BYTES {
            waiting.lost += 1;
            return false;
        }
        waiting.bytes += bytes;
        waiting.entries.push(entry);
        waiting.entries.len() == 1
    }

    /// Takes everything, and how many were lost meanwhile.
    pub(super) fn take(&self, into: &mut Vec<Entry>) -> usize {
        let mut waiting = self.0.lock();
        mem::swap(&mut waiting.entries, into);
        waiting.bytes = 0;
        mem::take(&mut waiting.lost)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::entry::tests::{call, refused},
        *,
    };

    #[test]
    fn entries_past_the_bound_are_lost_and_counted_and_there_is_room_again_afterwards() {
        let queue = Queue::default();
        for at in 0..MAX_WAITING {
            assert_eq!(queue.push(refused()), at == 0);
        }
        assert!(!queue.push(refused()));
        let mut taken = Vec::new();
        assert_eq!((queue.take(&mut taken), taken.len()), (1, MAX_WAITING));
        taken.clear();
        assert!(queue.push(refused()));
        assert_eq!((queue.take(&mut taken), taken.len()), (0, 1));
    }

    #[test]
    fn what_is_kept_of_answers_is_bounded_in_bytes() {
        let queue = Queue::default();
        let large = bytes::Bytes::from(vec![b'x'; MAX_BYTES / 2 - 100]);
        let with = || call(Some(large.clone()));
        assert!(queue.push(with()));
        assert!(!queue.push(with()), "not the first");
        assert_eq!(queue.take(&mut Vec::new()), 0);
        assert!(queue.push(with()));
        assert!(!queue.push(with()) && !queue.push(with()));
        assert_eq!(queue.take(&mut Vec::new()), 1, "one too many");
    }
}

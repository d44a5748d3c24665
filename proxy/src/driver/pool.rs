//! The memory that the queues of all streams of one bridge share.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Bytes that wait on, or are kept for, all streams of one bridge together. Four clients that read
/// nothing at all fill it; past it, streams that hold more than [`FREE_BYTES`] get nothing more.
pub const MAX_STREAMS_BYTES: usize = 4 * super::MAX_STREAM_BYTES;
/// Bytes that every stream may hold however little is left, so that clients that read are not the
/// victims of those that do not.
pub const FREE_BYTES: usize = 64 * 1024;

/// The pool. Cheap to clone; all clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool(Arc<AtomicUsize>);

impl Pool {
    /// Bytes that are taken.
    pub(super) fn taken(&self) -> usize {
        // The figure alone counts; it orders no other memory.
        self.0.load(Ordering::Relaxed)
    }

    /// Whether nothing is left.
    pub(super) fn is_scarce(&self) -> bool {
        self.taken() >= MAX_STREAMS_BYTES
    }
}

/// What one queue takes of a pool. A queue that only ever holds one answer never joins one.
#[derive(Debug, Default)]
pub(super) struct Share {
    pool: Option<Pool>,
    bytes: usize,
}

impl Share {
    pub(super) fn join(&mut self, pool: &Pool) {
        self.pool.get_or_insert_with(|| pool.clone());
    }

    /// Sets what is taken.
    pub(super) fn set(&mut self, bytes: usize) {
        if let Some(pool) = &self.pool {
            if bytes >= self.bytes {
                pool.0.fetch_add(bytes - self.bytes, Ordering::Relaxed);
            } else {
                pool.0.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
            }
            self.bytes = bytes;
        }
    }

    /// Whether so many bytes more may be taken.
    pub(super) fn has_room(&self, more: usize) -> bool {
        self.bytes + more <= FREE_BYTES || self.bytes == 0 || !self.is_scarce()
    }

    /// Whether the pool is empty.
    pub(super) fn is_scarce(&self) -> bool {
        self.pool.as_ref().is_some_and(Pool::is_scarce)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(pool: &Pool, bytes: usize) -> Share {
        let mut share = Share::default();
        share.join(pool);
        share.set(bytes);
        share
    }

    #[test]
    fn what_is_taken_is_given_back() {
        let pool = Pool::default();
        let mut one = share(&pool, 10);
        let other = share(&pool, 5);
        one.set(3);
        assert_eq!(pool.taken(), 8);
        drop(other);
        assert_eq!(pool.taken(), 3);
    }

    #[test]
    fn when_the_pool_is_empty_only_those_that_hold_little_get_more() {
        let pool = Pool::default();
        let large = share(&pool, MAX_STREAMS_BYTES - 1);
        let small = share(&pool, 0);
        assert!(large.has_room(1) && small.has_room(FREE_BYTES + 1));
        let medium = share(&pool, FREE_BYTES);
        assert!(!large.has_room(1) && !medium.has_room(1));
        let reading = share(&pool, 1);
        assert!(reading.has_room(FREE_BYTES - 1) && !reading.has_room(FREE_BYTES));
    }
}

//! Answers that are believed for a while, in bounded number.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// At most so many answers, each until its time ends.
#[derive(Debug)]
pub(super) struct Memory<K, V> {
    most: usize,
    kept: Mutex<HashMap<K, (V, Instant)>>,
}

impl<K: Clone + Eq + Hash, V: Clone> Memory<K, V> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            kept: Mutex::default(),
        }
    }

    /// The answer, if there is one that is still believed.
    pub(super) fn get(&self, key: &K) -> Option<V> {
        let kept = self.kept.lock();
        let (value, end) = kept.get(key)?;
        (Instant::now() < *end).then(|| value.clone())
    }

    /// Keeps an answer. When there is no room, the one whose time ends first makes it; a flood of
    /// refusals so drives out refusals, since those are believed for a shorter time.
    pub(super) fn put(&self, key: K, value: V, lasts: Duration) {
        let now = Instant::now();
        let mut kept = self.kept.lock();
        if kept.len() >= self.most && !kept.contains_key(&key) {
            kept.retain(|_, (_, end)| now < *end);
        }
        if kept.len() >= self.most && !kept.contains_key(&key) {
            let first = kept.iter().min_by_key(|(_, (_, end))| *end);
            if let Some(first) = first.map(|(key, _)| key.clone()) {
                kept.remove(&first);
            }
        }
        kept.insert(key, (value, now + lasts));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(30);
    const SHORT: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_believed_until_its_time_ends() {
        let memory = Memory::new(2);
        memory.put("a", true, SHORT);
        assert_eq!(memory.get(&"a"), Some(true));
        tokio::time::advance(SHORT).await;
        assert_eq!(memory.get(&"a"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_refusals_drives_out_no_yes() {
        let memory = Memory::new(10);
        memory.put(usize::MAX, true, LONG);
        for stranger in 0..1000 {
            memory.put(stranger, false, SHORT);
        }
        assert_eq!(memory.get(&usize::MAX), Some(true));
        assert_eq!(memory.kept.lock().len(), 10);
    }
}

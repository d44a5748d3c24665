//! A cache of what is not looked up by its own name, or not kept as it came: objects become
//! entries in groups, and a group is found at once whatever the number of others.
//!
//! ```text
//!  watch event ──entry──> (group, name, value) ──put──> groups: group ──> name ──> value
//! ```

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use kube::runtime::reflector::store::WriterDropped;
use kube::runtime::watcher::Event;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::key::Key;

/// What is kept of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry<T> {
    /// What it is looked up by.
    pub(crate) group: Key,
    /// The object's own name.
    pub(crate) name: String,
    /// What is kept.
    pub(crate) value: T,
}

/// The groups; clones share them.
#[derive(Debug)]
pub struct Shelf<T> {
    rows: Arc<Mutex<Rows<T>>>,
    filled: Arc<watch::Sender<bool>>,
}

impl<T> Clone for Shelf<T> {
    fn clone(&self) -> Self {
        Self {
            rows: Arc::clone(&self.rows),
            filled: Arc::clone(&self.filled),
        }
    }
}

#[derive(Debug)]
struct Rows<T> {
    most: usize,
    now: Groups<T>,
    /// What a list that is under way has brought so far.
    coming: Groups<T>,
}

impl<T: PartialEq> Shelf<T> {
    /// Without a bound of its own: there are only as many as the cluster has.
    pub(crate) fn new() -> Self {
        Self::bounded(usize::MAX)
    }

    /// Keeps `most` entries; what comes beyond is not kept.
    pub(crate) fn bounded(most: usize) -> Self {
        let rows = Rows {
            most,
            now: Groups::default(),
            coming: Groups::default(),
        };
        Self {
            rows: Arc::new(Mutex::new(rows)),
            filled: Arc::new(watch::channel(false).0),
        }
    }

    /// Every entry of a group, by name.
    pub fn group(&self, group: &Key) -> Vec<Arc<T>> {
        let rows = self.rows.lock();
        let entries = rows.now.groups.get(group).into_iter().flatten();
        entries.map(|(_, value)| Arc::clone(value)).collect()
    }

    /// One entry of a group.
    pub fn one(&self, group: &Key, name: &str) -> Option<Arc<T>> {
        self.rows.lock().now.groups.get(group)?.get(name).cloned()
    }

    /// Forgets a group, and says whether there was one.
    pub(crate) fn forget(&self, group: &Key) -> bool {
        self.rows.lock().now.forget(group)
    }

    /// Entries in all.
    pub fn len(&self) -> usize {
        self.rows.lock().now.places.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits until the first list is complete.
    ///
    /// # Errors
    /// Never while the shelf exists; the signature is that of the other caches.
    pub async fn wait_until_ready(&self) -> Result<(), WriterDropped> {
        // The sender lives as long as the shelf does.
        let _ = self.filled.subscribe().wait_for(|filled| *filled).await;
        Ok(())
    }

    /// Takes an event in, and says which group it is about if that changes what is kept.
    pub(crate) fn take(&self, event: Event<Entry<T>>) -> Option<Key> {
        let mut rows = self.rows.lock();
        match event {
            Event::Apply(entry) => {
                let most = rows.most;
                rows.now.put(entry, most)
            }
            Event::Delete(entry) => rows.now.remove(&entry.group.namespace, &entry.name),
            Event::Init => {
                rows.coming = Groups::default();
                None
            }
            Event::InitApply(entry) => {
                let most = rows.most;
                rows.coming.put(entry, most);
                None
            }
            Event::InitDone => {
                rows.now = std::mem::take(&mut rows.coming);
                self.filled.send_replace(true);
                None
            }
        }
    }
}

#[derive(Debug)]
struct Groups<T> {
    groups: HashMap<Key, BTreeMap<String, Arc<T>>>,
    /// In which group an object is, by its namespace and name: labels can be edited.
    places: HashMap<Key, Key>,
}

impl<T> Default for Groups<T> {
    fn default() -> Self {
        Self {
            groups: HashMap::new(),
            places: HashMap::new(),
        }
    }
}

impl<T: PartialEq> Groups<T> {
    fn put(&mut self, entry: Entry<T>, most: usize) -> Option<Key> {
        let object = Key::new(&entry.group.namespace, &entry.name);
        match self.places.get(&object) {
            Some(group) if *group != entry.group => {
                self.remove(&object.namespace, &object.name);
            }
            None if self.places.len() >= most => return None,
            Some(_) | None => {}
        }
        self.places.insert(object, entry.group.clone());
        let group = self.groups.entry(entry.group.clone()).or_default();
        let news = group
            .get(&entry.name)
            .is_none_or(|known| **known != entry.value);
        group.insert(entry.name, Arc::new(entry.value));
        news.then_some(entry.group)
    }

    fn remove(&mut self, namespace: &str, name: &str) -> Option<Key> {
        let group = self.places.remove(&Key::new(namespace, name))?;
        let entries = self.groups.get_mut(&group)?;
        entries.remove(name);
        if entries.is_empty() {
            self.groups.remove(&group);
        }
        Some(group)
    }

    fn forget(&mut self, group: &Key) -> bool {
        let Some(entries) = self.groups.remove(group) else {
            return false;
        };
        for name in entries.keys() {
            self.places.remove(&Key::new(&group.namespace, name));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(group: &str, name: &str, value: u32) -> Entry<u32> {
        Entry {
            group: Key::new("ns", group),
            name: name.to_owned(),
            value,
        }
    }

    fn held(shelf: &Shelf<u32>, group: &str) -> Vec<u32> {
        let entries = shelf.group(&Key::new("ns", group));
        entries.iter().map(|value| **value).collect()
    }

    #[test]
    fn only_what_changes_is_news() {
        let shelf = Shelf::new();
        let put = |value| shelf.take(Event::Apply(entry("a", "x", value)));
        assert_eq!(put(1), Some(Key::new("ns", "a")));
        assert_eq!(put(1), None);
        assert_eq!(put(2), Some(Key::new("ns", "a")));
        assert_eq!(held(&shelf, "a"), [2]);
    }

    #[test]
    fn an_object_is_in_one_group_only() {
        let shelf = Shelf::new();
        shelf.take(Event::Apply(entry("a", "x", 1)));
        shelf.take(Event::Apply(entry("b", "x", 1)));
        assert_eq!((held(&shelf, "a"), held(&shelf, "b")), (vec![], vec![1]));
        // What is deleted is found by its name, whatever it says of its group.
        shelf.take(Event::Delete(entry("a", "x", 1)));
        assert!(shelf.is_empty() && held(&shelf, "b").is_empty());
    }

    #[tokio::test]
    async fn a_new_list_replaces_the_old_one_once_it_is_complete() {
        let shelf = Shelf::new();
        shelf.take(Event::Apply(entry("a", "old", 1)));
        shelf.take(Event::Init);
        shelf.take(Event::InitApply(entry("a", "new", 2)));
        assert_eq!(held(&shelf, "a"), [1]);
        shelf.take(Event::InitDone);
        assert_eq!(held(&shelf, "a"), [2]);
        shelf.wait_until_ready().await.unwrap();
    }

    #[test]
    fn beyond_its_bound_it_keeps_what_it_has_and_no_more() {
        let shelf = Shelf::bounded(1);
        shelf.take(Event::Apply(entry("a", "x", 1)));
        assert_eq!(shelf.take(Event::Apply(entry("a", "y", 2))), None);
        assert_eq!(held(&shelf, "a"), [1]);
        // The one that is known may change, and makes room when it goes.
        shelf.take(Event::Apply(entry("a", "x", 3)));
        assert_eq!(held(&shelf, "a"), [3]);
        assert!(shelf.forget(&Key::new("ns", "a")));
        shelf.take(Event::Apply(entry("a", "y", 2)));
        assert_eq!(held(&shelf, "a"), [2]);
    }
}

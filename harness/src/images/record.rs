//! Which tag each image has: written by whoever builds, read by whoever installs or tests.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::place::Place;

/// Image names without a tag, and the full references to run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Record(BTreeMap<String, String>);

impl Record {
    /// The reference to run for an image's name, for example `ghcr.io/hivewright/proxy:0123456789abcdef`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The tag alone, as chart values want it.
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.get(name)?.rsplit_once(':').map(|(_, tag)| tag)
    }

    /// Every reference.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }

    /// Adds `NAME:TAG`.
    pub fn insert(&mut self, reference: String) {
        let name = reference
            .rsplit_once(':')
            .map_or(reference.as_str(), |(name, _)| name);
        self.0.insert(name.to_owned(), reference);
    }

    /// Adds all of another record.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Writes it into the cache.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, place: &Place) -> io::Result<()> {
        fs::write(file(place), serde_json::to_vec_pretty(self)?)
    }

    /// Reads what [`Record::save`] wrote.
    ///
    /// # Errors
    /// When nothing was built yet, or the file is not what was written.
    pub fn load(place: &Place) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(file(place))?)?)
    }
}

fn file(place: &Place) -> PathBuf {
    place.cache.join("images.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_found_by_its_name_and_gives_its_tag() {
        let mut record = Record::default();
        record.insert("ghcr.io/hivewright/proxy:abc".to_owned());
        assert_eq!(
            record.get("ghcr.io/hivewright/proxy"),
            Some("ghcr.io/hivewright/proxy:abc")
        );
        assert_eq!(record.tag("ghcr.io/hivewright/proxy"), Some("abc"));
        assert_eq!(record.tag("other"), None);
        let json = serde_json::to_string(&record).expect("a map of strings");
        assert_eq!(
            serde_json::from_str::<Record>(&json).expect("what was written"),
            record
        );
    }
}

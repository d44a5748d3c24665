//! Content hashes: what something is made of, so that the same inputs are never built twice.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// Hex digits kept of a SHA-256: 64 bits tell the versions of one thing apart for good.
const DIGITS: usize = 16;

/// An input that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{} could not be read", path.display())]
pub struct StampError {
    path: PathBuf,
    source: io::Error,
}

/// Collects inputs into one hash. Order and lengths count, so no two lists of inputs meet by chance.
#[derive(Debug, Default, Clone)]
pub struct Stamp(Sha256);

impl Stamp {
    /// A hash of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text, for example a version or another stamp.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.add(text.as_bytes());
        self
    }

    /// Adds a file's name and content.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn file(mut self, path: &Path) -> Result<Self, StampError> {
        let content = fs::read(path).map_err(|source| failed(path, source))?;
        self.add(path.file_name().unwrap_or_default().as_encoded_bytes());
        self.add(&content);
        Ok(self)
    }

    /// Adds every file under a directory, by sorted path.
    ///
    /// # Errors
    /// When the directory or a file in it cannot be read.
    pub fn tree(mut self, dir: &Path) -> Result<Self, StampError> {
        let mut paths = fs::read_dir(dir)
            .and_then(|entries| {
                entries
                    .map(|entry| entry.map(|e| e.path()))
                    .collect::<io::Result<Vec<_>>>()
            })
            .map_err(|source| failed(dir, source))?;
        paths.sort();
        for path in paths {
            if path.is_dir() {
                self.add(path.file_name().unwrap_or_default().as_encoded_bytes());
                self = self.tree(&path)?;
            } else {
                self = self.file(&path)?;
            }
        }
        Ok(self)
    }

    /// The hash, 16 hexadecimal digits.
    pub fn hex(self) -> String {
        let mut hex = String::with_capacity(2 * DIGITS);
        for byte in self.0.finalize() {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        hex.truncate(DIGITS);
        hex
    }

    fn add(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }
}

fn failed(path: &Path, source: io::Error) -> StampError {
    StampError {
        path: path.to_path_buf(),
        source,
    }
}

/// Remembers in the cache which inputs a file or directory was made of.
#[derive(Debug, Clone)]
pub struct Made {
    record: PathBuf,
    product: PathBuf,
}

impl Made {
    /// The record of `product` under `cache`.
    pub fn new(cache: &Path, name: &str, product: PathBuf) -> Self {
        Self {
            record: cache.join("stamps").join(name),
            product,
        }
    }

    /// Whether the product is there and was made of exactly these inputs.
    pub fn is_current(&self, stamp: &str) -> bool {
        self.product.exists() && fs::read_to_string(&self.record).is_ok_and(|made| made == stamp)
    }

    /// Forgets the record, to be called before the product is touched: a build that is stopped half way
    /// must not look finished.
    ///
    /// # Errors
    /// When the record cannot be removed.
    pub fn begin(&self) -> io::Result<()> {
        match fs::remove_file(&self.record) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Records that the product was made of these inputs.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub fn finish(&self, stamp: &str) -> io::Result<()> {
        if let Some(dir) = self.record.parent() {
            fs::create_dir_all(dir)?;
        }
        fs::write(&self.record, stamp)
    }
}

#[cfg(test)]
#[path = "stamp_tests.rs"]
mod tests;

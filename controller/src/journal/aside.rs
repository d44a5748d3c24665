//! A file that cannot be used makes room for a new one, and is kept for whoever wants to look.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// What SQLite keeps beside the file, by the end of its name: changes that are not in the main file
/// yet, and their index.
const CHANGES: &str = "-wal";
const INDEX: &str = "-shm";

/// The name under which a file is kept that could not be used.
pub(super) fn name(path: &Path) -> PathBuf {
    with(path, ".damaged")
}

/// Moves the file to [`name`], in place of one that was there before, so that a disk that damages
/// file after file is not filled by them.
///
/// # Errors
/// When it cannot be moved.
pub(super) fn put(path: &Path) -> io::Result<PathBuf> {
    let kept = name(path);
    for end in [CHANGES, INDEX] {
        gone(std::fs::remove_file(with(&kept, end)))?;
    }
    std::fs::rename(path, &kept)?;
    gone(std::fs::rename(with(path, CHANGES), with(&kept, CHANGES)))?;
    gone(std::fs::remove_file(with(path, INDEX)))?;
    Ok(kept)
}

fn with(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    name.into()
}

fn gone(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_and_its_changes_are_kept_and_one_kept_before_goes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal.db");
        for content in ["first", "second"] {
            std::fs::write(&path, content).unwrap();
            std::fs::write(with(&path, CHANGES), content).unwrap();
            let kept = put(&path).unwrap();
            assert_eq!(std::fs::read_to_string(&kept).unwrap(), content);
            assert_eq!(
                std::fs::read_to_string(with(&kept, CHANGES)).unwrap(),
                content
            );
        }
        assert!(!path.exists());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2);
    }
}

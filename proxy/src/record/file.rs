//! The file of a recording: new, and for nobody else to read.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// Only its owner may read and write it: it holds what users sent and servers answered.
const MODE: u32 = 0o600;

/// Why there is no recording.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Something is there already.
    #[error("{} is there already; give --record a new name", .0.display())]
    Exists(PathBuf),
    /// The file cannot be made.
    #[error("{} cannot be written; check its folder and permissions", .0.display())]
    Refused(PathBuf, #[source] io::Error),
    /// No thread can be started, or there is no randomness for the digests.
    #[error("the system gives no thread or no random bytes for the recording")]
    System(#[source] io::Error),
}

/// Makes the file.
pub(super) fn create(path: &Path) -> Result<File, CreateError> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(MODE)
        .open(path);
    made.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => CreateError::Exists(path.to_owned()),
        _ => CreateError::Refused(path.to_owned(), error),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_recording_is_for_its_owner_only_and_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let file = create(&path).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, MODE);
        assert!(matches!(create(&path), Err(CreateError::Exists(_))));
        let nowhere = folder.path().join("no/a.jsonl");
        assert!(matches!(create(&nowhere), Err(CreateError::Refused(..))));
    }
}

//! One run at a time: two that build the same image or start the same engine would undo each other.

use std::fs::{self, File, TryLockError};
use std::io;
use std::time::Duration;

use crate::place::Place;

/// How often a waiting run looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Held until dropped; the system frees it even when the process is killed.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "the open file is the lock")] File);

/// Takes the cache's lock, waiting for another run to end.
///
/// # Errors
/// When the lock file cannot be made.
pub async fn lock(place: &Place) -> io::Result<Lock> {
    fs::create_dir_all(&place.cache)?;
    let path = place.cache.join("lock");
    let file = File::options().create(true).append(true).open(&path)?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock(file)),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {}
        }
        if !told {
            eprintln!(
                " ..  another run holds {}; waiting for its end",
                path.display()
            );
            told = true;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

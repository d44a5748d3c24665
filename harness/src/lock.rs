//! One run at a time of each kind of work: two that build the same image or start the same engine
//! would undo each other.

use std::fs::{self, File, TryLockError};
use std::io;
use std::time::Duration;

use crate::place::Place;

/// How often a waiting run looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What can be done by one run at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Engine, tools, images, cluster.
    Cluster,
    /// Clients and servers from the registries: in nobody's way either.
    Programs,
    /// cargo-deny and its database: minutes the first time, in nobody's way.
    Dependencies,
}

impl Work {
    fn file(self) -> &'static str {
        match self {
            Self::Cluster => "lock",
            Self::Programs => "lock-programs",
            Self::Dependencies => "lock-dependencies",
        }
    }
}

/// Held until dropped; the system frees it even when the process is killed.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "the open file is the lock")] File);

/// Takes the cache's lock for some work, waiting for another run to end.
///
/// # Errors
/// When the lock file cannot be made.
pub async fn lock(place: &Place, work: Work) -> io::Result<Lock> {
    fs::create_dir_all(&place.cache)?;
    let path = place.cache.join(work.file());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_second_run_waits_for_the_first_and_other_work_does_not() {
        let cache = std::env::temp_dir().join(format!("hivewright-lock-{}", std::process::id()));
        let place = Place {
            project: cache.clone(),
            cache: cache.clone(),
            cluster: "none".to_owned(),
        };
        let first = lock(&place, Work::Cluster).await.expect("nobody holds it");
        lock(&place, Work::Dependencies)
            .await
            .expect("nobody holds it");
        let second = lock(&place, Work::Cluster);
        tokio::pin!(second);
        let early = tokio::time::timeout(LOOK_AGAIN * 3, &mut second).await;
        assert!(early.is_err(), "it was given twice");
        drop(first);
        second.await.expect("it is free now");
        fs::remove_dir_all(&cache).expect("the directory is ours");
    }
}

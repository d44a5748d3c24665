//! The way to the journal's file: on threads that may block, a bounded number at once.

use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;

use super::{Journal, Reading, Refusal};
use crate::journal::read;

/// Reads of the file at once. Each takes a thread and, over a long journal, a megabyte or two.
pub const READS_AT_ONCE: usize = 4;

/// Longest wait for a turn, seconds; a read takes milliseconds, so who waits longer is one of many.
const TURN: Duration = Duration::from_secs(5);

impl Reading {
    /// The journal, if it is one that tells of now.
    pub(super) fn journal(&self) -> Result<&Journal, Refusal> {
        let journal = self.journal.as_ref().ok_or(Refusal::NoJournal)?;
        if self.metrics.is_leader() {
            Ok(journal)
        } else {
            Err(Refusal::NotLeading)
        }
    }

    /// Reads the journal's file.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        answer: impl FnOnce(&Path) -> Result<T, read::Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let path = self.journal()?.path.clone();
        let turn = timeout(TURN, self.reads.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(Refusal::Busy);
        };
        let reading = tokio::task::spawn_blocking(move || {
            let answer = answer(&path);
            drop(turn);
            answer
        });
        let answer = reading.await.map_err(|_| Refusal::Busy)?;
        answer.map_err(Refusal::Unreadable)
    }
}

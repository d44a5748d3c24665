//! When a line was taken out of the queue to the server, and when it had been written.

use std::sync::OnceLock;

use tokio::time::Instant;

/// The marks of one line. Set once each: a line that is written again keeps its first ones.
#[derive(Debug, Default)]
pub struct Marks {
    taken: OnceLock<Instant>,
    written: OnceLock<Instant>,
}

impl Marks {
    /// Whoever writes to the server has it now.
    pub fn take(&self) {
        let _ = self.taken.set(Instant::now());
    }

    /// Whoever writes to the server asks for the next one.
    pub fn wrote(&self) {
        let _ = self.written.set(Instant::now());
    }

    /// When it was taken, if it was.
    pub fn taken(&self) -> Option<Instant> {
        self.taken.get().copied()
    }

    /// When it was written, if that was seen.
    pub fn written(&self) -> Option<Instant> {
        self.written.get().copied()
    }
}

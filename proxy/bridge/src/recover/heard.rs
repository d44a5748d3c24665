//! What had been received whole before the break.

use super::{
    Log, Lost, Rejoin,
    digest::{Digest, Kind, Mark},
};
use crate::line::Framed;

/// Messages after the last answer that are remembered: 64 KiB of fingerprints. A server that writes
/// more notifications than this without answering anything meanwhile cannot be gone on with.
pub const MAX_AFTER: usize = 4096;

/// The place in the server's stdout up to which it has been received: its latest answer, and the
/// messages since.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    landmark: Option<Digest>,
    after: Vec<Digest>,
    too_many: bool,
    stderr_speaks: bool,
}

impl Heard {
    /// One line of stdout was received. Whether it is the landmark from now on.
    pub fn stdout(&mut self, line: &Framed) -> bool {
        let mark = Mark::framed(line);
        match mark.kind {
            Kind::Other => false,
            Kind::Message => {
                self.too_many |= self.after.len() >= MAX_AFTER;
                if self.landmark.is_some() && !self.too_many {
                    self.after.push(mark.digest);
                }
                false
            }
            Kind::Landmark => {
                self.landmark = Some(mark.digest);
                self.after.clear();
                self.too_many = false;
                true
            }
        }
    }

    /// One line of stderr was received.
    pub fn stderr(&mut self, line: &[u8]) {
        // Once is enough: what is remembered is that it does so.
        self.stderr_speaks = self.stderr_speaks || Mark::of(line).kind != Kind::Other;
    }

    /// Begins to close the gap that began now, with a log of this kind.
    ///
    /// # Errors
    /// [`Lost`], if it is clear already that it cannot be closed.
    pub fn rejoin(&self, log: Log) -> Result<Rejoin, Lost> {
        let landmark = self.landmark.ok_or(Lost::NoLandmark)?;
        if self.too_many {
            return Err(Lost::TooFarBack);
        }
        if self.stderr_speaks && log == Log::Both {
            return Err(Lost::StderrSpeaks);
        }
        Ok(Rejoin::new(
            log,
            landmark,
            self.after.iter().copied().collect(),
        ))
    }
}

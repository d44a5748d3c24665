//! How many pods of the server there are.

use std::fmt;

/// Pods of the server, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replicas {
    /// How many the StatefulSet asks for.
    pub wanted: u32,
    /// How many of those have answered `initialize`.
    pub ready: u32,
}

impl Replicas {
    /// Whether clients are answered, by fewer pods than are wanted.
    pub const fn partly(self) -> bool {
        0 < self.ready && self.ready < self.wanted
    }
}

/// As `kubectl` shows it: `2/3`.
impl fmt::Display for Replicas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.ready, self.wanted)
    }
}

//! Whether what becomes true is written down.

use crate::event::Severity;
use crate::reason::Reason;

/// Where the journal of the controller stands. It has no say in what a server becomes: a server
/// without a journal is as ready as one with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Journal {
    /// The controller keeps none.
    #[default]
    Off,
    /// Every event is in it.
    Available,
    /// Events are not written down at present.
    Unavailable(JournalFault),
}

/// Why a journal cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JournalFault {
    /// There is no room on its disk.
    Full,
    /// Its disk, or its file, may only be read.
    ReadOnly,
    /// Its file cannot be opened or made.
    Unreachable,
    /// Its file holds something else.
    Foreign,
    /// Its disk does not answer in time.
    Stalled,
    /// Its disk fails.
    Broken,
}

impl JournalFault {
    /// Every fault.
    pub const ALL: [Self; 6] = [
        Self::Full,
        Self::ReadOnly,
        Self::Unreachable,
        Self::Foreign,
        Self::Stalled,
        Self::Broken,
    ];
}

impl Journal {
    /// Every state.
    pub fn all() -> impl Iterator<Item = Self> {
        let faults = JournalFault::ALL.map(Self::Unavailable);
        [Self::Off, Self::Available].into_iter().chain(faults)
    }

    /// The state with this reason.
    pub fn of(reason: &str) -> Option<Self> {
        Self::all().find(|state| state.reason().as_str() == reason)
    }

    /// Why it is as it is.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Off => Reason::JournalOff,
            Self::Available => Reason::JournalAvailable,
            Self::Unavailable(fault) => match fault {
                JournalFault::Full => Reason::JournalFull,
                JournalFault::ReadOnly => Reason::JournalReadOnly,
                JournalFault::Unreachable => Reason::JournalUnreachable,
                JournalFault::Foreign => Reason::JournalForeign,
                JournalFault::Stalled => Reason::JournalStalled,
                JournalFault::Broken => Reason::JournalBroken,
            },
        }
    }

    /// Whether people should be warned.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Off | Self::Available => Severity::Normal,
            Self::Unavailable(_) => Severity::Warning,
        }
    }

    /// One sentence that says what to change, if anything.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Off => "The controller keeps no journal.",
            Self::Available => "Every event of this server is written to the controller's journal.",
            Self::Unavailable(fault) => match fault {
                JournalFault::Full => {
                    "The disk of the controller's journal is full, so events are not written down; make room on it, or lower journal.maxBytes in the values of the Hivewright chart. The server is not touched by it."
                }
                JournalFault::ReadOnly => {
                    "The file of the controller's journal may only be read, so events are not written down; make its volume writable. The server is not touched by it."
                }
                JournalFault::Unreachable => {
                    "The file of the controller's journal cannot be opened, so events are not written down; check its volume and its rights. The server is not touched by it."
                }
                JournalFault::Foreign => {
                    "The file that the controller was given for its journal holds something else, so events are not written down; give it a file of its own. The server is not touched by it."
                }
                JournalFault::Stalled => {
                    "The disk of the controller's journal does not answer in time, so events are not written down; check its volume. The server is not touched by it."
                }
                JournalFault::Broken => {
                    "The disk of the controller's journal fails, so events are not written down; see the log of the controller. The server is not touched by it."
                }
            },
        }
    }
}

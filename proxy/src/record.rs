//! Recordings: every message that crosses the proxy, for bug reports.
//!
//! ```text
//!  bridges ──saw──> Recorder ══ bounded queue ══> writer thread ──JSON lines──> FILE ──read──> Recording
//!           (never waits)          full: counted        full, broken: told
//! ```
//!
//! The first line is a header with a version, each other line one entry: what was seen and when, in
//! microseconds since the start, on a clock that never goes backwards. Messages are kept byte for
//! byte, unless they are redacted. A recording that lacks something says so in the file itself.

mod convert;
mod entry;
mod file;
mod queue;
mod read;
mod redact;
mod writer;

pub use self::{
    entry::{Body, End, Entry, FORMAT, Header, What},
    file::CreateError,
    queue::{FINISH_WAIT, MAX_QUEUED, MAX_QUEUED_BYTES, Recorder},
    read::{Line, MAX_ENTRY, ReadError, Recording},
    writer::{MAX_RECORDING, Summary},
};

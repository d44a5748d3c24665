//! What an error of the store means for the journal.

use hivewright_core::JournalFault;
use rusqlite::ErrorCode;

use super::store::Error;

/// What an error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The disk, or whoever manages it, has to change; the file is as good as before.
    Fault(JournalFault),
    /// What is in the file cannot be used, whoever changes what.
    Damaged,
}

/// Codes of SQLite: <https://www.sqlite.org/rescode.html>
pub(super) fn meaning(error: &Error) -> Meaning {
    let error = match error {
        Error::ReadOnly => return Meaning::Fault(JournalFault::ReadOnly),
        Error::Foreign => return Meaning::Fault(JournalFault::Foreign),
        Error::Version(_) | Error::Damaged => return Meaning::Damaged,
        Error::Sqlite(error) => error,
    };
    let fault = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => JournalFault::Full,
        Some(ErrorCode::ReadOnly) => JournalFault::ReadOnly,
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => JournalFault::Unreachable,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => JournalFault::Stalled,
        Some(
            ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::ConstraintViolation
            | ErrorCode::TypeMismatch,
        )
        | None => return Meaning::Damaged,
        // Codes of the process, and those of versions to come.
        Some(_) => JournalFault::Broken,
    };
    Meaning::Fault(fault)
}

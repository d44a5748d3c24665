//! Settings of the journal.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use jiff::SignedDuration;

use crate::journal::{Limits, Settings};

/// The least that a journal may hold, in bytes: below that an empty one with its tables and a status
/// of each of some servers does not fit.
const LEAST_BYTES: u64 = 1024 * 1024;

/// The least age at which events may be removed.
const LEAST_AGE: SignedDuration = SignedDuration::from_mins(1);

/// The journal of events.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Journal")]
pub struct JournalArgs {
    /// File to which every event is written; none: no journal is kept
    #[arg(long, env = "HIVEWRIGHT_JOURNAL", value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// How long events are kept: a number and d, h or m
    #[arg(long, env = "HIVEWRIGHT_JOURNAL_MAX_AGE", default_value = "30d", value_parser = age)]
    pub journal_max_age: SignedDuration,
    /// How large the file may grow before the oldest events go: bytes, or a number and Ki, Mi or Gi
    #[arg(long, env = "HIVEWRIGHT_JOURNAL_MAX_BYTES", default_value = "128Mi", value_parser = bytes)]
    pub journal_max_bytes: u64,
}

impl JournalArgs {
    /// The same, as the journal reads it; `None` if none is kept.
    pub fn settings(&self) -> Option<Settings> {
        let path = self.journal.clone()?;
        let limits = Limits {
            age: self.journal_max_age,
            bytes: self.journal_max_bytes,
        };
        Some(Settings { path, limits })
    }
}

fn age(text: &str) -> Result<SignedDuration, String> {
    let wrong =
        || "an age is a whole number and d, h or m, such as 30d, and at least 1m".to_owned();
    let number = text.get(..text.len().saturating_sub(1));
    let number: i64 = number
        .and_then(|number| number.parse().ok())
        .ok_or_else(wrong)?;
    let minutes = match text.chars().last() {
        Some('d') => number.checked_mul(24 * 60),
        Some('h') => number.checked_mul(60),
        Some('m') => Some(number),
        Some(_) | None => None,
    };
    let seconds = minutes.and_then(|minutes| minutes.checked_mul(60));
    let age = SignedDuration::from_secs(seconds.ok_or_else(wrong)?);
    if age < LEAST_AGE {
        Err(wrong())
    } else {
        Ok(age)
    }
}

fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || {
        "a size is a whole number of bytes, or one and Ki, Mi or Gi, such as 128Mi, and at least 1Mi".to_owned()
    };
    let units = [("Ki", 10), ("Mi", 20), ("Gi", 30)];
    let (number, shift) = units
        .into_iter()
        .find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, shift)))
        .unwrap_or((text, 0));
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let bytes = number.checked_mul(1 << shift).ok_or_else(wrong)?;
    if bytes < LEAST_BYTES {
        Err(wrong())
    } else {
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_sizes_are_read() {
        assert_eq!(age("30d"), Ok(SignedDuration::from_hours(720)));
        assert_eq!(age("12h"), Ok(SignedDuration::from_hours(12)));
        assert_eq!(age("90m"), Ok(SignedDuration::from_mins(90)));
        assert_eq!(bytes("128Mi"), Ok(134_217_728));
        assert_eq!(bytes("2Gi"), Ok(2_147_483_648));
        assert_eq!(bytes("1048576"), Ok(1_048_576));
    }

    #[test]
    fn what_is_no_age_and_no_size_is_refused() {
        for wrong in [
            "",
            "d",
            "30",
            "0m",
            "-1d",
            "1w",
            "999999999999999999d",
            "1.5h",
            "ü",
        ] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
        for wrong in [
            "",
            "Mi",
            "1",
            "1023Ki",
            "-1Mi",
            "1MB",
            "99999999999Gi",
            "1.5Mi",
        ] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}

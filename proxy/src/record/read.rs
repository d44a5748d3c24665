//! Reads a recording, and says exactly where one is broken.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
};

use hivewright_bridge::line::MAX_LINE;

use super::{
    entry::{End, Entry, FORMAT, Header, What},
    writer::MAX_RECORDING,
};

/// Length of a line of a recording, in bytes: the longest message, each byte of it escaped, and its
/// envelope.
pub const MAX_ENTRY: usize = 6 * MAX_LINE + 4096;

/// Why a file cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is not there or may not be read.
    #[error("the recording {} cannot be read", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// Its first line is not the header of a recording.
    #[error("{} is no recording: its first line is not the header that `run --record` writes", .0.display())]
    NotARecording(PathBuf),
    /// It was written by another version.
    #[error(
        "the recording {path} has format {found}, this program reads format {FORMAT}; use the version that wrote it ({proxy})"
    )]
    Format {
        /// The file.
        path: String,
        /// Its format.
        found: u32,
        /// Who wrote it.
        proxy: String,
    },
    /// A line is no entry.
    #[error("line {line} of the recording {} is not an entry; remove what follows line {} to replay what comes before", path.display(), line - 1)]
    Broken {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The last line has no end: the file was cut off.
    #[error("line {line}, the last one of the recording {}, is cut off; remove it to replay what comes before", path.display())]
    CutOff {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// It is larger than any recording.
    #[error("line {line} of the recording {} is past the size that recordings have", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// What would be replayed was left out.
    #[error("the recording {} was redacted, so that nothing can be replayed; record it again without --record-redact", .0.display())]
    Redacted(PathBuf),
    /// It holds several processes, each of a session of its own, and a replay is one.
    #[error("the recording {} is of `--isolation per-session`, where each session has a server of its own, and a replay is one server for all; record it again without that option", .0.display())]
    PerSession(PathBuf),
}

/// One entry and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line in the file, from 1.
    pub number: usize,
    /// What it says.
    pub entry: Entry,
}

/// A recording that was read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Its first line.
    pub header: Header,
    /// The others, without gaps and end.
    pub lines: Vec<Line>,
    /// How it ends; none if the proxy was killed.
    pub end: Option<End>,
    /// Entries that are missing.
    pub lost: u64,
}

impl Recording {
    /// Reads a file.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let unreadable = |error| ReadError::Unreadable(path.to_owned(), error);
        let file = File::open(path).map_err(unreadable)?;
        let mut reader = BufReader::new(file.take(MAX_RECORDING + 4096));
        let mut text = Vec::new();
        let mut recording = None;
        for number in 1.. {
            text.clear();
            let limit = MAX_ENTRY as u64 + 1;
            let read = reader.by_ref().take(limit).read_until(b'\n', &mut text);
            if read.map_err(unreadable)? == 0 {
                break;
            }
            if recording.is_some() && text.last() != Some(&b'\n') {
                return Err(unfinished(path, number, &text, &reader));
            }
            match &mut recording {
                None => recording = Some(Self::begin(path, &text)?),
                Some(recording) => recording.take(path, number, &text)?,
            }
        }
        recording.ok_or_else(|| ReadError::NotARecording(path.to_owned()))
    }

    /// As [`Recording::read`], for a recording that holds all messages.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read_whole(path: &Path) -> Result<Self, ReadError> {
        let recording = Self::read(path)?;
        if recording.header.redacted {
            return Err(ReadError::Redacted(path.to_owned()));
        }
        // Only a pool has others than the first.
        if recording.lines.iter().any(|line| line.entry.pod > 0) {
            return Err(ReadError::PerSession(path.to_owned()));
        }
        Ok(recording)
    }

    /// What the user should know before relying on it, if anything.
    pub fn warning(&self) -> Option<String> {
        let gaps = (self.lost > 0).then(|| format!("{} entries are missing", self.lost));
        let end = match self.end {
            Some(End::Finished) => None,
            Some(End::Full) => Some("it stopped at its largest size"),
            None => Some("it has no end: the proxy was killed"),
        };
        let told: Vec<String> = gaps.into_iter().chain(end.map(str::to_owned)).collect();
        (!told.is_empty()).then(|| format!("the recording is incomplete: {}", told.join("; ")))
    }

    fn begin(path: &Path, text: &[u8]) -> Result<Self, ReadError> {
        let header: Header =
            serde_json::from_slice(text).map_err(|_| ReadError::NotARecording(path.to_owned()))?;
        if header.format != FORMAT {
            return Err(ReadError::Format {
                path: path.display().to_string(),
                found: header.format,
                proxy: header.proxy,
            });
        }
        Ok(Self {
            header,
            lines: Vec::new(),
            end: None,
            lost: 0,
        })
    }

    fn take(&mut self, path: &Path, number: usize, text: &[u8]) -> Result<(), ReadError> {
        let entry: Entry = serde_json::from_slice(text).map_err(|source| ReadError::Broken {
            path: path.to_owned(),
            line: number,
            source,
        })?;
        if let What::Lost { entries } = entry.what {
            self.lost += entries;
        } else if let What::End { why } = entry.what {
            self.end = Some(why);
        } else {
            self.lines.push(Line { number, entry });
        }
        Ok(())
    }
}

fn unfinished(
    path: &Path,
    line: usize,
    text: &[u8],
    reader: &BufReader<io::Take<File>>,
) -> ReadError {
    let path = path.to_owned();
    if text.len() > MAX_ENTRY || reader.get_ref().limit() == 0 {
        ReadError::TooLarge { path, line }
    } else {
        ReadError::CutOff { path, line }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const HEADER: &str = r#"{"hivewrightRecording":1,"proxy":"9","started":"x","redacted":false}"#;
    const ENTRY: &str = r#"{"at":1,"pod":0,"saw":"serverUp"}"#;

    fn read(text: &str) -> Result<Recording, ReadError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r");
        fs::write(&path, text).unwrap();
        Recording::read_whole(&path)
    }

    #[test]
    fn a_recording_without_end_is_read_and_called_incomplete() {
        let recording = read(&format!("{HEADER}\n{ENTRY}\n")).unwrap();
        assert_eq!(recording.lines[0].number, 2);
        assert!(recording.warning().unwrap().contains("killed"));
    }

    #[test]
    fn a_recording_of_a_server_for_each_session_is_refused() {
        let other = r#"{"at":2,"pod":1,"saw":"serverUp"}"#;
        let error = read(&format!("{HEADER}\n{ENTRY}\n{other}\n")).unwrap_err();
        assert!(matches!(error, ReadError::PerSession(_)), "{error}");
        assert!(error.to_string().contains("--isolation per-session"));
    }

    #[test]
    fn a_broken_line_is_told_by_its_number() {
        let text =
            format!("{HEADER}\n{ENTRY}\n{{\"at\":2,\"pod\":0,\"saw\":\"nonsense\"}}\n{ENTRY}\n");
        let error = read(&text).unwrap_err();
        assert!(
            matches!(error, ReadError::Broken { line: 3, .. }),
            "{error}"
        );
        assert!(error.to_string().contains("line 3 "), "{error}");
    }

    #[test]
    fn a_file_that_was_cut_off_is_told_by_the_number_of_its_last_line() {
        let error = read(&format!("{HEADER}\n{ENTRY}\n{{\"at\":2,")).unwrap_err();
        assert!(
            matches!(error, ReadError::CutOff { line: 3, .. }),
            "{error}"
        );
    }

    #[test]
    fn other_files_other_formats_and_redacted_recordings_are_told_apart() {
        assert!(matches!(read(""), Err(ReadError::NotARecording(_))));
        assert!(matches!(read("hello\n"), Err(ReadError::NotARecording(_))));
        let other = HEADER.replace("\":1,", "\":7,");
        let error = read(&format!("{other}\n")).unwrap_err();
        assert!(
            matches!(error, ReadError::Format { found: 7, .. }),
            "{error}"
        );
        let redacted = HEADER.replace("false", "true");
        let error = read(&format!("{redacted}\n")).unwrap_err();
        assert!(matches!(error, ReadError::Redacted(_)), "{error}");
    }
}

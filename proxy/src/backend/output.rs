//! The server's stdout and stderr: chunks in, lines out, each stream framed for itself.

use bytes::Bytes;
use hivewright_bridge::line::{Framed, Lines, Oversized};

use crate::driver::Bridge;

/// Longest stderr line that is logged, in bytes. It is a log line, not a message; longer ones come
/// from dumps of binary data.
pub const MAX_STDERR_LINE: usize = 64 * 1024;

/// Takes the server's lines.
pub trait LineSink {
    /// One line of stdout, without its newline.
    fn stdout(&self, line: Bytes);
    /// What is left of a line of stdout that was too long.
    fn stdout_oversized(&self, line: Oversized);
    /// One line of stderr, without its newline.
    fn stderr(&self, line: &[u8]);
}

impl LineSink for Bridge {
    fn stdout(&self, line: Bytes) {
        self.server_line(line);
    }

    fn stdout_oversized(&self, line: Oversized) {
        self.server_oversized(line);
    }

    fn stderr(&self, line: &[u8]) {
        self.server_stderr(line);
    }
}

/// The two framings of one process. Dropped with it: a line never spans two processes.
#[derive(Debug)]
pub struct Output<'a, S> {
    sink: &'a S,
    stdout: Lines,
    stderr: Lines,
}

impl<'a, S: LineSink> Output<'a, S> {
    /// For a fresh process.
    pub fn new(sink: &'a S) -> Self {
        Self {
            sink,
            stdout: Lines::default(),
            stderr: Lines::with_max(MAX_STDERR_LINE),
        }
    }

    /// A chunk of stdout, cut anywhere.
    pub fn stdout(&mut self, chunk: Bytes) {
        self.stdout.feed(chunk);
        while let Some(framed) = self.stdout.next() {
            self.out(framed);
        }
    }

    /// A chunk of stderr, cut anywhere.
    pub fn stderr(&mut self, chunk: Bytes) {
        self.stderr.feed(chunk);
        while let Some(framed) = self.stderr.next() {
            self.err(framed);
        }
    }

    /// The process is over: what follows the last newline counts as a line.
    pub fn finish(mut self) {
        if let Some(framed) = self.stdout.finish() {
            self.out(framed);
        }
        if let Some(framed) = self.stderr.finish() {
            self.err(framed);
        }
    }

    fn out(&self, framed: Framed) {
        match framed {
            Framed::Line(line) => self.sink.stdout(line),
            Framed::Oversized(line) => {
                tracing::warn!(
                    bytes = line.bytes,
                    "stdout line over the bound was discarded"
                );
                self.sink.stdout_oversized(line);
            }
        }
    }

    fn err(&self, framed: Framed) {
        match framed {
            Framed::Line(line) => self.sink.stderr(&line),
            Framed::Oversized(line) => {
                tracing::warn!(
                    bytes = line.bytes,
                    "stderr line over the bound was discarded"
                );
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use parking_lot::Mutex;

    use super::*;

    /// Keeps every line, marked with its stream.
    #[derive(Debug, Default)]
    pub(crate) struct Recorder(pub(crate) Mutex<Vec<String>>);

    impl LineSink for Recorder {
        fn stdout(&self, line: Bytes) {
            self.0
                .lock()
                .push(format!("out {}", String::from_utf8_lossy(&line)));
        }

        fn stdout_oversized(&self, line: Oversized) {
            self.0.lock().push(format!("oversized {}", line.bytes));
        }

        fn stderr(&self, line: &[u8]) {
            self.0
                .lock()
                .push(format!("err {}", String::from_utf8_lossy(line)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{testing::Recorder, *};

    #[test]
    fn streams_cut_anywhere_are_framed_apart() {
        let recorder = Recorder::default();
        let mut output = Output::new(&recorder);
        output.stdout(Bytes::from_static(b"{\"a\":"));
        output.stderr(Bytes::from_static(b"warn"));
        output.stdout(Bytes::from_static(b"1}\n{}\nre"));
        output.stderr(Bytes::from_static(b"ing\n"));
        output.stdout(Bytes::from_static(b"st"));
        output.finish();
        assert_eq!(
            *recorder.0.lock(),
            ["out {\"a\":1}", "out {}", "err warning", "out rest"]
        );
    }

    #[test]
    fn an_endless_stderr_line_is_discarded_and_the_next_one_is_told() {
        let recorder = Recorder::default();
        let mut output = Output::new(&recorder);
        for _ in 0..=MAX_STDERR_LINE / 1024 {
            output.stderr(Bytes::from(vec![b'x'; 1024]));
        }
        output.stderr(Bytes::from_static(b"\nnext\n"));
        assert_eq!(*recorder.0.lock(), ["err next"]);
    }
}

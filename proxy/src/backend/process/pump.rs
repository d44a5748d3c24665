//! Moves bytes between the pipes of a process and the bridge until one of them ends.

use std::{future::pending, io, process::ExitStatus, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures::FutureExt;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::ChildStdin,
    time::sleep,
};

use super::child::Pipes;
use crate::backend::{
    output::{LineSink, Output},
    source::LineSource,
};

/// Bytes read at once: the size of a Linux pipe.
const READ_SIZE: usize = 64 * 1024;
/// A buffer with less room than this is replaced: short lines share one, a burst gets its own.
const READ_MIN: usize = 8 * 1024;
/// How long what a process wrote before its end is still read: a grandchild may hold the pipe open
/// for ever.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Why [`pump`] returned.
#[derive(Debug)]
pub(super) enum PumpEnd {
    /// The process ended.
    Exited(ExitStatus),
    /// It closed its stdout, so it cannot answer any more.
    StdoutClosed,
    /// The driver has no more use for it.
    Dropped,
    /// The proxy is shutting down.
    Shutdown,
}

impl PumpEnd {
    /// For the log.
    pub(super) const fn as_str(&self) -> &'static str {
        match self {
            Self::Exited(_) => "exited",
            Self::StdoutClosed => "stdout closed",
            Self::Dropped => "dropped",
            Self::Shutdown => "shutdown",
        }
    }

    /// For people.
    pub(super) fn told(&self) -> Arc<str> {
        match self {
            Self::Exited(status) => status.to_string().into(),
            Self::StdoutClosed | Self::Dropped | Self::Shutdown => self.as_str().into(),
        }
    }
}

/// Runs the pipes. Each of the three waits for its own pipe only: a server that writes before it
/// reads on must not be blocked by our own writing.
pub(super) async fn pump<S: LineSink>(
    pipes: &mut Pipes,
    queue: &mut impl LineSource,
    sink: &S,
    exit: impl Future<Output = io::Result<ExitStatus>>,
) -> PumpEnd {
    let Pipes {
        stdin,
        stdout,
        stderr,
    } = pipes;
    let mut output = Output::new(sink);
    let end = {
        let reading = read(stdout, stderr, &mut output);
        tokio::pin!(reading, exit);
        tokio::select! {
            () = &mut reading => last_status(exit).await,
            () = write(stdin, queue) => PumpEnd::Dropped,
            status = &mut exit => {
                tokio::select! {
                    () = reading => {}
                    () = sleep(LAST_WORDS) => {}
                }
                status.map_or(PumpEnd::StdoutClosed, PumpEnd::Exited)
            }
        }
    };
    output.finish();
    end
}

/// Stdout has ended. As a rule the process has too.
async fn last_status(exit: impl Future<Output = io::Result<ExitStatus>>) -> PumpEnd {
    tokio::select! {
        status = exit => status.map_or(PumpEnd::StdoutClosed, PumpEnd::Exited),
        () = sleep(LAST_WORDS) => PumpEnd::StdoutClosed,
    }
}

/// Reads both streams until stdout ends; a server may close its stderr at will.
async fn read<S: LineSink>(
    stdout: &mut (impl AsyncRead + Unpin),
    stderr: &mut (impl AsyncRead + Unpin),
    output: &mut Output<'_, S>,
) {
    let (mut out, mut err) = (BytesMut::new(), BytesMut::new());
    let mut stderr_open = true;
    loop {
        // Cancel-safe: a read that is not done has taken nothing.
        tokio::select! {
            chunk = chunk(stdout, &mut out) => match chunk {
                Some(chunk) => output.stdout(chunk),
                None => break,
            },
            chunk = chunk(stderr, &mut err), if stderr_open => match chunk {
                Some(chunk) => output.stderr(chunk),
                None => stderr_open = false,
            },
        }
    }
    // Why it ended, if it said so, is in the pipe by now.
    while let Some(Some(last)) = chunk(stderr, &mut err).now_or_never() {
        output.stderr(last);
    }
}

/// The next bytes; `None` at the end. A broken pipe is an end.
async fn chunk(reader: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut) -> Option<Bytes> {
    if buffer.capacity() - buffer.len() < READ_MIN {
        buffer.reserve(READ_SIZE);
    }
    let count = reader.read_buf(buffer).await.ok()?;
    (count > 0).then(|| buffer.split().freeze())
}

/// Writes until the queue ends. A process that has closed its stdin is seen by its exit, or by the
/// driver when the queue is full.
async fn write(stdin: &mut ChildStdin, queue: &mut impl LineSource) {
    let mut lines = Vec::new();
    while queue.batch(&mut lines).await > 0 {
        if stdin.write_all(&joined(&mut lines)).await.is_err() {
            pending::<()>().await;
        }
    }
}

/// One write for a burst; a single line is not copied.
fn joined(lines: &mut Vec<Bytes>) -> Bytes {
    match lines.len() {
        1 => lines.remove(0),
        _ => lines
            .drain(..)
            .fold(BytesMut::new(), |mut all, line| {
                all.extend_from_slice(&line);
                all
            })
            .freeze(),
    }
}

//! The stdio server as a child, and who waits for what it says.

use std::{collections::HashMap, io, process::Stdio, sync::Arc};

use parking_lot::Mutex;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, Command},
    sync::{mpsc, oneshot},
};

/// Messages that may wait for the one client to read its stream: far more than a scenario sends.
const MAX_WAITING: usize = 4096;

/// The present child and its one client.
#[derive(Clone, Debug)]
pub(super) struct House {
    inner: Arc<Mutex<Inner>>,
    stdin: Arc<tokio::sync::Mutex<Option<ChildStdin>>>,
    ended: mpsc::Sender<u8>,
}

#[derive(Debug, Default)]
struct Inner {
    session: u64,
    answers: HashMap<String, oneshot::Sender<String>>,
    stream: Option<mpsc::Sender<String>>,
}

impl House {
    /// An empty house, and where the exit code of a child arrives that ended by itself.
    pub(super) fn new() -> (Self, mpsc::Receiver<u8>) {
        let (ended, codes) = mpsc::channel(1);
        let house = Self {
            inner: Arc::default(),
            stdin: Arc::default(),
            ended,
        };
        (house, codes)
    }

    /// Number of the session; 0 before the first.
    pub(super) fn session(&self) -> u64 {
        self.inner.lock().session
    }

    /// A fresh child for a fresh session. The former one's stdin ends, and with it the child.
    pub(super) async fn renew(&self) -> io::Result<u64> {
        let mut child = Command::new("/proc/self/exe")
            .args(std::env::args().skip(1))
            .env("MCP_TRANSPORT", "stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        *self.stdin.lock().await = child.stdin.take();
        let session = {
            let mut inner = self.inner.lock();
            inner.session += 1;
            inner.answers.clear();
            inner.session
        };
        let house = self.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                house.said(line);
            }
            house.over(session, child).await;
        });
        Ok(session)
    }

    /// The one stream on which the client listens from now on.
    pub(super) fn listen(&self) -> mpsc::Receiver<String> {
        let (sender, stream) = mpsc::channel(MAX_WAITING);
        self.inner.lock().stream = Some(sender);
        stream
    }

    /// The answer to the request with this id, once it comes.
    pub(super) fn answer(&self, id: &Value) -> oneshot::Receiver<String> {
        let (sender, answer) = oneshot::channel();
        self.inner.lock().answers.insert(id.to_string(), sender);
        answer
    }

    /// Writes one message to the child.
    pub(super) async fn write(&self, message: &[u8]) -> io::Result<()> {
        let mut stdin = self.stdin.lock().await;
        let stdin = stdin.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        stdin.write_all(message).await?;
        stdin.write_all(b"\n").await?;
        stdin.flush().await
    }

    fn said(&self, line: String) {
        let message: Value = serde_json::from_str(&line).unwrap_or_default();
        let mut inner = self.inner.lock();
        let waits = match (message.get("id"), message.get("method")) {
            (Some(id), None) => inner.answers.remove(&id.to_string()),
            _ => None,
        };
        if let Some(waits) = waits {
            let _hung_up = waits.send(line);
        } else if let Some(stream) = &inner.stream {
            let _full_or_gone = stream.try_send(line);
        }
    }

    async fn over(&self, session: u64, mut child: Child) {
        let status = child.wait().await;
        if self.session() == session {
            let code = status.ok().and_then(|status| status.code());
            // A signal has no code; 134 is what a shell says of an abort.
            let code = code.and_then(|code| u8::try_from(code).ok());
            let _ending = self.ended.send(code.unwrap_or(134)).await;
        }
    }
}

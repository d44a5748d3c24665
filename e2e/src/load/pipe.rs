//! The same calls without any proxy: over the stdin and stdout of a server of our own.
//!
//! What a proxy adds is the difference to this.

use std::{collections::HashMap, process::Stdio, sync::Arc};

use anyhow::{Context, Result, ensure};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdout, Command},
    sync::{mpsc, oneshot},
};

use super::message;

/// Lines that wait for the server's stdin: one a caller.
const QUEUE: usize = 1024;

type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<String>>>>;

/// A running server.
#[derive(Debug)]
pub(super) struct Pipe {
    lines: mpsc::Sender<String>,
    waiting: Waiting,
    _child: Child,
}

impl Pipe {
    /// Starts the command and shakes hands.
    pub(super) async fn open(command: &[String]) -> Result<Self> {
        let (program, args) = command.split_first().context("the command is missing")?;
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{program} cannot be started"))?;
        let mut stdin = child.stdin.take().context("no stdin")?;
        let stdout = child.stdout.take().context("no stdout")?;
        let (lines, mut queue) = mpsc::channel::<String>(QUEUE);
        tokio::spawn(async move {
            while let Some(line) = queue.recv().await {
                if stdin.write_all(line.as_bytes()).await.is_err() {
                    break;
                }
            }
        });
        let waiting = Waiting::default();
        tokio::spawn(read(stdout, waiting.clone()));
        let pipe = Self {
            lines,
            waiting,
            _child: child,
        };
        pipe.ask(0, message::initialize()).await?;
        pipe.lines
            .send(format!("{}\n", message::INITIALIZED))
            .await?;
        Ok(pipe)
    }

    /// One call of `echo`.
    pub(super) async fn echo(&self, id: u64, text: &str) -> Result<()> {
        let answer = self.ask(id, message::call(id, "echo", text)).await?;
        message::check(answer.as_bytes(), text)
    }

    async fn ask(&self, id: u64, mut line: String) -> Result<String> {
        line.push('\n');
        let (tell, told) = oneshot::channel();
        self.waiting.lock().insert(id, tell);
        self.lines.send(line).await?;
        told.await.context("the server ended")
    }
}

async fn read(stdout: ChildStdout, waiting: Waiting) -> Result<()> {
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await? {
        let message: Answer = serde_json::from_str(&line)?;
        let Some(id) = message.id else { continue };
        let tell = waiting.lock().remove(&id);
        let tell = tell.context("an answer that nobody asked for")?;
        ensure!(tell.send(line).is_ok(), "a caller that does not wait");
    }
    Ok(())
}

#[derive(serde::Deserialize)]
struct Answer {
    id: Option<u64>,
}

//! The journal as the rest of the controller sees it: never waits long, never fails a pass.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use hivewright_core::{Journal as State, JournalFault};
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use super::store::{Item, Limits};
use super::writer::{Job, Writer};
use crate::key::Key;
use crate::metrics::JournalMetrics;

/// Passes that may wait for the writer. Each waits for its own, and there are
/// [`CONCURRENCY`](crate::lead::CONCURRENCY) of them in each scope; what is beyond is lost, and
/// counted.
pub const QUEUE: usize = 1_024;

/// How long a pass waits for its events to be on the disk. A disk that takes longer must not hold up
/// reconciling.
pub const APPEND_WAIT: Duration = Duration::from_secs(2);

/// How long the controller waits at its start for the file to be opened and read through.
const OPEN_WAIT: Duration = Duration::from_secs(10);

/// How long it waits at its end for the file to be closed.
const CLOSE_WAIT: Duration = Duration::from_secs(3);

/// How the journal is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The file.
    pub path: PathBuf,
    /// How much is kept.
    pub limits: Limits,
}

/// Why something did not get into the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// The journal cannot be written at present.
    #[error("the journal cannot be written at present")]
    Unavailable(JournalFault),
    /// Too much waits to be written.
    #[error("{QUEUE} passes wait for the journal already")]
    Overflow,
}

/// A handle; all clones are of one journal.
#[derive(Clone)]
pub struct Journal {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal")
            .field("path", &self.shared.path)
            .finish_non_exhaustive()
    }
}

struct Shared {
    path: PathBuf,
    jobs: SyncSender<Job>,
    state: watch::Sender<State>,
    newest: watch::Sender<u64>,
    metrics: JournalMetrics,
}

impl Journal {
    /// Starts the writer, and waits until it has opened the file or found out why it cannot.
    ///
    /// # Errors
    /// When the operating system gives no thread. A file that cannot be opened is no error: it is
    /// tried again and again, and the [`state`](Self::state) says so.
    pub async fn start(settings: Settings, metrics: JournalMetrics) -> std::io::Result<Self> {
        let (jobs, taken) = sync_channel(QUEUE);
        let (state, mut states) = watch::channel(State::Off);
        let (newest, _) = watch::channel(0);
        let path = settings.path.clone();
        let writer = Writer::new(settings, (state.clone(), newest.clone()), metrics.clone());
        std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&taken))?;
        let opened = states.wait_for(|state| *state != State::Off);
        if timeout(OPEN_WAIT, opened).await.is_err() {
            state.send_replace(State::Unavailable(JournalFault::Stalled));
        }
        Ok(Self {
            shared: Arc::new(Shared {
                path,
                jobs,
                state,
                newest,
                metrics,
            }),
        })
    }

    /// The file, for readers.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Whether it is written; changes are seen by whoever waits for them.
    pub fn state(&self) -> watch::Receiver<State> {
        self.shared.state.subscribe()
    }

    /// The newest row: for readers who wait for more.
    pub fn newest(&self) -> watch::Receiver<u64> {
        self.shared.newest.subscribe()
    }

    /// Appends; what is acknowledged is on the disk.
    ///
    /// # Errors
    /// When it was not written, or is not known to be within [`APPEND_WAIT`]. It is not tried again:
    /// the next append finds that something is missing, and puts the whole status in.
    pub async fn append(&self, item: Item) -> Result<(), Lost> {
        let events = item.events();
        let done = self.send(item).await;
        if done.is_err() {
            self.shared.metrics.lost(events);
        }
        done
    }

    async fn send(&self, item: Item) -> Result<(), Lost> {
        self.usable()?;
        let (reply, mut answer) = oneshot::channel();
        self.give(Job::Append(item, reply))?;
        match timeout(APPEND_WAIT, &mut answer).await {
            Ok(Ok(done)) => done.map_err(Lost::Unavailable),
            Ok(Err(_)) => Err(Lost::Unavailable(JournalFault::Broken)),
            Err(_) => {
                let fault = JournalFault::Stalled;
                self.shared.state.send_replace(State::Unavailable(fault));
                // Said before: the writer says the contrary when it finds that nobody waits.
                answer.close();
                let Ok(done) = answer.try_recv() else {
                    return Err(Lost::Unavailable(fault));
                };
                self.shared.state.send_replace(State::Available);
                done.map_err(Lost::Unavailable)
            }
        }
    }

    /// The MCPServers that exist as far as the journal knows; none if it cannot be asked now.
    pub async fn alive(&self) -> Vec<Key> {
        let (reply, answer) = oneshot::channel();
        if self.usable().is_err() || self.give(Job::Alive(reply)).is_err() {
            return Vec::new();
        }
        let alive = timeout(APPEND_WAIT, answer).await;
        alive.ok().and_then(Result::ok).unwrap_or_default()
    }

    /// Closes the file, so that it can be copied alone. Nothing is appended after.
    pub async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.give(Job::Close(reply)).is_err() || timeout(CLOSE_WAIT, closed).await.is_err() {
            tracing::warn!("Journal was not closed in time; its last changes lie beside its file");
        }
    }

    fn usable(&self) -> Result<(), Lost> {
        match *self.shared.state.borrow() {
            State::Off | State::Available => Ok(()),
            State::Unavailable(fault) => Err(Lost::Unavailable(fault)),
        }
    }

    fn give(&self, job: Job) -> Result<(), Lost> {
        self.shared.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Lost::Overflow,
            TrySendError::Disconnected(_) => Lost::Unavailable(JournalFault::Broken),
        })
    }
}

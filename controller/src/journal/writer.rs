//! The one thread that writes: a disk blocks, and a pass must not.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use hivewright_core::{Journal as State, JournalFault};
use jiff::Timestamp;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use super::aside;
use super::fault::{Meaning, meaning};
use super::handle::Settings;
use super::store::{Error, Item, Store};
use crate::key::Key;
use crate::metrics::JournalMetrics;

/// Most appends of one transaction: what waits when the disk is done with the last goes to it
/// together.
const GROUP: usize = 64;

/// How often the journal is looked through for what is beyond its limits.
const SHORTEN: Duration = Duration::from_mins(1);

/// So many events are appended at most before that is done anyway: 2 MB or less.
const SHORTEN_AFTER: u64 = 4_096;

/// How long after a failure the disk is tried again; each failure in a row doubles it.
const RETRY_FIRST: Duration = Duration::from_secs(1);
/// And how long at most.
const RETRY_MOST: Duration = Duration::from_secs(30);

/// How an append ended.
type Done = Result<(), JournalFault>;

/// What the writer is asked for.
#[derive(Debug)]
pub(super) enum Job {
    /// Append this.
    Append(Item, oneshot::Sender<Done>),
    /// Tell which MCPServers exist.
    Alive(oneshot::Sender<Vec<Key>>),
    /// End.
    Close(oneshot::Sender<()>),
}

/// The writer.
#[derive(Debug)]
pub(super) struct Writer {
    settings: Settings,
    /// `None` while the file cannot be written.
    store: Option<Store>,
    state: watch::Sender<State>,
    newest: watch::Sender<u64>,
    metrics: JournalMetrics,
    /// When the file is tried again, or looked through.
    due: Instant,
    retry: Duration,
    /// Events appended since the file was looked through.
    appended: u64,
}

impl Writer {
    pub(super) fn new(
        settings: Settings,
        (state, newest): (watch::Sender<State>, watch::Sender<u64>),
        metrics: JournalMetrics,
    ) -> Self {
        Self {
            settings,
            store: None,
            state,
            newest,
            metrics,
            due: Instant::now(),
            retry: RETRY_FIRST,
            appended: 0,
        }
    }

    /// Works until it is told to close, or nobody is left to ask.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        self.open();
        loop {
            match jobs.recv_timeout(self.due.saturating_duration_since(Instant::now())) {
                Ok(Job::Close(reply)) => return self.close(reply),
                Ok(first) => {
                    if let Some(reply) = self.work(first, jobs) {
                        return self.close(reply);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if Instant::now() >= self.due {
                self.tend();
            }
        }
    }

    /// Does this job, and those that wait already; gives who asked for an end, if anybody did.
    fn work(&mut self, first: Job, jobs: &Receiver<Job>) -> Option<oneshot::Sender<()>> {
        let (mut items, mut replies) = (Vec::new(), Vec::new());
        let mut end = None;
        for job in std::iter::once(first).chain(jobs.try_iter().take(GROUP - 1)) {
            match job {
                Job::Append(item, reply) => {
                    items.push(item);
                    replies.push(reply);
                }
                Job::Alive(reply) => {
                    // Nobody waits any more: fine.
                    let _ = reply.send(self.alive());
                }
                Job::Close(reply) => end = Some(reply),
            }
        }
        if !items.is_empty() {
            let done = self.append(&items);
            let told = replies.into_iter().map(|reply| reply.send(done));
            let unheard = told.filter(Result::is_err).count();
            // Who gave up has said that the disk stalls.
            if unheard > 0 && done.is_ok() {
                self.say(State::Available);
            }
        }
        end
    }

    fn append(&mut self, items: &[Item]) -> Done {
        let began = Instant::now();
        let fault = match self.write(items) {
            Ok(done) => {
                self.metrics.appended(began.elapsed());
                return done;
            }
            Err(error) => self.failed(&error),
        };
        // The file was damaged and is a new one now: once more.
        match self.write(items) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(fault),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Appends, if the file is open.
    fn write(&mut self, items: &[Item]) -> Result<Done, Error> {
        let Some(store) = &mut self.store else {
            return Ok(Err(self.fault()));
        };
        let appended = store.append(items)?;
        self.metrics.bytes(store.bytes()?);
        self.metrics.stored(appended.events);
        self.appended += appended.events;
        if self.appended >= SHORTEN_AFTER {
            self.due = Instant::now();
        }
        if appended.events > 0 {
            self.newest.send_replace(appended.newest);
        }
        Ok(Ok(()))
    }

    fn fault(&self) -> JournalFault {
        match *self.state.borrow() {
            State::Unavailable(fault) => fault,
            State::Off | State::Available => JournalFault::Unreachable,
        }
    }

    fn alive(&mut self) -> Vec<Key> {
        let Some(store) = &self.store else {
            return Vec::new();
        };
        match store.alive() {
            Ok(alive) => alive,
            Err(error) => {
                self.failed(&error);
                Vec::new()
            }
        }
    }

    /// What is to be done beside appending: the file is tried again, or shortened.
    fn tend(&mut self) {
        let available = *self.state.borrow() == State::Available;
        match &mut self.store {
            None => self.open(),
            Some(store) if !available => match store.probe() {
                Ok(()) => self.opened(),
                Err(error) => {
                    self.failed(&error);
                }
            },
            Some(store) => match store.shorten(&self.settings.limits, Timestamp::now()) {
                Ok(done) => {
                    self.metrics.removed(done);
                    self.appended = 0;
                    let wait = if done.more { Duration::ZERO } else { SHORTEN };
                    self.due = Instant::now() + wait;
                }
                Err(error) => {
                    self.failed(&error);
                }
            },
        }
    }

    fn open(&mut self) {
        let opened =
            Store::open(&self.settings.path).and_then(|mut store| store.probe().map(|()| store));
        match opened {
            Ok(store) => {
                self.store = Some(store);
                self.opened();
            }
            Err(error) => {
                self.failed(&error);
            }
        }
    }

    /// The file can be written.
    fn opened(&mut self) {
        self.retry = RETRY_FIRST;
        self.due = Instant::now();
        if let Some(newest) = self.store.as_ref().and_then(|store| store.newest().ok()) {
            self.newest.send_replace(newest);
        }
        self.say(State::Available);
    }

    /// Says why the file cannot be written, and sees that it is tried again; a damaged one is
    /// replaced at once.
    fn failed(&mut self, error: &Error) -> JournalFault {
        self.store = None;
        let fault = match meaning(error) {
            Meaning::Fault(fault) => fault,
            Meaning::Damaged => match self.replace(error) {
                Ok(store) => {
                    self.store = Some(store);
                    self.opened();
                    return JournalFault::Broken;
                }
                Err(fault) => fault,
            },
        };
        self.due = Instant::now() + self.retry;
        self.retry = (self.retry * 2).min(RETRY_MOST);
        let before = self.say(State::Unavailable(fault));
        if before != State::Unavailable(fault) {
            self.metrics.fault(State::Unavailable(fault));
            tracing::error!(
                path = %self.settings.path.display(),
                reason = State::Unavailable(fault).reason().as_str(),
                error = error as &dyn std::error::Error,
                "Journal cannot be written; reconciling goes on without it"
            );
        }
        fault
    }

    fn replace(&mut self, error: &Error) -> Result<Store, JournalFault> {
        let path = &self.settings.path;
        let kept = aside::put(path).map_err(|_| JournalFault::Unreachable)?;
        self.metrics.replaced();
        tracing::error!(
            path = %path.display(),
            kept = %kept.display(),
            error = error as &dyn std::error::Error,
            "Journal cannot be used and was moved aside; a new one begins"
        );
        Store::open(path).map_err(|error| match meaning(&error) {
            Meaning::Fault(fault) => fault,
            // A new file that is damaged at once: the disk.
            Meaning::Damaged => JournalFault::Broken,
        })
    }

    /// The state before.
    fn say(&self, state: State) -> State {
        self.metrics.up(state == State::Available);
        let before = *self.state.borrow();
        if before != state {
            if matches!(before, State::Unavailable(_)) && state == State::Available {
                tracing::info!("Journal can be written again");
            }
            self.state.send_replace(state);
        }
        before
    }

    fn close(self, reply: oneshot::Sender<()>) {
        if let Some(Err(error)) = self.store.as_ref().map(Store::settle) {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "Last changes of the journal lie beside its file"
            );
        }
        drop(self.store);
        // Nobody waits any more: fine.
        let _ = reply.send(());
    }
}

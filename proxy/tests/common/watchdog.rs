//! Ends tests that hang.

use std::{process, sync::mpsc, thread, time::Duration};

/// Longest that one test takes, by the clock of the wall: some run in paused time, where a timeout of
/// the runtime would come before what it waits for.
const PATIENCE: Duration = Duration::from_mins(2);

/// Ends the tests with a message if it is not dropped in time, so that what is broken fails them
/// rather than hanging them.
#[derive(Debug)]
pub(crate) struct Watchdog {
    _alive: mpsc::Sender<()>,
}

impl Watchdog {
    /// Begins to wait. To be called in the test's own thread, which has its name.
    pub(crate) fn start() -> Self {
        let (alive, ended) = mpsc::channel::<()>();
        let test = thread::current().name().unwrap_or("a test").to_owned();
        thread::spawn(move || {
            if ended.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                eprintln!("{test} waits for something that does not happen");
                process::exit(1);
            }
        });
        Self { _alive: alive }
    }
}

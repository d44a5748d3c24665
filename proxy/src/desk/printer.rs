//! The thread that writes the live view: whoever stops the terminal must not stop the bridges.

use std::{
    io::{self, Write as _},
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError, SyncSender, TrySendError},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use hivewright_bridge::io::Output;
use parking_lot::Mutex;

use super::{Fold, View, What};
use crate::driver::Seen;

/// Things that may wait to be shown: a burst of some thousand calls.
pub const MAX_WAITING: usize = 4096;
/// How often it is looked for calls that take long.
const LOOK: Duration = Duration::from_secs(1);

/// What goes to the thread.
#[derive(Debug)]
struct Item {
    at: jiff::Timestamp,
    pod: usize,
    what: What,
    /// How many before it were not shown.
    lost: u64,
}

/// The sending end.
#[derive(Debug)]
pub(super) struct Printer {
    queue: Mutex<Option<SyncSender<Item>>>,
    lost: AtomicU64,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Printer {
    /// Starts the thread, if there is anything to print in this view.
    pub(super) fn start(view: View) -> io::Result<Option<Self>> {
        let fold = match view {
            View::Log => return Ok(None),
            View::Live(paint) => Fold::new(paint),
            View::Quiet(paint) => Fold::quiet(paint),
        };
        let (queue, items) = mpsc::sync_channel(MAX_WAITING);
        let thread = thread::Builder::new().name("live-view".to_owned());
        let thread = thread.spawn(move || print(fold, &items))?;
        Ok(Some(Self {
            queue: Mutex::new(Some(queue)),
            lost: AtomicU64::new(0),
            thread: Mutex::new(Some(thread)),
        }))
    }

    pub(super) fn saw(&self, pod: usize, seen: Seen<'_>) {
        let what = match seen {
            Seen::Output(Output::Event(event)) => What::Event(event.clone()),
            Seen::Stderr(line) => What::Stderr(String::from_utf8_lossy(line).into_owned()),
            Seen::Command(news) => What::Command(news.clone()),
            Seen::Input(_) | Seen::Output(_) => return,
        };
        let item = Item {
            at: jiff::Timestamp::now(),
            pod,
            what,
            lost: self.lost.swap(0, Ordering::AcqRel),
        };
        if let Some(queue) = &*self.queue.lock()
            && let Err(TrySendError::Full(item)) = queue.try_send(item)
        {
            self.lost.fetch_add(item.lost + 1, Ordering::AcqRel);
        }
    }

    /// Prints what waits, and the sum of it all.
    pub(super) fn finish(&self) {
        drop(self.queue.lock().take());
        if let Some(thread) = self.thread.lock().take() {
            // A panic there has printed its own message.
            let _ = thread.join();
        }
    }
}

fn print(mut fold: Fold, items: &mpsc::Receiver<Item>) {
    loop {
        let lines = match items.recv_timeout(LOOK) {
            Ok(item) => {
                let mut lines = fold.lost(item.lost);
                lines.extend(fold.saw(&clock(item.at), item.pod, item.what));
                lines
            }
            Err(RecvTimeoutError::Timeout) => fold.look(&clock(jiff::Timestamp::now())),
            Err(RecvTimeoutError::Disconnected) => {
                write(&fold.sum());
                return;
            }
        };
        write(&lines);
    }
}

/// The time of day on this machine.
fn clock(at: jiff::Timestamp) -> super::fold::Clock {
    let local = at.to_zoned(jiff::tz::TimeZone::system());
    super::fold::Clock {
        text: local.strftime("%H:%M:%S").to_string(),
        seconds: at.as_second(),
    }
}

fn write(lines: &[String]) {
    let mut err = io::stderr().lock();
    for line in lines {
        // A closed stderr leaves nobody to tell.
        let _ = writeln!(err, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::CommandNews;

    #[test]
    fn a_terminal_that_is_stopped_costs_lines_and_no_time() {
        let (queue, items) = mpsc::sync_channel(1);
        let printer = Printer {
            queue: Mutex::new(Some(queue)),
            lost: AtomicU64::new(0),
            thread: Mutex::new(None),
        };
        let news = CommandNews::Started { pid: 1 };
        for _ in 0..4 {
            printer.saw(0, Seen::Command(&news));
        }
        items.recv().expect("the first");
        printer.saw(0, Seen::Command(&news));
        assert_eq!(items.recv().expect("the one after the gap").lost, 3);
    }
}

//! The thread that writes the live view: whoever stops the terminal must not stop the bridges.

use std::{
    io,
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError, SyncSender, TrySendError},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use hivewright_bridge::io::Output;
use parking_lot::Mutex;

use super::{
    Fold, View, What,
    out::{self, Place},
};
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

/// What the thread does.
#[derive(Debug)]
enum Job {
    /// Shows this.
    Show(Item),
    /// Writes this to stdout, between what it shows.
    Say(String),
}

/// The sending end.
#[derive(Debug)]
pub(super) struct Printer {
    queue: Mutex<Option<SyncSender<Job>>>,
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
        let (queue, jobs) = mpsc::sync_channel(MAX_WAITING);
        let thread = thread::Builder::new().name("live-view".to_owned());
        let thread = thread.spawn(move || print(fold, &jobs, out::width, out::write))?;
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
            && let Err(TrySendError::Full(Job::Show(item))) = queue.try_send(Job::Show(item))
        {
            self.lost.fetch_add(item.lost + 1, Ordering::AcqRel);
        }
    }

    /// Writes this to stdout after all that waits. Blocks while the queue is full: unlike what
    /// happens, it must not be lost.
    pub(super) fn say(&self, text: String) {
        let queue = self.queue.lock().clone();
        let said = match queue {
            Some(queue) => queue.send(Job::Say(text)).map_err(|error| error.0),
            None => Err(Job::Say(text)),
        };
        if let Err(Job::Say(text)) = said {
            out::write(Place::Stdout, &text);
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

/// The only writer while the view lasts.
fn print(
    mut fold: Fold,
    jobs: &mpsc::Receiver<Job>,
    width: impl Fn() -> Option<usize>,
    mut write: impl FnMut(Place, &str),
) {
    let show = |lines: Vec<String>| {
        let lines = lines.into_iter().map(|line| line + "\n");
        (Place::Stderr, lines.collect::<String>())
    };
    loop {
        let job = jobs.recv_timeout(LOOK);
        fold.fit(width());
        let (place, text) = match job {
            Ok(Job::Show(item)) => {
                let mut lines = fold.lost(item.lost);
                lines.extend(fold.saw(&clock(item.at), item.pod, item.what));
                show(lines)
            }
            Ok(Job::Say(text)) => (Place::Stdout, text),
            Err(RecvTimeoutError::Timeout) => show(fold.look(&clock(jiff::Timestamp::now()))),
            Err(RecvTimeoutError::Disconnected) => {
                let (place, text) = show(fold.sum());
                return write(place, &text);
            }
        };
        write(place, &text);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{desk::Paint, driver::CommandNews};

    #[test]
    fn a_terminal_that_is_stopped_costs_lines_and_no_time() {
        let (queue, jobs) = mpsc::sync_channel(1);
        let printer = Printer {
            queue: Mutex::new(Some(queue)),
            lost: AtomicU64::new(0),
            thread: Mutex::new(None),
        };
        let news = CommandNews::Started { pid: 1 };
        for _ in 0..4 {
            printer.saw(0, Seen::Command(&news));
        }
        jobs.recv().expect("the first");
        printer.saw(0, Seen::Command(&news));
        let next = jobs.recv().expect("the one after the gap");
        assert!(matches!(next, Job::Show(Item { lost: 3, .. })), "{next:?}");
    }

    #[test]
    fn what_is_said_comes_between_what_is_shown_in_whole_lines() {
        let (queue, jobs) = mpsc::sync_channel(MAX_WAITING);
        let printer = Printer {
            queue: Mutex::new(Some(queue)),
            lost: AtomicU64::new(0),
            thread: Mutex::new(None),
        };
        printer.saw(0, Seen::Stderr(b"one"));
        printer.say("served\n".to_owned());
        printer.saw(0, Seen::Stderr(b"two"));
        printer.finish();
        let mut written = Vec::new();
        let write = |place, text: &str| written.push((place, text.to_owned()));
        print(Fold::new(Paint::Plain), &jobs, || None, write);
        let [one, served, two, sum] = &written[..] else {
            panic!("{written:?}");
        };
        assert!(one.1.ends_with("stderr | one\n"), "{one:?}");
        assert_eq!(*served, (Place::Stdout, "served\n".to_owned()));
        assert!(two.1.ends_with("stderr | two\n"), "{two:?}");
        assert!(sum.1.ends_with(" of the server\n"), "{sum:?}");
    }

    #[test]
    fn the_width_is_asked_for_each_time_something_is_drawn() {
        let (queue, jobs) = mpsc::sync_channel(MAX_WAITING);
        let news = CommandNews::Started { pid: 1 };
        for _ in 0..2 {
            let item = Item {
                at: jiff::Timestamp::UNIX_EPOCH,
                pod: 0,
                what: What::Command(news.clone()),
                lost: 0,
            };
            queue.send(Job::Show(item)).expect("room");
        }
        drop(queue);
        let widths = std::cell::RefCell::new(vec![30, 30, 200]);
        let mut written = Vec::new();
        let write = |_, text: &str| written.push(text.to_owned());
        let width = || widths.borrow_mut().pop();
        print(Fold::new(Paint::Plain), &jobs, width, write);
        assert!(written[0].ends_with("            server started, process 1\n"));
        assert_eq!(written[1], "server started, process 1\n");
    }
}

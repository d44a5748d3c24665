//! Watching a bridge: everything that goes into its hub and comes out of it, as it happens.

use std::{
    fmt::Debug,
    sync::{Arc, OnceLock},
    time::Duration,
};

use hivewright_bridge::io::{Input, Output};

use super::Bridge;

/// One thing that was seen.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'a> {
    /// The hub is about to take this.
    Input(&'a Input),
    /// The driver is about to carry this out.
    Output(&'a Output),
    /// One line of the server's stderr.
    Stderr(&'a [u8]),
    /// What became of the command behind the bridge.
    Command(&'a CommandNews),
}

/// What became of a local command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandNews {
    /// A process runs.
    Started {
        /// Its process id.
        pid: i32,
    },
    /// The process is over: by itself, or because it was of no use any more.
    Ended {
        /// How, for people: an exit status, or what the proxy saw.
        how: Arc<str>,
    },
    /// It is started again after this time.
    Waiting {
        /// The back-off.
        wait: Duration,
    },
    /// It could not be started; this is tried again.
    NotStarted {
        /// Why, for people.
        why: Arc<str>,
    },
}

/// Sees what happens at one or more bridges. Called under the driver's lock, so it must not wait
/// and must not call the bridge.
pub trait Observer: Debug + Send + Sync {
    /// `pod` is the bridge's ordinal in its fleet.
    fn saw(&self, pod: usize, seen: Seen<'_>);
}

/// Several that see the same, in order.
impl Observer for Vec<Arc<dyn Observer>> {
    fn saw(&self, pod: usize, seen: Seen<'_>) {
        for observer in self {
            observer.saw(pod, seen);
        }
    }
}

/// The observer of one bridge, if it has any.
#[derive(Debug, Default)]
pub(super) struct Watcher(OnceLock<(usize, Arc<dyn Observer>)>);

impl Watcher {
    /// Costs one look at a flag if nobody watches.
    pub(super) fn saw(&self, seen: Seen<'_>) {
        if let Some((pod, observer)) = self.0.get() {
            observer.saw(*pod, seen);
        }
    }
}

impl Bridge {
    /// Lets an observer see everything from now on. A bridge has one for life; a second one is
    /// ignored.
    pub fn observe(&self, pod: usize, observer: Arc<dyn Observer>) {
        // Set already: the fleet offers the same observer again when it finds a bridge twice.
        let _ = self.0.watcher.0.set((pod, observer));
    }

    /// Tells the observer what became of the command behind the bridge.
    pub fn command_news(&self, news: &CommandNews) {
        self.0.watcher.saw(Seen::Command(news));
    }
}

#[cfg(test)]
mod tests {
    use hivewright_bridge::{hub::HubConfig, io::Loss};
    use parking_lot::Mutex;

    use super::*;
    use crate::metrics::Metrics;

    #[derive(Debug, Default)]
    struct Names(Mutex<Vec<String>>);

    impl Observer for Names {
        fn saw(&self, pod: usize, seen: Seen<'_>) {
            let name = match seen {
                Seen::Input(input) => format!("{input:?}"),
                Seen::Output(output) => format!("{output:?}"),
                Seen::Stderr(line) => format!("Stderr {}", String::from_utf8_lossy(line)),
                Seen::Command(news) => format!("{news:?}"),
            };
            let word = name.split(['(', ' ', '{']).next().unwrap_or_default();
            self.0.lock().push(format!("{pod} {word}"));
        }
    }

    #[tokio::test]
    async fn an_observer_sees_inputs_outputs_stderr_and_the_command_in_order() {
        let bridge = Bridge::new(HubConfig::new("1"), Metrics::new());
        let names = Arc::new(Names::default());
        bridge.observe(3, names.clone());
        let _queue = bridge.server_up();
        bridge.server_stderr(b"hello");
        bridge.command_news(&CommandNews::Started { pid: 1 });
        bridge.server_down(Loss::ProcessExited);
        let seen = names.0.lock().join(", ");
        let first = "3 Server, 3 ToServer, 3 Event, 3 Stderr, 3 Started, 3 Server";
        assert!(seen.starts_with(first), "{seen}");
    }
}
